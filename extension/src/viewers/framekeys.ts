/** What the keys do in the Frames viewer; the list for readers is in help.tsx. */

import * as React from 'react';
import { ShapeKind } from '../model/shapes';
import { ViewModel } from '../model/view';
import { boxAfterZoom, boxMoved, mirrored, turned } from '../model/zoom';
import { Box } from '../types';

const STEP = 0.1; // of what is shown
const ZOOM = Math.exp(0.25);

const shapes: Record<string, ShapeKind> = {
  l: 'line',
  r: 'rectangle',
  e: 'ellipse',
  p: 'polygon',
  b: 'pixels'
};

const arrows: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1]
};

/** Do what a key says; false where it says nothing here. */
export function pressKey(
  event: React.KeyboardEvent,
  model: ViewModel,
  box: Box,
  full: [number, number],
  help: () => void
): boolean {
  const { key, altKey, ctrlKey, metaKey, shiftKey } = event;
  const { regions } = model;
  const { turn, marks } = model.look;
  const row = (box[0] + box[1]) / 2;
  const column = (box[2] + box[3]) / 2;
  const zoom = (factor: number) =>
    model.setBox(boxAfterZoom(box, full, row, column, factor));
  if ((ctrlKey || metaKey) && key.toLowerCase() === 'z') {
    if (shiftKey) {
      regions.redo();
    } else {
      regions.undo();
    }
    return true;
  }
  if (ctrlKey || metaKey) {
    return false;
  }
  if (altKey && arrows[key]) {
    const [down, across] = arrows[key];
    const rows = down * STEP * (box[1] - box[0]);
    model.setBox(boxMoved(box, full, rows, across * STEP * (box[3] - box[2])));
    return true;
  }
  const actions: Record<string, () => void> = {
    '+': () => zoom(1 / ZOOM),
    '-': () => zoom(ZOOM),
    '0': () => model.setBox(null),
    '[': () => model.setTurn(turned(turn, -1)),
    ']': () => model.setTurn(turned(turn, 1)),
    h: () => model.setTurn(mirrored(turn)),
    v: () => model.setTurn(mirrored(turn, true)),
    a: () => model.resetContrast(),
    m: () => model.setMarks(!marks),
    '?': help,
    Escape: () => regions.take(regions.tool),
    Enter: () => void regions.finish()
  };
  const shape = shapes[key.toLowerCase()];
  const action =
    actions[key] ??
    actions[key.toLowerCase()] ??
    (shape && (() => void regions.addInMiddle(shape, box)));
  action?.();
  return !!action;
}
