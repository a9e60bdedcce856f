import { describe, expect, it } from 'vitest';
import { Api } from '../api';
import { ITile, ITileRequest } from '../types';
import { Linked } from './linked';
import { plotOf } from './testing';
import { ViewModel } from './view';

async function view(path: string, shape: number[], lo: number) {
  const asked: ITileRequest[] = [];
  const tile = (request: ITileRequest) => {
    asked.push(request);
    return Promise.resolve({
      shape: [2, 2],
      full: [8, 8],
      box: [0, 8, 0, 8],
      level: 0,
      step: 1,
      lo: request.lo ?? lo,
      hi: request.hi ?? lo + 10,
      axes: request.axes,
      index: request.index,
      codes: new Uint8Array(4)
    } as ITile);
  };
  const api = { plot: async () => plotOf(shape), tile } as unknown as Api;
  const model = new ViewModel(api, path);
  await model.open();
  model.resize(256, 256);
  return { model, asked };
}

const settle = () => new Promise(resolve => setTimeout(resolve, 10));

describe('linked views', () => {
  it('go to the same frame, part and contrast, in both directions', async () => {
    const a = (await view('a', [9, 8, 8], 1)).model;
    const b = (await view('b', [9, 8, 8], 5)).model;
    await settle();
    new Linked([a, b]);
    await settle();
    expect([b.look.lo, b.look.hi]).toEqual([1, 11]);

    a.move(0, 4);
    b.setBox([0, 4, 2, 6]);
    b.setScale('log');
    await settle();

    expect(b.look.position[0]).toBe(4);
    expect([a.look.box, a.look.scale]).toEqual([[0, 4, 2, 6], 'log']);
    expect([a.busy, b.busy]).toEqual([false, false]);
  });

  it('ask no more than once for what both are told', async () => {
    const { model: a } = await view('a', [9, 8, 8], 1);
    const { model: b, asked } = await view('b', [9, 8, 8], 5);
    await settle();
    new Linked([a, b]);
    await settle();
    asked.length = 0;
    a.setBox([0, 4, 0, 4]);
    await settle();
    const boxed = asked.filter(
      request => request.box?.join() === '0,4,0,4' && request.index[0] === 0
    );
    expect(boxed.length).toBe(1);
  });

  it('keep their own place where the data have another shape', async () => {
    const a = (await view('a', [9, 8, 8], 1)).model;
    const b = (await view('b', [3, 4, 4], 5)).model;
    await settle();
    new Linked([a, b]);
    a.move(0, 7);
    a.setBox([0, 8, 0, 8]);
    a.setMap('inferno');
    await settle();
    expect([b.look.position[0], b.look.box, b.look.map]).toEqual([
      2,
      null,
      'inferno'
    ]);
  });

  it('show each other the pointer, until one is set free or closed', async () => {
    const a = (await view('a', [9, 8, 8], 1)).model;
    const b = (await view('b', [9, 8, 8], 5)).model;
    new Linked([a, b]);
    a.point({ row: 3, column: 4 });
    expect(b.remote).toEqual({ row: 3, column: 4 });
    a.point(null);
    expect(b.remote).toBeNull();

    b.point({ row: 1, column: 1 });
    a.dispose();
    expect([b.linked, a.remote]).toEqual([null, null]);
    b.move(0, 5);
    expect(a.look.position[0]).toBe(0);
  });
});
