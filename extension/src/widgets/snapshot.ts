/** The picture as a PNG file: what is drawn, its colour bar, and what it is. */

import { gradient } from '../model/colormap';
import { fileName, numberText } from '../model/text';
import { ViewModel } from '../model/view';
import { curvePicture } from './curvepicture';

const MARGIN = 12;
const LINE = 20;
const BAR = 18;
/** Room beside the bar for its numbers. */
const NUMBERS = 90;

/** Draw all pictures of a view side by side, or its curves. */
export function snapshot(
  view: HTMLElement,
  model: ViewModel
): HTMLCanvasElement {
  const chart = view.querySelector('.jp-Daisy-line .jp-Daisy-chart');
  if (model.plotted && chart) {
    // WebGL keeps nothing of what it has drawn
    const { width, height } = chart.getBoundingClientRect();
    return curvePicture(model.plotted, titleOf(model), [width, height]);
  }
  const pictures = [...view.querySelectorAll('canvas')].filter(
    canvas => canvas.width && canvas.getContext('2d')
  );
  const height = Math.max(...pictures.map(canvas => canvas.height));
  const widths = pictures.reduce((sum, c) => sum + c.width + MARGIN, MARGIN);
  const made = document.createElement('canvas');
  made.width = widths + BAR + NUMBERS;
  made.height = height + 3 * MARGIN + 2 * LINE;
  const context = made.getContext('2d')!;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, made.width, made.height);
  let left = MARGIN;
  const top = 2 * MARGIN + 2 * LINE;
  for (const picture of pictures) {
    context.drawImage(picture, left, top);
    left += picture.width + MARGIN;
  }
  context.fillStyle = '#000';
  context.font = '14px sans-serif';
  const lines = titleOf(model);
  lines.forEach((text, i) => context.fillText(text, MARGIN, (i + 1) * LINE));
  drawBar(context, model, [left, top, height]);
  return made;
}

/** The file name of what is shown. */
export function snapshotName(model: ViewModel): string {
  const stem = fileName(model.path).replace(/\.[^.]*$/, '');
  return [stem, model.signal?.name ?? '', ...model.index, 'png']
    .join('_')
    .replace(/_png$/, '.png');
}

function titleOf(model: ViewModel): string[] {
  const { signal, index, plot } = model;
  const at = index.length ? ` at ${index.join(', ')}` : '';
  return [plot?.code ?? model.path, `${signal?.path ?? ''}${at}`];
}

function drawBar(
  context: CanvasRenderingContext2D,
  model: ViewModel,
  [left, top, height]: [number, number, number]
): void {
  const { look, tile, signal } = model;
  const lo = look.lo ?? tile?.lo;
  const hi = look.hi ?? tile?.hi;
  if (lo === undefined || hi === undefined) {
    return; // each picture has its own
  }
  const colours = context.createLinearGradient(0, top + height, 0, top);
  const stops = gradient(look.map).match(/rgb\([^)]*\)|#[0-9a-f]+/gi) ?? [];
  stops.forEach((colour, i) =>
    colours.addColorStop(i / Math.max(stops.length - 1, 1), colour)
  );
  context.fillStyle = colours;
  context.fillRect(left, top, BAR, height);
  context.fillStyle = '#000';
  const beside = left + BAR + 6;
  const units = signal?.units ? ` ${signal.units}` : '';
  context.fillText(`${numberText(hi)}${units}`, beside, top + 14);
  context.fillText(`${numberText(lo)}${units}`, beside, top + height);
  if (look.scale !== 'linear') {
    context.fillText(look.scale, beside, top + height / 2);
  }
}
