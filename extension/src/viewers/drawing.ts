/** What the pointer does while a shape is drawn. */

import * as React from 'react';
import { Regions } from '../model/regions';
import { IFit, IPoint } from '../model/zoom';
import { follow } from './picture';

/** A press on the picture while a tool is taken up. */
export function drawFrom(
  regions: Regions,
  at: IPoint,
  event: React.PointerEvent,
  fit: IFit
): void {
  if (regions.tool === 'polygon') {
    // the last point follows the pointer until the next press
    const set = regions.draft.slice(0, -1);
    regions.sketch([...set, at, at]);
    return;
  }
  const bounds = event.currentTarget.getBoundingClientRect();
  regions.sketch([at]);
  follow(
    event,
    e =>
      regions.sketch([
        at,
        fit.point(e.clientX - bounds.left, e.clientY - bounds.top)
      ]),
    () => regions.finish()
  );
}

/** The pointer moves between two presses. */
export function drawTo(regions: Regions, at: IPoint | null): void {
  if (at && regions.tool === 'polygon' && regions.draft.length) {
    regions.sketch([...regions.draft.slice(0, -1), at]);
  }
}

/** Close a polygon: its last two presses were the double click. */
export function closePolygon(regions: Regions): boolean {
  if (regions.tool !== 'polygon') {
    return false;
  }
  const points = regions.draft.filter(
    (p, i, all) => !i || apart(p, all[i - 1])
  );
  regions.sketch(points);
  regions.finish();
  return true;
}

function apart(a: IPoint, b: IPoint): boolean {
  return Math.hypot(a.row - b.row, a.column - b.column) > 0.5;
}
