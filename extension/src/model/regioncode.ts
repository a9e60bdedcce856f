/** The lines of code that give the pixels of a region, or the profile of a line. */

import { Box } from '../types';
import { boundsOf, IRegion } from './shapes';

/**
 * @param frame - the lines that read a part of the frame, or all of it; the last one
 * is an expression
 * @param size - rows and columns of the frame
 */
export function codeOfRegion(
  region: IRegion,
  frame: (box: Box | null) => string,
  size: [number, number]
): string {
  const box = region.kind === 'rectangle' ? pixelsOf(region, size) : null;
  const [expression, ...before] = frame(box).split('\n').reverse();
  const lines = before.reverse();
  if (box) {
    return [...lines, `values = ${expression}`].join('\n');
  }
  const points = region.points.map(p => `(${p.row}, ${p.column})`).join(', ');
  const found =
    region.kind === 'line'
      ? `distance, values = daisy.apps.shapes.profile(frame, [${points}], width=${region.width})`
      : `values = frame[daisy.apps.shapes.mask("${region.kind}", [${points}], frame.shape)]`;
  return [...lines, `frame = ${expression}`, found].join('\n');
}

/** The pixels whose centres lie in a rectangle; null where there is none. */
function pixelsOf(
  region: IRegion,
  [rows, columns]: [number, number]
): Box | null {
  const [top, bottom, left, right] = boundsOf(region);
  const edge = (at: number, length: number) =>
    Math.min(Math.max(Math.ceil(at - 0.5), 0), length);
  const box: Box = [
    edge(top, rows),
    edge(bottom, rows),
    edge(left, columns),
    edge(right, columns)
  ];
  return box[0] < box[1] && box[2] < box[3] ? box : null;
}
