/** The curves that are on the screen, for a picture or a file of them. */

import { ICurve, padded, rangeOf } from './curves';

export type AxisScale = 'linear' | 'log';
export type Range = [number, number];

/** What is in sight along both axes. */
export interface ISeen {
  x: Range;
  y: Range;
}

/** What the server needs to write the curves down at full resolution. */
export interface IDrawn {
  curves: { node: string; index: number[]; label: string }[];
  /** The axis that runs. */
  axis: number;
  /** Dataset of the positions; empty for the axis that the file names. */
  x: string;
  /** The dataset whose axis it is for curves that have none of their own. */
  over: string;
  /** How far each one is lifted above the one before. */
  offset: number;
  /** The positions that are zoomed to. */
  within: Range | null;
}

export interface IPlotted {
  curves: ICurve[];
  xLabel: string;
  yLabel: string;
  xScale: AxisScale;
  yScale: AxisScale;
  showErrors: boolean;
  /** The points of the part that is zoomed to: the first, and the end. */
  inside: Range | null;
  seen: () => ISeen | null;
  drawn: IDrawn;
}

/** What is in sight, or would be without a zoom. */
export function sightOf(plotted: IPlotted): ISeen {
  const { curves, xScale, yScale } = plotted;
  const range = (values: number[][], scale: AxisScale) =>
    rangeOf(values, scale === 'log');
  const xs = curves.map(curve => curve.x);
  const ys = curves.map(curve => curve.y);
  const y = padded(range(ys, yScale), yScale === 'log');
  return plotted.seen() ?? { x: range(xs, xScale), y };
}

/** Where the labels of an axis stand: round numbers, about so many. */
export function ticksOf([low, high]: Range, scale: AxisScale, count = 7) {
  return scale === 'log'
    ? decades(low, high)
    : steps(low, high, roundStep((high - low) / count));
}

function roundStep(wanted: number): number {
  const ten = 10 ** Math.floor(Math.log10(wanted));
  return ten * ([1, 2, 5].find(times => ten * times >= wanted) ?? 10);
}

function steps(low: number, high: number, step: number): number[] {
  const [first, last] = [Math.ceil(low / step), Math.floor(high / step)];
  if (!Number.isFinite(last - first)) {
    return [];
  }
  const digits = Math.max(-Math.floor(Math.log10(step)), 0);
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toFixed(Math.min(digits, 100)))
  );
}

/** Powers of ten; twice and five times of them as well where there are few. */
function decades(low: number, high: number): number[] {
  const [first, last] = [low, high].map(n => Math.floor(Math.log10(n)));
  const wide = last - first > 3;
  const every = Math.max(Math.ceil((last - first) / 10), 1);
  const found: number[] = [];
  for (let power = first; power <= last; power += every) {
    for (const times of wide ? [1] : [1, 2, 5]) {
      const at = Number(`${times}e${power}`);
      if (at >= low && at <= high) {
        found.push(at);
      }
    }
  }
  return found;
}
