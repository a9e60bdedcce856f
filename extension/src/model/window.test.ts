import { describe, expect, it } from 'vitest';
import { lineAt, scrolledTo, topOf } from './window';

const heights = { count: 10, line: 20, tall: [2, 5], high: 50 };

describe('window of a long list', () => {
  it('finds the line at every height', () => {
    for (let i = 0; i < heights.count; i++) {
      const [top, end] = [topOf(i, heights), topOf(i + 1, heights)];
      expect([lineAt(top, heights), lineAt(end - 1, heights)]).toEqual([i, i]);
    }
    expect(topOf(10, heights)).toBe(10 * 20 + 2 * 30);
  });

  it('scrolls no further than is needed', () => {
    expect(scrolledTo(0, 100, 60, heights)).toBe(0);
    expect(scrolledTo(9, 0, 60, heights)).toBe(200);
    expect(scrolledTo(3, 80, 60, heights)).toBe(80);
  });
});
