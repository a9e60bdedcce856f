/** Pixels painted on a picture, kept as runs: one piece of a row each. */

import { IPoint } from './zoom';

/** From `first` up to, and without, `end`. */
export interface IRun {
  row: number;
  first: number;
  end: number;
}

export interface IBrush {
  /** Its diameter in pixels. */
  size: number;
  /** It takes pixels away. */
  erase: boolean;
}

/** More would make links and requests unwieldy; shapes cover large areas. */
export const MOST_RUNS = 5000;
export const WIDEST_BRUSH = 99;

type Interval = [number, number];

/** The runs of a region: its points are two corners of each. */
export function runsOf(points: IPoint[]): IRun[] {
  return points.flatMap(({ row, column }, i) =>
    i % 2 ? [] : [{ row, first: column, end: points[i + 1].column }]
  );
}

export function pointsOf(runs: IRun[]): IPoint[] {
  return runs.flatMap(({ row, first, end }) => [
    { row, column: first },
    { row: row + 1, column: end }
  ]);
}

/** Whether points are corners of runs: whole numbers, one row each. */
export function areRuns(points: IPoint[]): boolean {
  const fine = ([a, b]: [IPoint, IPoint]) =>
    b.row === a.row + 1 &&
    b.column > a.column &&
    [a, b].every(p => Number.isInteger(p.row) && Number.isInteger(p.column));
  return (
    points.length > 0 &&
    points.length % 2 === 0 &&
    points.length <= 2 * MOST_RUNS &&
    points.every((p, i) => i % 2 || fine([p, points[i + 1]]))
  );
}

export function isPainted(runs: IRun[], at: IPoint): boolean {
  const [row, column] = [Math.floor(at.row), Math.floor(at.column)];
  return runs.some(
    run => run.row === row && run.first <= column && column < run.end
  );
}

/** The edges around painted pixels: each from one corner to another. */
export function edgesOf(runs: IRun[]): [IPoint, IPoint][] {
  const upright = runs.flatMap(({ row, first, end }) =>
    [first, end].map((column): [IPoint, IPoint] => [
      { row, column },
      { row: row + 1, column }
    ])
  );
  const rows = new Map<number, Interval[]>();
  for (const { row, first, end } of runs) {
    rows.set(row, [...(rows.get(row) ?? []), [first, end]]);
  }
  const borders = new Set([...rows.keys()].flatMap(row => [row, row + 1]));
  const lying = [...borders].flatMap(row => {
    const [above, below] = [rows.get(row - 1) ?? [], rows.get(row) ?? []];
    const apart = [...without(above, below), ...without(below, above)];
    return apart.map(([first, end]): [IPoint, IPoint] => [
      { row, column: first },
      { row, column: end }
    ]);
  });
  return [...upright, ...lying];
}

/** How many pixels they are. */
export function pixelsOf(runs: IRun[]): number {
  return runs.reduce((sum, { first, end }) => sum + end - first, 0);
}

/**
 * What a stroke of the brush makes of painted pixels.
 *
 * @param frame - rows and columns of the picture; beyond them is nothing to paint
 */
export function brushed(
  runs: IRun[],
  from: IPoint,
  to: IPoint,
  { size, erase }: IBrush,
  frame: [number, number]
): IRun[] {
  const rows = new Map<number, Interval[]>();
  const put = (row: number, interval: Interval) => {
    rows.set(row, [...(rows.get(row) ?? []), interval]);
  };
  runs.forEach(({ row, first, end }) => put(row, [first, end]));
  strokeRows(from, to, size, frame).forEach((stroke, row) => {
    const before = rows.get(row) ?? [];
    rows.set(
      row,
      erase ? without(before, united(stroke)) : united([...before, ...stroke])
    );
  });
  return [...rows.keys()]
    .sort((a, b) => a - b)
    .flatMap(row =>
      rows.get(row)!.map(([first, end]) => ({ row, first, end }))
    );
}

/** The pixels under a brush that is drawn from one point to another, by row. */
function strokeRows(
  from: IPoint,
  to: IPoint,
  size: number,
  [high, wide]: [number, number]
): Map<number, Interval[]> {
  const rows = new Map<number, Interval[]>();
  const [down, across] = [to.row - from.row, to.column - from.column];
  const steps = Math.ceil(Math.max(Math.abs(down), Math.abs(across), 1));
  for (let step = 0; step <= steps; step++) {
    const at = {
      row: from.row + (down * step) / steps,
      column: from.column + (across * step) / steps
    };
    for (const { row, first, end } of dab(at, size)) {
      const interval: Interval = [Math.max(first, 0), Math.min(end, wide)];
      if (row >= 0 && row < high && interval[0] < interval[1]) {
        rows.set(row, [...(rows.get(row) ?? []), interval]);
      }
    }
  }
  return rows;
}

/** The pixels of a round brush: those whose centres it covers. */
export function dab(at: IPoint, size: number): IRun[] {
  // an odd brush sits on a pixel, an even one between pixels
  const middle = (n: number) =>
    size % 2 ? Math.floor(n) + 0.5 : Math.round(n);
  const [row, column] = [middle(at.row), middle(at.column)];
  const top = row - size / 2;
  return Array.from({ length: size }, (_, i) => {
    const away = top + i + 0.5 - row;
    const reach = Math.sqrt((size / 2) ** 2 - away ** 2);
    const first = Math.ceil(column - reach - 0.5);
    return { row: top + i, first, end: Math.floor(column + reach - 0.5) + 1 };
  });
}

function united(intervals: Interval[]): Interval[] {
  const found: Interval[] = [];
  for (const [first, end] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const last = found[found.length - 1];
    if (last && first <= last[1]) {
      last[1] = Math.max(last[1], end);
    } else {
      found.push([first, end]);
    }
  }
  return found;
}

function without(intervals: Interval[], holes: Interval[]): Interval[] {
  return holes.reduce<Interval[]>(
    (left, [first, end]) =>
      left.flatMap(([a, b]) =>
        [
          [a, Math.min(b, first)] as Interval,
          [Math.max(a, end), b] as Interval
        ].filter(([c, d]) => c < d)
      ),
    intervals
  );
}
