/** Which lines of a long list are in sight: all have one height, a few another. */

export interface IHeights {
  count: number;
  line: number;
  /** Places of the lines that are higher, from first to last. */
  tall: number[];
  high: number;
}

/** Where a line begins; the end of the list for `count`. */
export function topOf(index: number, heights: IHeights): number {
  const { line, tall, high } = heights;
  const above = tall.filter(place => place < index).length;
  return index * line + above * (high - line);
}

/** The line at a height above the end of the list. */
export function lineAt(y: number, heights: IHeights): number {
  const { count, line, tall, high } = heights;
  let extra = 0;
  for (const place of tall) {
    const top = place * line + extra;
    if (y < top) {
      break;
    }
    if (y < top + high) {
      return place;
    }
    extra += high - line;
  }
  return Math.min(Math.max(Math.floor((y - extra) / line), 0), count);
}

/** How far to scroll so that a line is in sight. */
export function scrolledTo(
  index: number,
  scroll: number,
  view: number,
  heights: IHeights
): number {
  const top = topOf(index, heights);
  const end = topOf(index + 1, heights);
  return Math.max(Math.min(scroll, top), end - view);
}
