/** Which viewers fit a dataset, and which of its axes each of them draws. */

import { IDescription } from '../types';
import { othersOf } from './axes';

export type ViewerName =
  'Frames' | 'Line' | 'Map' | 'Slices' | 'Table' | 'Attributes';

export interface IViewerRule {
  name: ViewerName;
  /** Where it is what is shown first. */
  first: (dataset: IDescription) => boolean;
  supports: (dataset: IDescription) => boolean;
  /** The axes that it draws: the others have sliders. */
  drawn: (
    dataset: IDescription,
    axes: [number, number],
    along: number | null
  ) => number[];
}

const never = () => false;
const always = () => true;
const isNumeric = (d: IDescription) =>
  /^(u?int|float|bool|complex|[<>])/.test(d.dtype);
const lastOf = (count: number) => (d: IDescription) =>
  d.shape.map((_, axis) => axis).slice(-count);

/** The axes of a volume: the last three that have some length. */
export function volumeAxes(dataset: IDescription): number[] {
  return dataset.shape
    .map((_, axis) => axis)
    .filter(axis => dataset.shape[axis] > 1)
    .slice(-3);
}

/** The first that is `first`, else the first that supports a dataset, is its default. */
export const rules: IViewerRule[] = [
  {
    name: 'Frames',
    first: d => d.plot === 'image',
    supports: d => isNumeric(d) && d.shape.length > 1 && !!d.picture.length,
    drawn: (_, axes) => axes
  },
  {
    name: 'Line',
    first: d => d.plot === 'line',
    supports: d => isNumeric(d) && d.shape.length > 0,
    drawn: (d, axes, along) => [along ?? d.spectral ?? axes[1]]
  },
  {
    name: 'Map',
    first: d => d.plot === 'map',
    supports: d =>
      isNumeric(d) &&
      d.shape.length > 2 &&
      (d.spectral !== null || d.shape.length > 3),
    drawn: (d, axes) => {
      const { map, point } = mapAxes(d, axes);
      return [...map, ...point];
    }
  },
  {
    name: 'Slices',
    first: never,
    supports: d =>
      isNumeric(d) && d.spectral === null && volumeAxes(d).length === 3,
    drawn: volumeAxes
  },
  {
    name: 'Table',
    first: d => d.plot === 'text',
    supports: always,
    drawn: (d, axes) => (d.shape.length > 2 ? axes : lastOf(2)(d))
  },
  {
    name: 'Attributes',
    first: never,
    supports: always,
    drawn: d => lastOf(99)(d)
  }
];

export function rulesFor(dataset: IDescription): IViewerRule[] {
  return rules.filter(rule => rule.supports(dataset));
}

/** The viewer that was chosen, where it fits; else the default. */
export function ruleFor(
  dataset: IDescription,
  chosen: ViewerName | null
): IViewerRule {
  const fitting = rulesFor(dataset);
  return (
    fitting.find(rule => rule.name === chosen) ??
    fitting.find(rule => rule.first(dataset)) ??
    fitting[0]
  );
}

export interface IMapAxes {
  /** Rows and columns of the map. */
  map: [number, number];
  /** What each of its points holds: the axis of a spectrum, or those of a frame. */
  point: number[];
}

export function mapAxes(
  dataset: IDescription,
  axes: [number, number]
): IMapAxes {
  if (dataset.spectral !== null) {
    return { map: axes, point: [dataset.spectral] };
  }
  const [rows, columns] = othersOf(dataset.shape.length, axes).slice(-2);
  return { map: [rows, columns], point: axes };
}
