import { deflateSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { decodeTile, readTiles } from '../frame';
import { ITile, ITileRequest } from '../types';
import { ByteCache } from './cache';
import { fits, lineOfCode } from './code';
import { colourise, colourTable, NO_DATA } from './colormap';
import { outputsById, recordingText, sameSources } from './recording';
import {
  dateText,
  numberText,
  resultName,
  shapeText,
  shortDateText,
  sizeText,
  valueText
} from './text';
import { Tiles } from './tiles';
import { boxAfterZoom, boxMoved, fitBox, wholeBox } from './zoom';

const request = (index: number): ITileRequest => ({
  path: 'a.nxs',
  node: 'entry/data/data',
  axes: [1, 2],
  index: [index],
  max: [512, 512],
  lo: null,
  hi: null,
  scale: 'linear',
  box: null
});

const tile = (index: number): ITile => ({
  shape: [2, 2],
  full: [2, 2],
  box: [0, 2, 0, 2],
  level: 0,
  lo: 0,
  hi: 1,
  minimum: 0,
  maximum: 1,
  bad: 0,
  hot: 0,
  masked: 0,
  saturated: 0,
  histogram: { lo: 0, hi: 1, counts: [] },
  scale: 'linear',
  step: 1,
  missing: 0,
  axes: [1, 2],
  index: [index],
  codes: new Uint8Array(4)
});

function server() {
  const open: {
    index: number;
    answer: () => void;
    preview: () => void;
    fail: (e: Error) => void;
    signal: AbortSignal;
  }[] = [];
  const fetch = vi.fn(
    (
      wanted: ITileRequest,
      signal: AbortSignal,
      previewed: (tile: ITile) => void
    ) =>
      new Promise<ITile>((resolve, reject) => {
        const index = wanted.index[0];
        open.push({
          index,
          answer: () => resolve(tile(index)),
          preview: () => previewed(tile(index)),
          fail: reject,
          signal
        });
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      })
  );
  const shown: number[] = [];
  const failed = vi.fn();
  const previews: number[] = [];
  const tiles = new Tiles(
    fetch,
    t => shown.push(t.index[0]),
    failed,
    t => previews.push(t.index[0])
  );
  const settle = () => new Promise(resolve => setTimeout(resolve));
  return { open, fetch, shown, previews, failed, tiles, settle };
}

describe('tiles', () => {
  it('asks at once, and keeps only the latest wish', async () => {
    const { open, shown, tiles, settle } = server();

    [0, 1, 2, 3].forEach(i => tiles.want(request(i)));
    open[0].answer();
    await settle();
    open[1].answer();
    await settle();

    expect(open.map(o => o.index)).toEqual([0, 3]);
    expect(shown).toEqual([0, 3]);
  });

  it('shows the preview of what is wanted, not of what is fetched ahead', async () => {
    const { open, shown, previews, tiles, settle } = server();

    tiles.want(request(0));
    open[0].preview();
    open[0].answer();
    await settle();
    tiles.prefetch(request(1));
    open[1].preview();
    expect(previews).toEqual([0]);

    tiles.want(request(1));

    expect(previews).toEqual([0, 1]);
    expect(shown).toEqual([0]);
  });

  it('does not wait for a slow answer when something newer is wanted', async () => {
    vi.useFakeTimers();
    const { open, failed, tiles } = server();

    tiles.want(request(0));
    tiles.want(request(5));
    await vi.advanceTimersByTimeAsync(300);

    expect(open.map(o => [o.index, o.signal.aborted])).toEqual([
      [0, true],
      [5, false]
    ]);
    expect(failed).not.toHaveBeenCalled();
    vi.useRealTimers();
  });

  it('shows a known frame without asking again', async () => {
    const { open, fetch, shown, tiles, settle } = server();
    tiles.want(request(0));
    open[0].answer();
    await settle();

    tiles.want(request(0));

    expect(fetch).toHaveBeenCalledTimes(1);
    expect(shown).toEqual([0, 0]);
  });

  it('uses a neighbour that is already on its way', async () => {
    const { open, shown, tiles, settle } = server();
    tiles.prefetch(request(1));

    tiles.want(request(1));
    open[0].answer();
    await settle();

    expect(open).toHaveLength(1);
    expect(shown).toEqual([1]);
  });

  it('aborts a neighbour that is not wanted', () => {
    const { open, tiles } = server();
    tiles.prefetch(request(1));

    tiles.want(request(7));

    expect(open.map(o => o.signal.aborted)).toEqual([true, false]);
  });

  it('goes on after a failure', async () => {
    const { open, failed, shown, tiles, settle } = server();
    tiles.want(request(0));
    tiles.want(request(1));

    open[0].fail(new Error('damaged'));
    await settle();
    open[1].answer();
    await settle();

    expect(failed).toHaveBeenCalledOnce();
    expect(shown).toEqual([1]);
  });
});

describe('cache', () => {
  it('stays within its bytes and forgets what was used longest ago', () => {
    const cache = new ByteCache<string>(10);
    cache.set('a', 'A', 4);
    cache.set('b', 'B', 4);
    cache.get('a');

    cache.set('c', 'C', 4);

    expect([cache.has('a'), cache.has('b'), cache.has('c')]).toEqual([
      true,
      false,
      true
    ]);
    expect(cache.bytes).toBe(8);
  });
});

/** A tile as the server sends it: rows as differences, deflated. */
function tileBody(told: object, rows: number[][]): Uint8Array {
  const steps = rows.flatMap((row, y) =>
    row.map((code, x) => (y ? code - rows[y - 1][x] : code))
  );
  const packed = deflateSync(Uint8Array.from(steps));
  const shape = [rows.length, rows[0].length];
  const head = JSON.stringify({ ...told, shape, bytes: packed.length });
  const text = new TextEncoder().encode(head);
  const start = Math.ceil((4 + text.length) / 8) * 8;
  const body = new Uint8Array(start + packed.length);
  new DataView(body.buffer).setUint32(0, text.length, true);
  body.set(text, 4);
  body.set(packed, start);
  return body;
}

describe('tile body', () => {
  it('is decoded at the aligned offset', async () => {
    const rows = [
      [0, 1, 255],
      [7, 255, 0]
    ];
    const decoded = await decodeTile(tileBody({ lo: 2 }, rows));

    expect([...decoded.codes]).toEqual(rows.flat());
    expect(decoded.lo).toBe(2);
  });

  it.each([1, 7, 40, 1000])(
    'tells a preview before the whole tile, in pieces of %i bytes',
    async size => {
      const small = tileBody({}, [[9]]);
      const whole = tileBody({}, [[1, 2, 3]]);
      const body = [...small, ...whole];
      const stream = new ReadableStream<Uint8Array>({
        start(sink) {
          for (let at = 0; at < body.length; at += size) {
            sink.enqueue(new Uint8Array(body.slice(at, at + size)));
          }
          sink.close();
        }
      });
      const previews: number[][] = [];

      const tile = await readTiles(stream, t => previews.push([...t.codes]));

      expect(previews).toEqual([[9]]);
      expect([...tile.codes]).toEqual([1, 2, 3]);
    }
  );

  it('that is cut says so', async () => {
    const whole = tileBody({}, [[1, 2, 3]]);
    const stream = new ReadableStream<Uint8Array>({
      start(sink) {
        sink.enqueue(whole.slice(0, -1));
        sink.close();
      }
    });

    await expect(readTiles(stream, () => undefined)).rejects.toThrow('cut');
  });
});

describe('colours', () => {
  it('go from black to white, with a colour for no data', () => {
    const codes = new Uint8Array([0, 1, 255]);
    expect([...colourise(codes, { map: 'grey' })]).toEqual([
      ...NO_DATA,
      255,
      0,
      0,
      0,
      255,
      255,
      255,
      255,
      255
    ]);
  });

  it('differ from the one for no data', () => {
    for (const name of ['grey', 'viridis', 'inferno'] as const) {
      const table = colourTable({ map: name });
      const colours = Array.from({ length: 255 }, (_, i) =>
        table.slice((i + 1) * 4, (i + 1) * 4 + 3).join()
      );
      expect(colours).not.toContain(NO_DATA.join());
    }
  });
});

describe('zoom', () => {
  const full: [number, number] = [100, 200];
  const corner = { row: 0, column: 0 };

  it('keeps pixels square and the picture in the middle', () => {
    const fit = fitBox(wholeBox(full), [300, 400]);
    expect([fit.zoom, fit.screen(corner)]).toEqual([
      [2, 2],
      [0, 50]
    ]);
    expect(fit.point(400, 50)).toEqual({ row: 0, column: 200 });
  });

  it('fills the area where pixels need not be square', () => {
    const fit = fitBox(wholeBox(full), [300, 400], false);
    expect([fit.zoom, fit.screen(corner)]).toEqual([
      [3, 2],
      [0, 0]
    ]);
    expect(fit.point(200, 150)).toEqual({ row: 50, column: 100 });
  });

  it('holds the pixel under the pointer, and ends at the whole frame', () => {
    const box = boxAfterZoom(wholeBox(full), full, 50, 100, 0.5);
    expect(box).toEqual([25, 75, 50, 150]);
    expect(boxAfterZoom(box!, full, 50, 100, 4)).toBeNull();
  });

  it('does not leave the frame', () => {
    expect(boxMoved([25, 75, 50, 150], full, -90, 500)).toEqual([
      0, 50, 100, 200
    ]);
  });
});

describe('text', () => {
  it('is short and exact where it can be', () => {
    expect([999, 1500, 2.1e9].map(sizeText)).toEqual([
      '999 B',
      '1.5 kB',
      '2.1 GB'
    ]);
    expect(
      [0, 40, 15.652173, 1e-7, 1.5e9, 'nan', null].map(numberText)
    ).toEqual(['0', '40', '15.65', '1.000e-7', '1.500e+9', 'nan', '–']);
    expect([shapeText([2, 3]), shapeText([])]).toEqual(['2 × 3', 'scalar']);
    expect(valueText(['a', [1, null], { b: true }])).toBe(
      '[a, [1, –], {b: true}]'
    );
  });

  it('gives the time for today and the day for the rest', () => {
    const noon = new Date(2026, 4, 3, 12, 5);
    const seconds = noon.getTime() / 1000;
    expect(dateText(seconds, noon)).toBe('12:05');
    expect(dateText(seconds, new Date(2026, 5, 1))).toBe('2026-05-03 12:05');
    expect(shortDateText(seconds, new Date(2026, 5, 1))).toBe('05-03');
    expect(shortDateText(seconds, new Date(2027, 5, 1))).toBe('2026-05-03');
  });
});

describe('code', () => {
  it('reads what the page shows', () => {
    expect(lineOfCode('B7/2026-0042/raw/a.nxs', 'entry/data/data', [12])).toBe(
      'daisy.open("B7/2026-0042/raw/a.nxs")["entry/data/data"][12]'
    );
    expect(lineOfCode('a "b".nxs', '', [])).toBe('daisy.open("a \\"b\\".nxs")');
    expect(lineOfCode('a.nxs', 'd', [null, 512, null])).toBe(
      'daisy.open("a.nxs")["d"][:, 512]'
    );
  });

  it('knows which template fits', () => {
    expect(fits('tomography', 'tomo')).toBe(true);
    expect(fits('tomo', 'xrf')).toBe(false);
    expect(fits('', '')).toBe(false);
  });
});

describe('resultName', () => {
  it('names scan and run, and nothing that every run has', () => {
    expect(resultName('tooth_0001/run_001/volume.h5')).toBe(
      'tooth_0001 · run_001'
    );
  });

  it('keeps the path of what is no run', () => {
    expect(resultName('mask.h5')).toBe('mask.h5');
    expect(resultName('a/b/c/d.h5')).toBe('a/b/c/d.h5');
  });
});

describe('recording', () => {
  it('tells an edited page from one that only lacks outputs', () => {
    const cell = { id: 'a', cell_type: 'code', source: ['1\n', '2'] };
    const page = { cells: [{ ...cell, outputs: [], execution_count: null }] };
    const disk = {
      cells: [
        { ...cell, source: '1\n2', outputs: [{}], execution_count: 3 },
        { id: 'b', cell_type: 'markdown', source: '' }
      ]
    };

    expect(sameSources(page, { cells: disk.cells.slice(0, 1) })).toBe(true);
    expect(sameSources(page, disk)).toBe(false);
    expect([...outputsById(disk)]).toEqual([
      ['a', { outputs: [{}], count: 3 }]
    ]);
    expect(outputsById(page).size).toBe(0);
  });

  it('says what still runs, and how it ended', () => {
    const told = {
      revision: 1,
      running: true,
      started: '2026-05-03T12:05:00',
      finished: null,
      failed: false,
      cells: [
        { id: 'a', state: 'finished' },
        { id: 'b', state: 'running' }
      ]
    };
    expect(recordingText(told)).toContain('1 cell is not finished');
    expect(
      recordingText({
        ...told,
        running: false,
        failed: true,
        finished: told.started
      })
    ).toContain('stopped with an error');
  });
});
