/** Curves as a PNG file: as they are on the screen, with axes and legend, on white. */

import { COLOURS, ICurve } from '../model/curves';
import {
  AxisScale,
  IPlotted,
  ISeen,
  Range,
  sightOf,
  ticksOf
} from '../model/plotted';
import { numberText } from '../model/text';

/** Pixels of the file for one of the screen: it is printed, too. */
const FINE = 2;
const LINE = 20;
const MARGIN = { left: 90, right: 24, bottom: 56 };
const FEW = 60;

interface IPage {
  context: CanvasRenderingContext2D;
  plotted: IPlotted;
  seen: ISeen;
  /** The area of the curves. */
  area: { left: number; top: number; right: number; bottom: number };
  x: (value: number) => number;
  y: (value: number) => number;
}

export function curvePicture(
  plotted: IPlotted,
  titles: string[],
  [width, height]: [number, number]
): HTMLCanvasElement {
  const many = plotted.curves.length > 1;
  const top = (titles.length + (many ? 1 : 0)) * LINE + 20;
  const made = document.createElement('canvas');
  made.width = width * FINE;
  made.height = (height + top) * FINE;
  const context = made.getContext('2d')!;
  context.scale(FINE, FINE);
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height + top);
  context.font = '13px sans-serif';
  context.fillStyle = '#000';
  titles.forEach((text, i) => context.fillText(text, 12, (i + 1) * LINE));
  const page = pageOf(context, plotted, {
    left: MARGIN.left,
    top,
    right: width - MARGIN.right,
    bottom: height + top - MARGIN.bottom
  });
  drawAxes(page);
  plotted.curves.forEach((curve, i) => drawCurve(page, curve, colourOf(i)));
  if (many) {
    drawLegend(page, top - 14);
  }
  return made;
}

function colourOf(i: number): string {
  return COLOURS[i % COLOURS.length];
}

function pageOf(
  context: CanvasRenderingContext2D,
  plotted: IPlotted,
  area: IPage['area']
): IPage {
  const seen = sightOf(plotted);
  const x = along(plotted.xScale, seen.x, [area.left, area.right]);
  const y = along(plotted.yScale, seen.y, [area.bottom, area.top]);
  return { context, plotted, seen, area, x, y };
}

/** From a value to a place; NaN where a logarithmic axis has none. */
function along(
  scale: AxisScale,
  [low, high]: Range,
  [from, to]: Range
): (value: number) => number {
  const of = scale === 'log' ? Math.log10 : (value: number) => value;
  const [first, last] = [of(low), of(high)];
  return value => {
    const at = from + ((of(value) - first) / (last - first)) * (to - from);
    return Number.isFinite(at) ? at : NaN;
  };
}

function drawAxes(page: IPage): void {
  const { context, plotted, seen, area, x, y } = page;
  const { left, top, right, bottom } = area;
  context.strokeStyle = '#ddd';
  context.lineWidth = 1;
  context.textAlign = 'center';
  const wide = Math.max(Math.floor((right - left) / 110), 2);
  for (const at of ticksOf(seen.x, plotted.xScale, wide)) {
    stroke(context, [x(at), top], [x(at), bottom]);
    context.fillText(numberText(at), x(at), bottom + 18);
  }
  context.textAlign = 'right';
  for (const at of ticksOf(seen.y, plotted.yScale)) {
    stroke(context, [left, y(at)], [right, y(at)]);
    context.fillText(numberText(at), left - 8, y(at) + 4);
  }
  context.strokeStyle = '#000';
  context.strokeRect(left, top, right - left, bottom - top);
  context.textAlign = 'center';
  context.fillText(plotted.xLabel, (left + right) / 2, bottom + 42);
  context.save();
  context.translate(18, (top + bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(plotted.yLabel, 0, 0);
  context.restore();
  context.textAlign = 'left';
}

function drawCurve(page: IPage, curve: ICurve, colour: string): void {
  const { context, area, x, y, plotted } = page;
  context.save();
  context.beginPath();
  context.rect(
    area.left,
    area.top,
    area.right - area.left,
    area.bottom - area.top
  );
  context.clip();
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = 1.5;
  context.beginPath();
  let isDown = false; // what is no number leaves a gap
  curve.x.forEach((value, i) => {
    const [across, down] = [x(value), y(curve.y[i])];
    const isThere = !Number.isNaN(across + down);
    if (isThere && isDown) {
      context.lineTo(across, down);
    } else if (isThere) {
      context.moveTo(across, down);
    }
    isDown = isThere;
  });
  context.stroke();
  if (curve.x.length < FEW) {
    curve.x.forEach((value, i) => drawPoint(page, x(value), y(curve.y[i])));
  }
  if (plotted.showErrors && curve.errors) {
    curve.errors.forEach((error, i) => {
      const [low, high] = [curve.y[i] - error, curve.y[i] + error];
      const at = x(curve.x[i]);
      // below zero there is no place on a logarithmic axis: down to its end
      const foot = y(low);
      const bottom = Number.isNaN(foot) ? area.bottom : foot;
      stroke(context, [at, bottom], [at, y(high)]);
    });
  }
  context.restore();
}

function drawPoint({ context }: IPage, across: number, down: number): void {
  if (!Number.isNaN(across + down)) {
    context.beginPath();
    context.arc(across, down, 3, 0, 2 * Math.PI);
    context.fill();
  }
}

function drawLegend({ context, plotted, area }: IPage, down: number): void {
  let left = area.left;
  plotted.curves.forEach((curve, i) => {
    context.fillStyle = colourOf(i);
    context.fillRect(left, down - 8, 14, 4);
    context.fillStyle = '#000';
    context.fillText(curve.label, left + 20, down - 1);
    left += 20 + context.measureText(curve.label).width + 16;
  });
}

function stroke(
  context: CanvasRenderingContext2D,
  from: [number, number],
  to: [number, number]
): void {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}
