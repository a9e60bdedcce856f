/** Between values, their place on a scale and the codes of a picture. */

import { IDistribution, ITile, Scale } from '../types';

/** Codes 1 and 255 are the ends of the contrast. */
const STEPS = 254;
/** Screen pixels of dragging that make the contrast e times as wide. */
const WIDER = 200;
/** Screen pixels of dragging that move it by its own width. */
const FURTHER = 300;

export interface IContrast {
  lo: number;
  hi: number;
}

const to: Record<Scale, (value: number) => number> = {
  linear: value => value,
  log: value => Math.log10(Math.max(value, Number.MIN_VALUE)),
  sqrt: value => Math.sqrt(Math.max(value, 0))
};

const back: Record<Scale, (place: number) => number> = {
  linear: place => place,
  log: place => 10 ** place,
  sqrt: place => Math.max(place, 0) ** 2
};

/** Where a value stands between two others: 0 is the lower one, 1 the upper one. */
export function placeOf(
  value: number,
  { lo, hi }: IContrast,
  scale: Scale
): number {
  const [first, last] = [to[scale](lo), to[scale](hi)];
  return Math.min(Math.max((to[scale](value) - first) / (last - first), 0), 1);
}

export function valueAt(
  place: number,
  { lo, hi }: IContrast,
  scale: Scale
): number {
  const [first, last] = [to[scale](lo), to[scale](hi)];
  return tidy(back[scale](first + place * (last - first)), (hi - lo) * 1e-4);
}

/** Not more digits than can be told apart. */
function tidy(value: number, step: number): number {
  const digits = Math.min(Math.max(Math.ceil(-Math.log10(step || 1)), 0), 12);
  return Number(value.toFixed(digits));
}

/** The ends as the server orders them: a logarithm begins above zero. */
export function ordered({ lo, hi }: IContrast, scale: Scale): IContrast {
  const low = scale === 'log' && lo <= 0 ? Math.abs(hi) * 1e-6 || 1e-6 : lo;
  return { lo: low, hi: hi > low ? hi : low + (Math.abs(low) * 1e-6 || 1) };
}

/** Drag over a picture: right is wider, up is brighter. */
export function dragged(
  { lo, hi }: IContrast,
  scale: Scale,
  right: number,
  down: number
): IContrast {
  const [first, last] = [to[scale](lo), to[scale](hi)];
  const width = (last - first) * Math.exp(right / WIDER);
  const middle = (first + last) / 2 + (down / FURTHER) * width;
  const ends = [middle - width / 2, middle + width / 2].map(back[scale]);
  const step = Math.abs(ends[1] - ends[0]) * 1e-3;
  return { lo: tidy(ends[0], step), hi: tidy(ends[1], step) };
}

/** What the codes of a tile become under another contrast; null where it is its own. */
export function recoding(
  tile: Pick<ITile, 'lo' | 'hi' | 'scale'>,
  wanted: IContrast,
  scale: Scale
): Uint8Array | null {
  const { lo, hi } = ordered(wanted, scale);
  if (tile.lo === lo && tile.hi === hi && tile.scale === scale) {
    return null;
  }
  const codes = new Uint8Array(256);
  for (let code = 1; code < 256; code++) {
    const value = exactAt((code - 1) / STEPS, tile);
    codes[code] = 1 + Math.round(placeOf(value, { lo, hi }, scale) * STEPS);
  }
  return codes;
}

function exactAt(
  place: number,
  { lo, hi, scale }: Pick<ITile, 'lo' | 'hi' | 'scale'>
): number {
  const [first, last] = [to[scale](lo), to[scale](hi)];
  return back[scale](first + place * (last - first));
}

/** Heights from 0 to 1 on a logarithmic scale, so that few pixels are still seen. */
export function heightsOf({ counts }: IDistribution): number[] {
  const most = Math.log1p(Math.max(...counts, 1));
  return counts.map(count => Math.log1p(count) / most);
}
