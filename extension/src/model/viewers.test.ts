import { describe, expect, it, vi } from 'vitest';
import { ISeries, ISignalData } from '../types';
import { axisLabel, firstPosition, indexOf, isSquare, withAxis } from './axes';
import { hatch } from './colormap';
import { cutBytes, firstStep } from './cost';
import { curveOf, linesOf, padded, positionsOf, rangeOf } from './curves';
import { firstRow, scrollHeight, windowOf } from './pages';
import { Play } from './play';
import { mapAxes, ruleFor, rulesFor } from './rules';

const dataset = (part: Partial<ISignalData> = {}): ISignalData => {
  const shape = part.shape ?? [1000, 1024, 1024];
  const elements = shape.reduce((product, n) => product * n, 1);
  return {
    path: 'entry/data/data',
    name: 'data',
    shape,
    dtype: 'uint16',
    units: null,
    chunks: [1, 1024, 1024],
    filters: [],
    axes: shape.map(() => null),
    stored: null,
    bytes: elements * 2,
    missing: [],
    plot: 'image',
    picture: [shape.length - 2, shape.length - 1],
    spectral: null,
    dimensions: shape.map(() => ({ name: null, units: null, values: null })),
    first: 3,
    flat: false,
    ...part
  };
};

describe('axes', () => {
  it('gives way when the same axis is chosen twice', () => {
    expect(withAxis([1, 2], 0, 0)).toEqual([0, 2]);
    expect(withAxis([1, 2], 0, 2)).toEqual([2, 1]);
    expect(withAxis([1, 2], 1, 1)).toEqual([2, 1]);
  });

  it('keeps the position of an axis that is drawn', () => {
    const position = firstPosition(dataset());
    expect(position).toEqual([3, 512, 512]);
    expect(indexOf(position, [0, 2])).toEqual([512]);
    expect(indexOf(position, [2, 1])).toEqual([3]);
  });

  it('has no square pixels where the axes differ in kind, or for a thread', () => {
    expect(isSquare(dataset(), [1, 2])).toBe(true);
    expect(isSquare(dataset({ shape: [181, 2, 640] }), [1, 2])).toBe(false);
    const units = (...names: (string | null)[]) =>
      names.map(name => ({ name: null, units: name, values: null }));
    const [degrees, metres] = [units('deg', 'µs'), units('m', 'm')];
    const shape = [100, 200];
    expect(isSquare(dataset({ shape, dimensions: degrees }), [0, 1])).toBe(
      false
    );
    expect(isSquare(dataset({ shape, dimensions: metres }), [0, 1])).toBe(true);
  });

  it('names an axis that has no name', () => {
    expect([0, 1].map(axis => axisLabel(dataset(), axis))).toEqual([
      'frame',
      'axis 1'
    ]);
  });
});

describe('cost', () => {
  it('looks first at some rows of what needs many chunks', () => {
    const data = dataset();
    expect(cutBytes(data, [1, 2])).toBe(2 * 1024 ** 2);
    expect(cutBytes(data, [0, 2])).toBe(2000 * 1024 ** 2);
    expect(firstStep(data, [1, 2])).toBe(1);
    expect(firstStep(data, [0, 2])).toBe(15);
    expect(firstStep(data, [2, 0])).toBe(1);
    expect(firstStep(dataset({ chunks: [1000, 64, 64] }), [0, 2])).toBe(1);
  });
});

describe('viewers', () => {
  const names = (data: ISignalData) => rulesFor(data).map(rule => rule.name);

  it('begins with what the server decided, and keeps a choice that fits', () => {
    const map = dataset({ shape: [9, 9, 99], plot: 'map', spectral: 2 });
    const line = dataset({ shape: [99], plot: 'line', picture: [] });
    const text = dataset({ shape: [9], plot: 'text', dtype: 'object' });
    expect([map, line, text].map(d => ruleFor(d, null).name)).toEqual([
      'Map',
      'Line',
      'Table'
    ]);
    expect(ruleFor(map, 'Frames').name).toBe('Frames');
    expect(ruleFor(line, 'Frames').name).toBe('Line');
    expect(names(text)).toEqual(['Table', 'Attributes']);
    expect(names(dataset())).toEqual([
      'Frames',
      'Line',
      'Slices',
      'Table',
      'Attributes'
    ]);
  });

  it('draws a curve along the spectrum, where there is one', () => {
    const along = (data: ISignalData, chosen: number | null) =>
      ruleFor(data, 'Line').drawn(data, [0, 1], chosen);
    const spectra = dataset({ shape: [5, 6, 99], spectral: 2 });
    expect(along(spectra, null)).toEqual([2]);
    expect(along(spectra, 0)).toEqual([0]);
    expect(along(dataset(), null)).toEqual([1]);
  });

  it('maps spectra by their axis, and frames by the axes before them', () => {
    const spectra = dataset({ shape: [5, 6, 99], spectral: 2 });
    const frames = dataset({ shape: [2, 5, 6, 64, 64] });
    expect(mapAxes(spectra, [0, 1])).toEqual({ map: [0, 1], point: [2] });
    expect(mapAxes(frames, [3, 4])).toEqual({ map: [1, 2], point: [3, 4] });
  });
});

