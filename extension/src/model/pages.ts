/** Which page of a table holds the rows and columns that are in sight. */

export const PAGE_ROWS = 100;
export const PAGE_COLUMNS = 20;
export const ROW_HEIGHT = 24;
export const COLUMN_WIDTH = 132;
/** Browsers place nothing further down than some 1e7 pixels. */
const TALLEST = 8_000_000;

export interface IWindow {
  rows: [number, number];
  columns: [number, number];
}

/** Height of what is scrolled: of a huge table less than that of its rows. */
export function scrollHeight(rows: number): number {
  return Math.min(rows * ROW_HEIGHT, TALLEST);
}

/** The first row in sight; in a huge table a pixel is many rows. */
export function firstRow(top: number, height: number, rows: number): number {
  const most = Math.max(scrollHeight(rows) - height, 1);
  const inSight = Math.floor(height / ROW_HEIGHT);
  const last = Math.max(rows - inSight, 0);
  return Math.min(Math.round((top / most) * last), last);
}

/** The cells to ask for: the page in sight and one row of cells around it. */
export function windowOf(
  first: number,
  rows: number,
  left: number,
  width: number,
  columns: number
): IWindow {
  const row = Math.floor(first / PAGE_ROWS) * PAGE_ROWS;
  const across = Math.floor(left / COLUMN_WIDTH / PAGE_COLUMNS) * PAGE_COLUMNS;
  const wide = Math.ceil(width / COLUMN_WIDTH / PAGE_COLUMNS) + 1;
  return {
    rows: [row, Math.min(row + 2 * PAGE_ROWS, rows)],
    columns: [across, Math.min(across + wide * PAGE_COLUMNS, columns)]
  };
}
