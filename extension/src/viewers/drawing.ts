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
  const pointOf = (e: PointerEvent) =>
    fit.point(e.clientX - bounds.left, e.clientY - bounds.top);
  if (regions.tool === 'pixels') {
    paintFrom(regions, at, event, pointOf);
    return;
  }
  regions.sketch([at]);
  follow(
    event,
    e => regions.sketch([at, pointOf(e)]),
    () => regions.finish()
  );
}

/** A stroke of the brush; Alt turns it around: what paints rubs out. */
function paintFrom(
  regions: Regions,
  at: IPoint,
  event: React.PointerEvent,
  pointOf: (event: PointerEvent) => IPoint
): void {
  const label = `stroke ${event.timeStamp}`;
  const { size, erase } = regions.brush;
  const brush = { size, erase: erase !== event.altKey };
  regions.paint(at, at, label, brush);
  let last = at;
  follow(event, e => {
    const now = pointOf(e);
    regions.paint(last, now, label, brush);
    last = now;
  });
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
