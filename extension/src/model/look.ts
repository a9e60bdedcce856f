/** How a scan looks: what goes into a link, and along to the next scan. */

import { Box, ISignalData, ITile, Scale } from '../types';
import { IAgainst } from './against';
import { clamped, firstPosition } from './axes';
import { MapName } from './colormap';
import { IProjection } from './projection';
import { ViewerName } from './rules';
import { IRegion } from './shapes';
import { ITurn, UPRIGHT } from './zoom';

/** What goes along to the next scan. */
export interface ILook {
  node: string;
  /** One that was chosen by hand; null is the default of the dataset. */
  viewer: ViewerName | null;
  /** The axes of rows and of columns. */
  axes: [number, number];
  /** The axis along which a curve runs; null is the best one. */
  along: number | null;
  /** Where each axis stands, also those that are drawn. */
  position: number[];
  /** Whether pixels are as wide as high; null where the axes decide. */
  square: boolean | null;
  lo: number | null;
  hi: number | null;
  eachFrame: boolean;
  scale: Scale;
  map: MapName;
  /** Whether masked and saturated pixels have colours of their own. */
  marks: boolean;
  /** How the picture is turned on the screen. */
  turn: ITurn;
  box: Box | null;
  /** So many pixels each way are shown as their mean. */
  bin: number;
  /** Several frames as one; null is one frame. */
  project: IProjection | null;
  /** What the frame is compared with; null for the counts as they are. */
  against: IAgainst | null;
  /** Drawn on the picture, on whichever axes. */
  regions: IRegion[];
  /** The old picture, kept until the new one is there. */
  tile: ITile | null;
}

const NO_AXES: [number, number] = [0, 0];

export const freshLook: ILook = {
  node: '',
  viewer: null,
  axes: NO_AXES,
  along: null,
  position: [],
  square: null,
  lo: null,
  hi: null,
  eachFrame: false,
  scale: 'linear',
  map: 'grey',
  marks: true,
  turn: UPRIGHT,
  box: null,
  bin: 1,
  project: null,
  against: null,
  regions: [],
  tile: null
};

/** What two linked views have in common. */
export type ISharedLook = Pick<
  ILook,
  | 'axes'
  | 'position'
  | 'box'
  | 'bin'
  | 'lo'
  | 'hi'
  | 'eachFrame'
  | 'scale'
  | 'map'
  | 'turn'
  | 'marks'
>;

export function shared(look: ILook): ISharedLook {
  const { axes, position, box, bin, turn } = look;
  const { lo, hi, eachFrame, scale, map, marks } = look;
  const picture = { axes, position, box, bin, turn };
  return { ...picture, lo, hi, eachFrame, scale, map, marks };
}

/** Look as another view does, as far as the data allow. */
export function lookLike(
  look: ILook,
  other: ISharedLook,
  shape: number[]
): ILook {
  const { axes, position, box, ...rest } = other;
  if (position.length !== shape.length || !fits(axes, shape.length)) {
    return { ...look, ...rest };
  }
  const kept = boxWithin(box, shape, axes);
  return {
    ...look,
    ...rest,
    axes,
    position: position.map((at, axis) => clamped(at, shape[axis])),
    ...(box && !kept ? {} : { box })
  };
}

/** The look that a dataset begins with: the same one goes on as it was. */
export function lookAt(look: ILook, signal: ISignalData, same: boolean): ILook {
  const { shape, picture } = signal;
  const position = firstPosition(signal).map((start, axis) =>
    clamped(look.position[axis] ?? start, shape[axis])
  );
  const begun: Partial<ILook> = {
    viewer: null,
    along: null,
    axes: [picture[0] ?? 0, picture[1] ?? 0],
    square: null,
    lo: null,
    hi: null,
    box: null,
    bin: 1
  };
  const { lo, hi, box, bin, viewer } = look;
  const carried = same ? { lo, hi, box, bin, viewer } : {};
  const known = same && fits(look.axes, shape.length);
  const kept = known ? {} : { ...begun, ...carried };
  const found = { ...look, ...kept, node: signal.path, position };
  return { ...found, box: boxWithin(found.box, shape, found.axes) };
}

/** A part that another scan does not have is not shown. */
function boxWithin(
  box: Box | null,
  shape: number[],
  [rows, columns]: [number, number]
): Box | null {
  return box && box[1] <= shape[rows] && box[3] <= shape[columns] ? box : null;
}

function fits([rows, columns]: [number, number], ndim: number): boolean {
  return ndim < 2 || (rows !== columns && Math.max(rows, columns) < ndim);
}
