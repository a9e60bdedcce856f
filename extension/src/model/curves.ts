/** Curves as a chart needs them, and what people type to choose some. */

import { IChild, ISeries } from '../types';

export interface ICurve {
  label: string;
  x: number[];
  y: number[];
  errors: number[] | null;
}

const MOST = 20;

/** Apart from each other in light and dark, and for most colour-blind people. */
export const COLOURS = [
  '#3b82d6',
  '#e07b39',
  '#2f9e6e',
  '#c4549b',
  '#8569cf',
  '#a08a20'
];

/** Both ends of each bin, one above the other, so that no peak is lost. */
export function curveOf(label: string, series: ISeries, lift = 0): ICurve {
  const [x, y]: [number[], number[]] = [[], []];
  const whole = series.lo.every((low, i) => low === series.hi[i]);
  series.x.forEach((at, i) => {
    const ends = whole ? [series.lo[i]] : [series.lo[i], series.hi[i]];
    for (const end of ends) {
      x.push(at ?? NaN);
      y.push(end === null ? NaN : end + lift);
    }
  });
  const errors = whole ? series.errors : null;
  return { label, x, y, errors: errors && errors.map(e => e ?? 0) };
}

/** Smallest and largest value; only above zero where the scale is logarithmic. */
export function rangeOf(values: number[][], isLog: boolean): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const some of values) {
    for (const value of some) {
      if (Number.isFinite(value) && (!isLog || value > 0)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  if (low > high) {
    return isLog ? [0.1, 1] : [0, 1];
  }
  if (low === high) {
    return isLog ? [low / 2, high * 2] : [low - 0.5, high + 0.5];
  }
  return [low, high];
}

export function padded(
  [low, high]: [number, number],
  isLog: boolean
): [number, number] {
  if (isLog) {
    const margin = (high / low) ** 0.04;
    return [low / margin, high * margin];
  }
  const margin = (high - low) * 0.04;
  return [low - margin, high + margin];
}

/** Positions as people write them: `3, 5` or, as in Python, `0:50:10`. */
export function positionsOf(text: string, length: number): number[] {
  const found = new Set<number>();
  for (const part of text.split(',').map(p => p.trim())) {
    const numbers = part.split(':').map(Number);
    if (!part || numbers.some(n => !Number.isInteger(n) || n < 0)) {
      continue;
    }
    const [first, end = first + 1, step = 1] = numbers;
    const last = Math.min(part.endsWith(':') ? length : end, length);
    for (let i = first; i < last && found.size < MOST; i += Math.max(step, 1)) {
      found.add(i);
    }
  }
  return [...found];
}

/** The members of a group that are lines of this length: "5000 float64". */
export function linesOf(members: IChild[], length: number): string[] {
  const fits = new RegExp(`^${length} (u?int|float|bool)\\d*$`);
  return members
    .filter(member => member.kind === 'dataset' && fits.test(member.detail))
    .map(member => member.path);
}
