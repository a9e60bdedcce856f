import { describe, expect, it } from 'vitest';
import {
  areRuns,
  brushed,
  dab,
  edgesOf,
  IRun,
  pointsOf,
  runsOf
} from './paint';
import { Regions, regionsFile, regionsOf } from './regions';
import { IRegion } from './shapes';
import { IPoint } from './zoom';

const FRAME: [number, number] = [24, 30];

/** A small generator of numbers from 0 to 1, the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function pixelsIn(runs: IRun[]): Set<string> {
  return new Set(
    runs.flatMap(({ row, first, end }) =>
      Array.from({ length: end - first }, (_, i) => `${row},${first + i}`)
    )
  );
}

describe('a stroke of the brush', () => {
  it('paints and rubs out the pixels under it, as a raster would have them', () => {
    const next = random(7);
    const anywhere = (): IPoint => ({
      row: next() * 34 - 5,
      column: next() * 40 - 5
    });
    let runs: IRun[] = [];
    const expected = new Set<string>();
    for (let stroke = 0; stroke < 200; stroke++) {
      const brush = { size: 1 + Math.floor(next() * 9), erase: next() < 0.4 };
      const [from, to] = [anywhere(), anywhere()];
      const steps = Math.ceil(
        Math.max(
          Math.abs(to.row - from.row),
          Math.abs(to.column - from.column),
          1
        )
      );
      const middle = (n: number) =>
        brush.size % 2 ? Math.floor(n) + 0.5 : Math.round(n);
      for (let step = 0; step <= steps; step++) {
        const share = step / steps;
        const row = middle(from.row + (to.row - from.row) * share);
        const column = middle(from.column + (to.column - from.column) * share);
        for (let r = 0; r < FRAME[0]; r++) {
          for (let c = 0; c < FRAME[1]; c++) {
            const away = Math.hypot(r + 0.5 - row, c + 0.5 - column);
            if (away <= brush.size / 2 && brush.erase) {
              expected.delete(`${r},${c}`);
            } else if (away <= brush.size / 2) {
              expected.add(`${r},${c}`);
            }
          }
        }
      }

      runs = brushed(runs, from, to, brush, FRAME);

      expect([...pixelsIn(runs)].sort()).toEqual([...expected].sort());
      expect(!runs.length || areRuns(pointsOf(runs))).toBe(true);
      expect(runsOf(pointsOf(runs))).toEqual(runs);
    }
  });

  it('of one pixel paints the pixel that is pointed at', () => {
    expect(dab({ row: 4.9, column: 7.1 }, 1)).toEqual([
      { row: 4, first: 7, end: 8 }
    ]);
    expect(pixelsIn(dab({ row: 4.9, column: 7.1 }, 3)).size).toBe(9);
  });
});

describe('the edges of painted pixels', () => {
  it('lie between a pixel that is painted and one that is not', () => {
    const next = random(3);
    const anywhere = (): IPoint => ({ row: next() * 24, column: next() * 30 });
    let runs: IRun[] = [];
    for (let stroke = 0; stroke < 8; stroke++) {
      const brush = { size: 1 + (stroke % 4), erase: stroke % 3 === 2 };
      runs = brushed(runs, anywhere(), anywhere(), brush, FRAME);
    }
    const painted = pixelsIn(runs);
    const expected = new Set<string>();
    for (let row = 0; row <= FRAME[0]; row++) {
      for (let column = 0; column <= FRAME[1]; column++) {
        const here = painted.has(`${row},${column}`);
        if (here !== painted.has(`${row - 1},${column}`)) {
          expected.add(`lying ${row},${column}`);
        }
        if (here !== painted.has(`${row},${column - 1}`)) {
          expected.add(`upright ${row},${column}`);
        }
      }
    }

    const found = edgesOf(runs).flatMap(([a, b]) =>
      a.row === b.row
        ? Array.from(
            { length: b.column - a.column },
            (_, i) => `lying ${a.row},${a.column + i}`
          )
        : [`upright ${a.row},${a.column}`]
    );

    expect(found.sort()).toEqual([...expected].sort());
  });
});

describe('painted pixels', () => {
  function painter() {
    let list: IRegion[] = [];
    return new Regions({
      regions: () => list,
      axes: () => [0, 1],
      frame: () => FRAME,
      set: next => {
        list = next;
      }
    });
  }
  const at = (row: number, column: number): IPoint => ({ row, column });

  it('are one region, and a stroke of many steps is taken back at once', () => {
    const made = painter();
    made.paint(at(2, 2), at(2, 2), 'a');
    made.paint(at(2, 2), at(2, 6), 'a');
    made.paint(at(9, 9), at(9, 9), 'b');
    expect(made.all.length).toBe(1);
    expect(pixelsIn(runsOf(made.all[0].points)).size).toBe(6);

    made.undo();
    expect(pixelsIn(runsOf(made.all[0].points)).size).toBe(5);
    made.undo();
    expect(made.all).toEqual([]);
    made.redo();
    expect(pixelsIn(runsOf(made.all[0].points)).size).toBe(5);
  });

  it('are gone once the last one is rubbed out, and come back by undo', () => {
    const made = painter();
    made.paint(at(2, 2), at(2, 6), 'a');
    made.paint(at(2, 0), at(2, 9), 'b', { size: 3, erase: true });
    expect(made.all).toEqual([]);
    made.undo();
    expect(made.all.length).toBe(1);
  });

  it('of too many pieces are refused, and those before are kept', () => {
    const points = pointsOf(
      Array.from({ length: 5000 }, (_, i) => ({
        row: Math.floor(i / 14),
        first: 2 * (i % 14),
        end: 2 * (i % 14) + 1
      }))
    );
    const made = painter();
    made.add('pixels', points);
    made.paint(at(0, 29), at(0, 29), 'a');
    expect(made.full).toBe(true);
    expect(made.all[0].points).toEqual(points);
  });

  it('are read from a file as they were written; what is no run is refused', () => {
    const made = painter();
    made.paint(at(2, 2), at(7, 6), 'a');
    const text = regionsFile('a.h5', 'data', made.all);
    expect(regionsOf(text)).toEqual(made.all);
    const wrong = JSON.parse(text);
    wrong.regions[0].points[1][0] += 1;
    expect(() => regionsOf(JSON.stringify(wrong))).toThrow(
      'region 1, painted pixels, has no pairs of points around pieces of single rows'
    );
  });
});
