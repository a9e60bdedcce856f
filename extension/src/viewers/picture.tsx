/** A tile on a canvas: where its pixels lie, a cross-hair, and what the pointer does. */

import * as React from 'react';
import { colourise, hatch, MapName } from '../model/colormap';
import { fitBox, IFit } from '../model/zoom';
import { Box, ITile } from '../types';

export interface IPoint {
  row: number;
  column: number;
}

interface IProps {
  tile: ITile | null;
  map: MapName;
  /** The part of the frame that is shown. */
  box: Box;
  square: boolean;
  label: string;
  className?: string;
  mark?: IPoint | null;
  /** How many device pixels there are for the picture. */
  resized: (height: number, width: number) => void;
  /** Tell that a new tile is on the screen. */
  drawn?: () => void;
  /** The pointer is at a pixel, or at none. */
  pointed?: (at: IPoint | null) => void;
  pressed?: (at: IPoint, event: React.PointerEvent, fit: IFit) => void;
  turned?: (at: IPoint, delta: number) => void;
  doubled?: () => void;
  keyed?: (event: React.KeyboardEvent) => void;
}

export function Picture(props: IProps): React.ReactElement {
  const { tile, box, square, mark } = props;
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const area = React.useRef<HTMLDivElement>(null);
  const picture = useColoured(tile, props.map);
  const [size, setSize] = React.useState<[number, number]>([0, 0]);
  const fit = fitBox(box, size, square);

  const { resized } = props;
  const told = React.useRef(resized);
  told.current = resized;
  React.useEffect(() => {
    const element = area.current!;
    const measure = () => {
      const ratio = window.devicePixelRatio || 1;
      const { clientHeight: height, clientWidth: width } = element;
      if (height && width) {
        setSize([height, width]);
        told.current(height * ratio, width * ratio);
      }
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  // not at every rendering: a picture that stays is not drawn again
  React.useLayoutEffect(() => {
    if (canvas.current && tile && picture) {
      draw(canvas.current, size, fit, box, tile, picture);
      if (mark) {
        drawMark(canvas.current, size, fit, mark, box);
      }
    }
  }, [picture, size, box.join(), square, mark?.row, mark?.column]);
  React.useEffect(() => props.drawn?.(), [picture]);

  const pointAt = (event: { clientX: number; clientY: number }) => {
    const bounds = canvas.current!.getBoundingClientRect();
    const row = fit.row(event.clientY - bounds.top);
    const column = fit.column(event.clientX - bounds.left);
    const inside =
      row >= box[0] && row < box[1] && column >= box[2] && column < box[3];
    return inside ? { row, column } : null;
  };
  useWheel(canvas, event => {
    const at = pointAt(event);
    if (at && props.turned) {
      event.preventDefault();
      props.turned(at, event.deltaY);
    }
  });

  return (
    <div className="jp-Daisy-canvasArea" ref={area}>
      <canvas
        ref={canvas}
        role="img"
        tabIndex={0}
        aria-label={props.label}
        className={props.className}
        onKeyDown={props.keyed}
        onPointerDown={event => {
          const at = pointAt(event);
          if (at && event.button === 0) {
            props.pressed?.(at, event, fit);
          }
        }}
        onPointerMove={event => props.pointed?.(pointAt(event))}
        onPointerLeave={() => props.pointed?.(null)}
        onDoubleClick={props.doubled}
      />
    </div>
  );
}

/** Follow a pressed pointer until it is let go. */
export function follow(
  event: React.PointerEvent,
  moved: (event: PointerEvent) => void
): void {
  const target = event.currentTarget as HTMLElement;
  target.setPointerCapture(event.pointerId);
  const end = () => {
    target.removeEventListener('pointermove', moved);
    target.removeEventListener('pointerup', end);
    target.removeEventListener('pointercancel', end);
  };
  target.addEventListener('pointermove', moved);
  target.addEventListener('pointerup', end);
  target.addEventListener('pointercancel', end);
}

function useColoured(
  tile: ITile | null,
  map: MapName
): HTMLCanvasElement | null {
  return React.useMemo(() => {
    if (!tile) {
      return null;
    }
    const [rows, columns] = tile.shape;
    const picture = document.createElement('canvas');
    picture.width = columns;
    picture.height = rows;
    const colours = colourise(tile.codes, map);
    if (tile.missing) {
      hatch(colours, tile.codes, columns);
    }
    const data = new ImageData(colours, columns, rows);
    picture.getContext('2d')!.putImageData(data, 0, 0);
    return picture;
  }, [tile, map]);
}

function draw(
  canvas: HTMLCanvasElement,
  [height, width]: [number, number],
  fit: IFit,
  box: Box,
  tile: ITile,
  picture: HTMLCanvasElement
): void {
  const ratio = window.devicePixelRatio || 1;
  const [high, wide] = [Math.round(height * ratio), Math.round(width * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  // on the processor: one picture a frame is sooner drawn there than sent away
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.save();
  const [down, across] = fit.zoom;
  const { top, left } = fit;
  context.beginPath();
  context.rect(left, top, (box[3] - box[2]) * across, (box[1] - box[0]) * down);
  context.clip();
  const high1 = 2 ** tile.level * tile.step * down;
  const wide1 = 2 ** tile.level * across;
  // pixels of the data stay sharp; what was binned, or is made smaller, is smoothed
  context.imageSmoothingEnabled =
    tile.level > 0 || Math.max(high1, wide1) * ratio < 1;
  context.drawImage(
    picture,
    left + (tile.box[2] - box[2]) * across,
    top + (tile.box[0] - box[0]) * down,
    tile.shape[1] * wide1,
    tile.shape[0] * high1
  );
  context.restore();
}

/** Two lines through a pixel, dark with a bright edge: seen on any picture. */
function drawMark(
  canvas: HTMLCanvasElement,
  [height, width]: [number, number],
  fit: IFit,
  mark: IPoint,
  box: Box
): void {
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const y = fit.top + (mark.row + 0.5 - box[0]) * fit.zoom[0];
  const x = fit.left + (mark.column + 0.5 - box[2]) * fit.zoom[1];
  for (const [colour, thick] of [
    ['rgba(0, 0, 0, 0.6)', 3],
    ['#ffb300', 1]
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.beginPath();
    context.moveTo(fit.left, y);
    context.lineTo(width - fit.left, y);
    context.moveTo(x, fit.top);
    context.lineTo(x, height - fit.top);
    context.stroke();
  }
}

function useWheel(
  canvas: React.RefObject<HTMLCanvasElement>,
  turned: (event: WheelEvent) => void
): void {
  const latest = React.useRef(turned);
  latest.current = turned;
  React.useEffect(() => {
    const element = canvas.current!;
    const listen = (event: WheelEvent) => latest.current(event);
    // React's own listener is passive and could not stop the page
    element.addEventListener('wheel', listen, { passive: false });
    return () => element.removeEventListener('wheel', listen);
  }, []);
}
