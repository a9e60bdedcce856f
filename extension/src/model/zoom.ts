/** Which part of a frame is shown, and where its pixels lie on the screen. */

import { Box } from '../types';

const SMALLEST = 8;

export interface IFit {
  /** Screen pixels per pixel of the frame, down and across. */
  zoom: [number, number];
  top: number;
  left: number;
  row: (y: number) => number;
  column: (x: number) => number;
}

export function wholeBox([rows, columns]: [number, number]): Box {
  return [0, rows, 0, columns];
}

/** Fit a part into an area of the screen, in the middle. */
export function fitBox(
  box: Box,
  [height, width]: [number, number],
  square = true
): IFit {
  const [rows, columns] = [box[1] - box[0], box[3] - box[2]];
  const [down, across] = [height / rows || 1, width / columns || 1];
  const zoom: [number, number] = square
    ? [Math.min(down, across), Math.min(down, across)]
    : [down, across];
  const top = (height - rows * zoom[0]) / 2;
  const left = (width - columns * zoom[1]) / 2;
  return {
    zoom,
    top,
    left,
    row: y => box[0] + (y - top) / zoom[0],
    column: x => box[2] + (x - left) / zoom[1]
  };
}

/** Zoom about a pixel; null is the whole frame. */
export function boxAfterZoom(
  box: Box,
  full: [number, number],
  row: number,
  column: number,
  factor: number
): Box | null {
  const size = (n: number, whole: number) =>
    Math.min(Math.max(n * factor, Math.min(SMALLEST, whole)), whole);
  const rows = size(box[1] - box[0], full[0]);
  const columns = size(box[3] - box[2], full[1]);
  if (rows === full[0] && columns === full[1]) {
    return null;
  }
  const top = row - ((row - box[0]) / (box[1] - box[0])) * rows;
  const left = column - ((column - box[2]) / (box[3] - box[2])) * columns;
  return placed(top, left, rows, columns, full);
}

export function boxMoved(
  box: Box,
  full: [number, number],
  rows: number,
  columns: number
): Box {
  const [high, wide] = [box[1] - box[0], box[3] - box[2]];
  return placed(box[0] + rows, box[2] + columns, high, wide, full);
}

function placed(
  top: number,
  left: number,
  rows: number,
  columns: number,
  full: [number, number]
): Box {
  const [high, wide] = [Math.round(rows), Math.round(columns)];
  const clamp = (n: number, most: number) =>
    Math.min(Math.max(Math.round(n), 0), most);
  const [r, c] = [clamp(top, full[0] - high), clamp(left, full[1] - wide)];
  return [r, r + high, c, c + wide];
}