describe('play', () => {
  function film(length: number) {
    let at = 0;
    const shown: number[] = [];
    const play = new Play({
      advance: () => {
        if (at + 1 >= length) {
          return false;
        }
        shown.push(++at);
        return true;
      },
      rewind: () => {
        at = 0;
        shown.push(at);
      }
    });
    return { play, shown };
  }

  it('asks for the next frame when the last one was drawn, skipping none', () => {
    vi.useFakeTimers();
    const { play, shown } = film(4);
    play.start(0);
    vi.advanceTimersByTime(10_000);
    expect(shown).toEqual([1]);

    for (let i = 0; i < 5; i++) {
      play.drawn();
      play.drawn();
      vi.advanceTimersByTime(1000 / play.speed);
    }
    expect(shown).toEqual([1, 2, 3, 0, 1, 2]);
    vi.useRealTimers();
  });

  it('ends at the last frame where it does not loop', () => {
    vi.useFakeTimers();
    const { play, shown } = film(2);
    play.loops = false;
    play.start(0);
    play.drawn();
    vi.advanceTimersByTime(1000);
    expect([shown, play.axis]).toEqual([[1], null]);
    vi.useRealTimers();
  });
});

describe('curves', () => {
  const series: ISeries = {
    x: [0, 1, null, 3],
    lo: [0, 1, null, 2],
    hi: [0, 5, null, 2],
    errors: null,
    total: 8,
    within: [0, 8],
    inside: [0, 8],
    step: 1,
    label: 'time',
    units: 's',
    y: { label: 'current', units: 'mA' }
  };

  it('draws both ends of a bin, lifted, with a gap where nothing is', () => {
    const { x, y } = curveOf('a', series, 10);
    expect(x).toEqual([0, 0, 1, 1, NaN, NaN, 3, 3]);
    expect(y).toEqual([10, 10, 11, 15, NaN, NaN, 12, 12]);
  });

  it('has uncertainties only where every point is drawn', () => {
    const errors = [1, 1, null, 1];
    expect(curveOf('a', { ...series, errors }).errors).toBeNull();
    const exact = { ...series, lo: [1, 2], hi: [1, 2], x: [0, 1] };
    expect(curveOf('a', { ...exact, errors: [0.5, null] }).errors).toEqual([
      0.5, 0
    ]);
  });

  it('makes axes that hold everything, without zero where they are logarithmic', () => {
    expect(rangeOf([[NaN, -1, 3], [9]], false)).toEqual([-1, 9]);
    expect(rangeOf([[0, -1, 3], [9]], true)).toEqual([3, 9]);
    expect(rangeOf([[7, 7]], false)).toEqual([6.5, 7.5]);
    expect(rangeOf([[]], true)).toEqual([0.1, 1]);
    expect(padded([0, 100], false)).toEqual([-4, 104]);
  });

  it('finds the lines of the same length in a group', () => {
    const member = (path: string, detail: string) =>
      ({ name: path, path, kind: 'dataset', detail, link: '' }) as const;
    const members = [
      member('a', '50 float64'),
      member('b', '50 uint16'),
      member('c', '50 x 2 float64'),
      member('d', '500 float64'),
      member('e', '50 text')
    ];
    expect(linesOf(members, 50)).toEqual(['a', 'b']);
  });

  it('reads positions as Python writes them', () => {
    expect(positionsOf('3, 5', 10)).toEqual([3, 5]);
    expect(positionsOf('0:10:4', 100)).toEqual([0, 4, 8]);
    expect(positionsOf('7:', 9)).toEqual([7, 8]);
    expect(positionsOf('x, -1, 99', 10)).toEqual([]);
    expect(positionsOf('0:1000', 1000)).toHaveLength(20);
  });
});

describe('pages', () => {
  it('reaches the last row of a table of any length', () => {
    for (const rows of [5, 1000, 10 ** 9]) {
      const height = 240;
      const most = Math.max(scrollHeight(rows) - height, 0);
      expect(firstRow(0, height, rows)).toBe(0);
      expect(firstRow(most, height, rows)).toBe(Math.max(rows - 10, 0));
    }
  });

  it('asks for whole pages around what is in sight', () => {
    expect(windowOf(250, 10_000, 0, 800, 5)).toEqual({
      rows: [200, 400],
      columns: [0, 5]
    });
  });
});

describe('hatch', () => {
  it('marks what is missing, and nothing else', () => {
    const colours = new Uint8ClampedArray(4 * 4).fill(9);
    hatch(colours, new Uint8Array([0, 1, 200, 0]), 4);
    expect([...colours.slice(4, 12)]).toEqual(Array(8).fill(9));
    expect(colours[0]).not.toBe(9);
    expect(colours[12]).not.toBe(9);
  });
});
