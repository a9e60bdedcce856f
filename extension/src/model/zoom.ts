/** Which part of a frame is shown, and where its pixels lie on the screen. */

import { Box } from '../types';

const SMALLEST = 8;

/** How a picture is turned: first mirrored left to right, then turned clockwise. */
export interface ITurn {
  /** Quarter turns. */
  quarters: 0 | 1 | 2 | 3;
  mirrored: boolean;
}

export const UPRIGHT: ITurn = { quarters: 0, mirrored: false };

/** A point of a frame: pixel 0 reaches from 0 to 1. */
export interface IPoint {
  row: number;
  column: number;
}

export interface IFit {
  /** Screen pixels per pixel of the frame, down its rows and across its columns. */
  zoom: [number, number];
  /** From (column, row) to (x, y), as a canvas takes it: a, b, c, d, e, f. */
  matrix: [number, number, number, number, number, number];
  /** What lies at a place of the screen. */
  point: (x: number, y: number) => IPoint;
  /** Where a point lies on the screen. */
  screen: (at: IPoint) => [number, number];
}

export function wholeBox([rows, columns]: [number, number]): Box {
  return [0, rows, 0, columns];
}

/** Fit a part into an area of the screen, in the middle. */
export function fitBox(
  box: Box,
  [height, width]: [number, number],
  square = true,
  turn = UPRIGHT
): IFit {
  const [rows, columns] = [box[1] - box[0], box[3] - box[2]];
  const lying = turn.quarters % 2 === 1;
  const room = lying ? [width, height] : [height, width];
  const [down, across] = [room[0] / rows || 1, room[1] / columns || 1];
  const zoom: [number, number] = square
    ? [Math.min(down, across), Math.min(down, across)]
    : [down, across];
  const [cosine, sine] = [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1]
  ][turn.quarters];
  const mirror = turn.mirrored ? -1 : 1;
  // columns first, then rows: each becomes a direction on the screen
  const [a, b] = [mirror * cosine * zoom[1], mirror * sine * zoom[1]];
  const [c, d] = [-sine * zoom[0], cosine * zoom[0]];
  const [row, column] = [(box[0] + box[1]) / 2, (box[2] + box[3]) / 2];
  const e = width / 2 - a * column - c * row;
  const f = height / 2 - b * column - d * row;
  const area = a * d - b * c;
  return {
    zoom,
    matrix: [a, b, c, d, e, f],
    point: (x, y) => ({
      row: (a * (y - f) - b * (x - e)) / area,
      column: (d * (x - e) - c * (y - f)) / area
    }),
    screen: at => [
      a * at.column + c * at.row + e,
      b * at.column + d * at.row + f
    ]
  };
}

/** Turn by so many quarters clockwise, as it is seen. */
export function turned(turn: ITurn, quarters: number): ITurn {
  const sum = (((turn.quarters + quarters) % 4) + 4) % 4;
  return { ...turn, quarters: sum as ITurn['quarters'] };
}

/** Mirror left to right or, with `upright`, top to bottom, as it is seen. */
export function mirrored(turn: ITurn, upright = false): ITurn {
  const back = turned(turn, -2 * turn.quarters);
  const left = { ...back, mirrored: !turn.mirrored };
  return upright ? turned(left, 2) : left;
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
