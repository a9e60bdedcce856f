/** Which part of a dataset is exported, and how large it is. */

import { ISignalData } from '../types';
import { IDrawn } from './plotted';
import { ViewModel } from './view';

export type Format = 'npy' | 'tiff' | 'tiff8' | 'tiff16' | 'csv' | 'h5';

export interface IExport {
  path: string;
  node: string;
  /** A part for each axis, like `3,0:100,:`; empty for all. */
  selection: string;
  format: Format;
  lo?: number;
  hi?: number;
  bin?: number;
}

/** The cells that are saved as they are seen; none of frames behind a projection. */
export function shownBin(model: ViewModel): number {
  const single = model.viewer?.name === 'Frames' && !model.project;
  return single ? model.look.bin : 1;
}

/**
 * What is shown: the positions of the sliders, the box of a picture, and the range
 * that a curve is zoomed to. Of a projection it is all its frames, as they are in the file.
 */
export function shownPart(model: ViewModel): string {
  const { look, selection, signal, project } = model;
  const [rows, columns] = look.axes;
  const boxed = model.viewer?.name === 'Frames' ? look.box : null;
  const inside = model.plotted?.inside;
  const span = (from: number, end: number, axis: number) => {
    const first = Math.max(Math.floor(from), 0);
    return `${first}:${Math.min(Math.ceil(end), signal!.shape[axis])}`;
  };
  const parts = selection.map((at, axis) => {
    if (axis === project?.axis) {
      return `${project.first}:${project.end}`; // the frames behind the picture
    }
    if (at !== null) {
      return `${at}`;
    }
    if (inside && axis === model.drawn[0]) {
      return inside.join(':');
    }
    if (boxed && axis === rows) {
      return span(boxed[0], boxed[1], axis);
    }
    if (boxed && axis === columns) {
      return span(boxed[2], boxed[3], axis);
    }
    return ':';
  });
  return parts.every(part => part === ':') ? '' : parts.join(',');
}

/** The curves that are drawn as a table, as the route takes them. */
export function curvesWish(
  path: string,
  drawn: IDrawn
): Record<string, string | number | undefined> {
  const { axis, x, over, offset } = drawn;
  const curves = JSON.stringify(drawn.curves);
  const within = drawn.within?.join();
  return { path, format: 'csv', curves, axis, x, over, offset, within };
}

/** How many axes are left of a part. */
export function axesOf(signal: ISignalData, part: string): number {
  const dropped = part.split(',').filter(p => /^\d+$/.test(p));
  return signal.shape.length - dropped.length;
}

/** Bytes of a part, as numbers. */
export function bytesOf(signal: ISignalData, part: string): number {
  const all = signal.shape.reduce((product, n) => product * n, 1);
  const named = part ? part.split(',') : [];
  const count = signal.shape.reduce((product, n, axis) => {
    const ends = /^(\d+):(\d+)$/.exec(named[axis] ?? ':');
    if (ends) {
      return product * (Number(ends[2]) - Number(ends[1]));
    }
    return /^\d+$/.test(named[axis] ?? ':') ? product : product * n;
  }, 1);
  return all ? (signal.bytes / all) * count : 0;
}

/** The formats that can hold a part: a line has no pixels, text no third axis. */
export function formatsFor(signal: ISignalData, part: string): Format[] {
  const axes = axesOf(signal, part);
  const real = /^(bool|u?int|float)/.test(signal.dtype);
  const small = /^(bool|u?int(8|16|32)|float)/.test(signal.dtype);
  return [
    ...(axes >= 2 && small ? (['tiff'] as const) : []),
    ...(axes >= 2 && real ? (['tiff8', 'tiff16'] as const) : []),
    'npy',
    ...(axes <= 2 ? (['csv'] as const) : []),
    'h5'
  ];
}
