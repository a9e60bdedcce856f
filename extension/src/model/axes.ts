/** Which axes are drawn, and where the others stand. */

import { IAxis, ISignalData } from '../types';

/** Beyond this, square pixels would leave a thread of a picture. */
const LONGEST = 20;

/** The axes that are not drawn, slow to fast. */
export function othersOf(ndim: number, drawn: number[]): number[] {
  return Array.from({ length: ndim }, (_, axis) => axis).filter(
    axis => !drawn.includes(axis)
  );
}

/** Positions on the axes that are not drawn, in their order. */
export function indexOf(position: number[], drawn: number[]): number[] {
  return othersOf(position.length, drawn).map(axis => position[axis]);
}

/** Choose one of two axes; the other one gives way. */
export function withAxis(
  axes: [number, number],
  place: 0 | 1,
  axis: number
): [number, number] {
  const other = axes[1 - place] === axis ? axes[place] : axes[1 - place];
  return place ? [other, axis] : [axis, other];
}

/** Where to begin: the frame the server chose, the middle of what is drawn. */
export function firstPosition(signal: ISignalData): number[] {
  return signal.shape.map((length, axis) => {
    if (signal.picture.includes(axis)) {
      return Math.floor(length / 2);
    }
    return axis === 0 ? signal.first : 0;
  });
}

export function clamped(position: number, length: number): number {
  return Math.max(Math.min(Math.round(position), length - 1), 0);
}

export function axisLabel(signal: ISignalData, axis: number): string {
  const name = signal.dimensions[axis]?.name;
  if (name) {
    return name.slice(name.lastIndexOf('/') + 1);
  }
  const frames = axis === 0 && signal.shape.length === 3;
  return frames && signal.shape[0] > 1 ? 'frame' : `axis ${axis}`;
}

export function positionText(axis: IAxis, position: number): string {
  const value = axis.values?.[position];
  return value === undefined || value === null
    ? ''
    : `${Number(value.toPrecision(6))} ${axis.units ?? ''}`.trim();
}

/** Whether a pixel is as wide as high: not where the axes differ in kind. */
export function isSquare(
  signal: ISignalData,
  axes: readonly [number, number]
): boolean {
  const [rows, columns] = axes.map(axis => signal.shape[axis]);
  const [down, across] = axes.map(axis => signal.dimensions[axis]?.units);
  const differ = !!down && !!across && down !== across;
  const ratio = Math.max(rows / columns, columns / rows);
  return !differ && ratio <= LONGEST;
}
