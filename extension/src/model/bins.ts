/** So many pixels each way as one: the cells of a picture. */

import { Box } from '../types';

export const bins = [1, 2, 4, 8, 16];

export function binOf(text: string): number | null {
  return bins.find(bin => `${bin}` === text) ?? null;
}

export function binText(bin: number): string {
  return `${bin} × ${bin}`;
}

/** The whole cells that a part of a frame touches, in pixels; null of no cell. */
export function wholeCells(
  box: Box | null,
  [rows, columns]: [number, number],
  bin: number
): Box | null {
  const ends = (first: number, end: number, length: number) => [
    Math.floor(first / bin) * bin,
    Math.min(Math.ceil(end / bin), Math.floor(length / bin)) * bin
  ];
  const [top, bottom] = ends(box?.[0] ?? 0, box?.[1] ?? rows, rows);
  const [left, right] = ends(box?.[2] ?? 0, box?.[3] ?? columns, columns);
  return top < bottom && left < right ? [top, bottom, left, right] : null;
}
