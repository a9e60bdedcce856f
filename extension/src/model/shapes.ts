/** Shapes drawn on a picture: their points, what moves and what resizes them. */

import { Box } from '../types';
import { areRuns, pixelsOf, runsOf } from './paint';
import { IPoint } from './zoom';

export const shapeKinds = [
  'line',
  'rectangle',
  'ellipse',
  'polygon',
  'pixels'
] as const;
export type ShapeKind = (typeof shapeKinds)[number];

export interface IRegion {
  id: number;
  name: string;
  kind: ShapeKind;
  /**
   * Ends of a line, two corners of a box, all corners of a polygon; of painted
   * pixels, two corners of each run.
   */
  points: IPoint[];
  /** Of a line, in pixels. */
  width: number;
  /** The axes of rows and columns that it was drawn on. */
  axes: [number, number];
}

/** Whether these are the points of a shape: no more is needed, and no less. */
export function isWhole(kind: ShapeKind, points: IPoint[]): boolean {
  if (kind === 'pixels') {
    return areRuns(points);
  }
  return kind === 'polygon' ? points.length > 2 : points.length === 2;
}

/** Points of a shape in the middle of what is shown. */
export function pointsInMiddle(kind: ShapeKind, box: Box): IPoint[] {
  const at = (down: number, across: number): IPoint => ({
    row: Math.round(box[0] + (box[1] - box[0]) * down),
    column: Math.round(box[2] + (box[3] - box[2]) * across)
  });
  if (kind === 'polygon') {
    return [at(0.35, 0.5), at(0.65, 0.65), at(0.65, 0.35)];
  }
  if (kind === 'pixels') {
    const { row, column } = at(0.5, 0.5);
    return [
      { row, column },
      { row: row + 1, column: column + 1 }
    ];
  }
  return kind === 'line'
    ? [at(0.5, 0.3), at(0.5, 0.7)]
    : [at(0.35, 0.35), at(0.65, 0.65)];
}

export function moved(region: IRegion, rows: number, columns: number): IRegion {
  // painted pixels stay whole
  const [down, across] =
    region.kind === 'pixels'
      ? [Math.round(rows), Math.round(columns)]
      : [rows, columns];
  const points = region.points.map(({ row, column }) => ({
    row: tidy(row + down),
    column: tidy(column + across)
  }));
  return { ...region, points };
}

/**
 * By the keyboard: the last corner moves; a polygon grows about its middle, painted
 * pixels stay as they are.
 */
export function resized(
  region: IRegion,
  rows: number,
  columns: number
): IRegion {
  const { points, kind } = region;
  if (kind === 'pixels') {
    return region;
  }
  if (kind !== 'polygon') {
    const [first, last] = points;
    const [moving] = moved({ ...region, points: [last] }, rows, columns).points;
    return { ...region, points: [first, moving] };
  }
  const around = boundsOf(region);
  const scale = (n: number, by: number, [low, high]: [number, number]) =>
    tidy(n + by * ((n - (low + high) / 2) / Math.max((high - low) / 2, 1)));
  return {
    ...region,
    points: points.map(({ row, column }) => ({
      row: scale(row, rows, [around[0], around[1]]),
      column: scale(column, columns, [around[2], around[3]])
    }))
  };
}

/** Where a shape can be taken to change it. */
export function handlesOf({ kind, points }: IRegion): IPoint[] {
  if (kind === 'pixels') {
    return [];
  }
  if (hasOwnPoints({ kind })) {
    return points;
  }
  const [a, b] = points;
  return [
    a,
    { row: a.row, column: b.column },
    b,
    { row: b.row, column: a.column }
  ];
}

/** One handle was dragged; of a box, the corner across stays. */
export function withHandle(
  region: IRegion,
  handle: number,
  to: IPoint
): IRegion {
  const at = { row: tidy(to.row), column: tidy(to.column) };
  if (hasOwnPoints(region)) {
    const points = region.points.map((p, i) => (i === handle ? at : p));
    return { ...region, points };
  }
  const across = handlesOf(region)[(handle + 2) % 4];
  return { ...region, points: [across, at] };
}

/** Whether a point stays the same one when it is moved: a box has four of two. */
export function hasOwnPoints({ kind }: Pick<IRegion, 'kind'>): boolean {
  return kind === 'line' || kind === 'polygon';
}

/** A corner of a polygon is taken away; null where three are left, or of others. */
export function withoutPoint(region: IRegion, point: number): IRegion | null {
  const points = region.points.filter((_, i) => i !== point);
  return region.kind === 'polygon' && isWhole('polygon', points)
    ? { ...region, points }
    : null;
}

/** First row, end, first column, end. */
export function boundsOf({ points }: Pick<IRegion, 'points'>): Box {
  const rows = points.map(p => p.row);
  const columns = points.map(p => p.column);
  return [
    Math.min(...rows),
    Math.max(...rows),
    Math.min(...columns),
    Math.max(...columns)
  ];
}

/** A hundredth of a pixel is more than a pointer can tell. */
export function tidy(value: number): number {
  return Math.round(value * 100) / 100;
}

export function describeRegion({ kind, points, width }: IRegion): string {
  const number = (n: number) => `${Math.round(n * 10) / 10}`;
  const [top, end, left, right] = boundsOf({ points });
  if (kind === 'line') {
    const [a, b] = points;
    const length = Math.hypot(b.row - a.row, b.column - a.column);
    return `line, ${number(length)} long, ${width} wide`;
  }
  if (kind === 'pixels') {
    const count = pixelsOf(runsOf(points));
    return `${count === 1 ? '1 pixel' : `${count} pixels`} painted at row ${number(top)}, column ${number(left)}`;
  }
  return `${kind}, ${number(end - top)} × ${number(right - left)} at row ${number(top)}, column ${number(left)}`;
}
