import { describe, expect, it } from 'vitest';
import { colourise, colourTable, NO_DATA, SATURATED } from './colormap';
import { dragged, heightsOf, placeOf, recoding, valueAt } from './contrast';
import { fitBox, mirrored, turned, UPRIGHT, wholeBox } from './zoom';

const scales = ['linear', 'log', 'sqrt'] as const;

describe('contrast', () => {
  it.each(scales)('a handle stands where its value is: %s', scale => {
    const range = { lo: 2, hi: 2000 };
    for (const place of [0, 0.25, 0.8, 1]) {
      const value = valueAt(place, range, scale);
      expect(placeOf(value, range, scale)).toBeCloseTo(place, 1);
    }
    expect(placeOf(1e9, range, scale)).toBe(1);
    expect(placeOf(-5, range, scale)).toBe(0);
  });

  it('codes of a tile become those that the server would have made', () => {
    const tile = { lo: 0, hi: 254, scale: 'linear' as const };
    expect(recoding(tile, { lo: 0, hi: 254 }, 'linear')).toBeNull();
    const codes = recoding(tile, { lo: 100, hi: 200 }, 'linear')!;
    expect([codes[0], codes[1], codes[101], codes[151], codes[255]]).toEqual([
      0, 1, 1, 128, 255
    ]);
    const log = recoding(tile, { lo: 1, hi: 100 }, 'log')!;
    expect([log[2], log[11], log[101]]).toEqual([1, 128, 255]);
  });

  it('a logarithm that is to begin below zero begins above it', () => {
    const tile = { lo: 0, hi: 254, scale: 'linear' as const };
    const codes = recoding(tile, { lo: 0, hi: 254 }, 'log')!;
    expect(codes[1]).toBe(1);
    expect(codes[128]).toBeGreaterThan(200);
  });

  it('dragged to the right is wider, up is brighter', () => {
    const start = { lo: 100, hi: 200 };
    const wider = dragged(start, 'linear', 100, 0);
    expect(wider.hi - wider.lo).toBeGreaterThan(150);
    expect(wider.hi + wider.lo).toBeCloseTo(300, 0);
    const brighter = dragged(start, 'linear', 0, -150);
    expect([brighter.lo, brighter.hi]).toEqual([50, 150]);
    expect(dragged(start, 'log', 300, 0).lo).toBeGreaterThan(0);
  });

  it('few pixels are seen beside many', () => {
    const heights = heightsOf({ lo: 0, hi: 1, counts: [0, 1, 100_000] });
    expect(heights[0]).toBe(0);
    expect(heights[1]).toBeGreaterThan(0.05);
    expect(heights[2]).toBe(1);
  });
});

describe('marks', () => {
  it('have colours that are far from every colour of every map', () => {
    for (const map of ['grey', 'viridis', 'inferno'] as const) {
      const table = colourTable({ map });
      for (let code = 1; code < 256; code++) {
        const colour = table.slice(code * 4, code * 4 + 3);
        for (const mark of [NO_DATA, SATURATED]) {
          const far = Math.hypot(...mark.map((v, i) => v - colour[i]));
          expect(far).toBeGreaterThan(80);
        }
      }
    }
  });

  it('stay at another contrast, and can be switched off', () => {
    const codes = new Uint8Array([0, 255]);
    const recoded = new Uint8Array(256).fill(1);
    const seen = colourise(codes, {
      map: 'grey',
      saturated: true,
      recoding: recoded
    });
    expect([...seen]).toEqual([...NO_DATA, 255, ...SATURATED, 255]);
    const plain = colourise(codes, { map: 'grey', marks: false });
    expect([...plain]).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
  });
});

describe('turned pictures', () => {
  const box = wholeBox([100, 200]);
  const round = (numbers: number[]) => numbers.map(n => Math.round(n) + 0);
  const corner = { row: 0, column: 0 };

  it('have their first pixel where it is seen after turning', () => {
    const places = ([0, 1, 2, 3] as const).map(quarters => {
      const turn = { quarters, mirrored: false };
      return round(fitBox(box, [400, 400], true, turn).screen(corner));
    });
    expect(places).toEqual([
      [0, 100],
      [300, 0],
      [400, 300],
      [100, 400]
    ]);
  });

  it('know the pixel under the pointer, however they are turned', () => {
    for (const quarters of [0, 1, 2, 3] as const) {
      for (const mirror of [false, true]) {
        const turn = { quarters, mirrored: mirror };
        const fit = fitBox(box, [300, 500], quarters < 2, turn);
        const at = { row: 12.5, column: 150.25 };
        const found = fit.point(...fit.screen(at));
        expect(found.row).toBeCloseTo(12.5);
        expect(found.column).toBeCloseTo(150.25);
      }
    }
  });

  it('are mirrored as they are seen, also after a quarter turn', () => {
    const lying = turned(UPRIGHT, 1);
    const seen = fitBox(box, [400, 400], true, lying).screen(corner);
    const left = fitBox(box, [400, 400], true, mirrored(lying)).screen(corner);
    const top = fitBox(box, [400, 400], true, mirrored(lying, true));
    expect(round(left)).toEqual(round([400 - seen[0], seen[1]]));
    expect(round(top.screen(corner))).toEqual(round([seen[0], 400 - seen[1]]));
    expect(turned(turned(lying, -1), 4)).toEqual(UPRIGHT);
  });
});
