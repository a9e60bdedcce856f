import { describe, expect, it } from 'vitest';
import { codeOfRegion } from './regioncode';
import { IRegion } from './shapes';

const region = (part: Partial<IRegion>): IRegion => ({
  id: 1,
  name: 'r',
  kind: 'rectangle',
  points: [
    { row: 2.4, column: 9.6 },
    { row: 7.5, column: 3 }
  ],
  width: 3,
  axes: [1, 2],
  ...part
});
const frame = (box: number[] | null) => `data[5, ${box?.join() ?? 'all'}]`;

describe('the code of a region', () => {
  it('slices the pixels whose centres lie in a rectangle', () => {
    expect(codeOfRegion(region({}), frame, [20, 30])).toBe(
      'values = data[5, 2,7,3,10]'
    );
    expect(codeOfRegion(region({}), frame, [6, 5])).toBe(
      'values = data[5, 2,6,3,5]'
    );
  });

  it('asks for the mask of another shape, and for the profile of a line', () => {
    expect(codeOfRegion(region({ kind: 'ellipse' }), frame, [20, 30])).toBe(
      [
        'frame = data[5, all]',
        'values = frame[daisy.apps.shapes.mask("ellipse", [(2.4, 9.6), (7.5, 3)], frame.shape)]'
      ].join('\n')
    );
    expect(codeOfRegion(region({ kind: 'line' }), frame, [20, 30])).toContain(
      'distance, values = daisy.apps.shapes.profile(frame, [(2.4, 9.6), (7.5, 3)], width=3)'
    );
  });

  it('keeps the lines before the frame', () => {
    const two = () => 'beam = flat()\n(data - dark) / beam';
    expect(codeOfRegion(region({ kind: 'polygon' }), two, [20, 30])).toMatch(
      /^beam = flat\(\)\nframe = \(data - dark\) \/ beam\nvalues = /
    );
  });

  it('of a rectangle beside the frame gives no pixel, not all of them', () => {
    const away = [
      { row: 40, column: 40 },
      { row: 50, column: 50 }
    ];
    expect(codeOfRegion(region({ points: away }), frame, [20, 30])).toContain(
      'values = frame[daisy.apps.shapes.mask("rectangle"'
    );
  });
});
