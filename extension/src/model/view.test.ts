import { describe, expect, it } from 'vitest';
import { Api } from '../api';
import { ITile, ITileRequest } from '../types';
import { plotOf } from './testing';
import { ViewModel } from './view';

const shape = [1000, 1024, 1024];

const plot = plotOf(shape, {
  chunks: [1, 1024, 1024],
  bytes: 2 * 1000 * 1024 * 1024,
  first: 3
});

function tileOf(request: ITileRequest): ITile {
  const [rows, columns] = request.axes.map(axis => shape[axis]);
  return {
    shape: [2, 2],
    full: [rows, columns],
    box: [0, rows, 0, columns],
    level: 9,
    step: request.step ?? 1,
    lo: 10,
    hi: 20,
    minimum: 0,
    maximum: 99,
    bad: 0,
    missing: 0,
    hot: 0,
    masked: 0,
    saturated: 0,
    histogram: { lo: 0, hi: 1, counts: [] },
    scale: 'linear',
    axes: request.axes,
    index: request.index,
    codes: new Uint8Array(4)
  };
}

async function opened() {
  const asked: ITileRequest[] = [];
  const api = {
    plot: () => Promise.resolve(plot),
    tile: (request: ITileRequest) => {
      asked.push(request);
      return Promise.resolve(tileOf(request));
    }
  } as unknown as Api;
  const model = new ViewModel(api, 'a.h5');
  await model.open();
  model.resize(600, 800);
  const settle = () => new Promise(resolve => setTimeout(resolve, 5));
  await settle();
  return { model, asked, settle, api };
}

describe('view', () => {
  it('opens at the frame the server chose, and fetches the next one ahead', async () => {
    const { model, asked } = await opened();
    expect(asked.map(r => r.index)).toEqual([[3], [4]]);
    expect([model.busy, model.look.lo, model.look.hi]).toEqual([false, 10, 20]);
    expect(model.code).toBe('daisy.open("a.h5")["data"][3]');
  });

  it('looks first at some rows of a cut, and keeps no contrast from that', async () => {
    const { model, asked, settle } = await opened();
    asked.length = 0;

    model.setAxis(0, 0);
    await settle();

    expect(asked.map(r => [r.axes, r.index, r.step])).toEqual([
      [[0, 2], [512], 15],
      [[0, 2], [512], 1]
    ]);
    expect([model.busy, model.tile?.step]).toEqual([false, 1]);
    expect(model.sliders).toEqual([1]);
    expect(model.code).toBe('daisy.open("a.h5")["data"][:, 512]');
  });

  it('is not left waiting when its area changes while a picture is on its way', async () => {
    const { model, settle } = await opened();
    model.setProject({ how: 'max', axis: 0, first: 0, end: 5 });
    model.resize(900, 800);
    await settle();
    expect(model.busy).toBe(false);
    expect([model.sliders, model.index]).toEqual([[], []]);
    expect(model.code).toBe(
      'daisy.open("a.h5")["data"].reduce("max", axis=0, selection=(slice(0, 5),))["max"]'
    );
  });

  it('goes back to what was shown before when the reading is cancelled', async () => {
    const { model, api } = await opened();
    const before = model.look;
    const aborted: boolean[] = [];
    const heard: (string | undefined)[] = [];
    api.tile = (_request, signal, _previewed, ticket) => {
      signal!.addEventListener('abort', () => aborted.push(true));
      heard.push(ticket);
      return new Promise(() => undefined);
    };
    model.setProject({ how: 'mean', axis: 0, first: 0, end: 1000 });
    const ticket = heard[0]!;
    model.work.hear({ ticket: 'of another view', done: 9, total: 1000 });
    expect(model.work.done).toBe(0);
    model.work.hear({ ticket, done: 500, total: 1000 });
    expect([model.busy, model.work.done]).toEqual([true, 500]);

    model.cancel();

    expect(aborted).toEqual([true]);
    expect([model.busy, model.work.since]).toEqual([false, null]);
    expect(model.look).toEqual(before);
  });

  it('is not left waiting when another viewer is chosen', async () => {
    const { model, settle } = await opened();
    model.move(0, 500);
    model.setViewer('Line');
    await settle();
    expect(model.busy).toBe(false);
    expect(model.sliders).toEqual([0, 1]);
    expect(model.index).toEqual([500, 512]);
  });

  it('plays one frame after the other, as they are drawn', async () => {
    const { model, settle } = await opened();
    model.play.speed = 1e6;
    const seen: number[] = [];
    model.togglePlay(0);
    for (let i = 0; i < 4; i++) {
      await settle();
      seen.push(model.tile!.index[0]);
      model.onScreen();
      await settle();
    }
    model.togglePlay(0);
    expect(seen).toEqual([4, 5, 6, 7]);
  });
});
