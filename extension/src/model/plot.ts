/** The geometry of a line plot: ticks and the path of the curve. */

import { ISeries } from '../types';

export interface ITick {
  at: number;
  value: number;
}

export interface ILinePlot {
  frame: { top: number; left: number; right: number; bottom: number };
  xTicks: ITick[];
  yTicks: ITick[];
  path: string;
}

export function linePlot(
  series: ISeries,
  width: number,
  height: number
): ILinePlot {
  const frame = {
    top: 20,
    left: 84,
    right: Math.max(width - 24, 100),
    bottom: Math.max(height - 52, 40)
  };
  const [x0, x1] = range(series.x);
  const [y0, y1] = padded(range([...series.lo, ...series.hi]));
  const x = (v: number) =>
    frame.left + ((v - x0) / (x1 - x0)) * (frame.right - frame.left);
  const y = (v: number) =>
    frame.bottom - ((v - y0) / (y1 - y0)) * (frame.bottom - frame.top);
  const parts: string[] = [];
  let pen = false;
  series.x.forEach((at, i) => {
    const [low, high] = [series.lo[i], series.hi[i]];
    if (at === null || low === null || high === null) {
      pen = false;
      return;
    }
    const across = x(at).toFixed(1);
    parts.push(`${pen ? 'L' : 'M'}${across} ${y(low).toFixed(1)}`);
    if (high !== low) {
      parts.push(`L${across} ${y(high).toFixed(1)}`);
    }
    pen = true;
  });
  return {
    frame,
    xTicks: ticks(x0, x1, (frame.right - frame.left) / 90).map(value => ({
      value,
      at: x(value)
    })),
    yTicks: ticks(y0, y1, (frame.bottom - frame.top) / 50).map(value => ({
      value,
      at: y(value)
    })),
    path: parts.join('')
  };
}

/** Round numbers between two ends, about as many as wanted. */
export function ticks(from: number, to: number, wanted: number): number[] {
  const rough = (to - from) / Math.max(wanted, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(n => n * power).find(s => s >= rough)!;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  const count = Math.max(last - first + 1, 0);
  return Array.from({ length: Math.min(count, 100) }, (_, i) =>
    Number(((first + i) * step).toPrecision(12))
  );
}

function range(values: (number | null)[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value !== null) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) {
    return [0, 1];
  }
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

function padded([low, high]: [number, number]): [number, number] {
  const margin = (high - low) * 0.04;
  return [low - margin, high + margin];
}
