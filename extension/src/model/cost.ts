/** Whether a cut is worth a first look at some of its rows. */

import { IDescription } from '../types';

const QUICK = 512 * 2 ** 20;
const FIRST_LOOK = 128 * 2 ** 20;

/** How many bytes have to be decoded for a cut, whole chunks each. */
export function cutBytes(data: IDescription, drawn: readonly number[]): number {
  const chunks = data.chunks ?? data.shape.map(() => 1);
  const elements = data.shape.reduce((product, length, axis) => {
    const chunk = Math.min(chunks[axis], length);
    const read = drawn.includes(axis)
      ? Math.ceil(length / chunk) * chunk
      : chunk;
    return product * read;
  }, 1);
  const items = data.shape.reduce((product, length) => product * length, 1);
  return elements * (data.bytes / Math.max(items, 1));
}

/** Take every how many rows first; 1 is all of them at once. */
export function firstStep(data: IDescription, axes: readonly number[]): number {
  const bytes = cutBytes(data, axes);
  const chunk = data.chunks?.[axes[0]] ?? 1;
  const rows = data.shape[axes[0]];
  const step = Math.min(Math.floor(bytes / FIRST_LOOK), Math.floor(rows / 8));
  // rows of one chunk are decoded together: leaving some out saves nothing
  return bytes > QUICK && chunk < step ? step : 1;
}
