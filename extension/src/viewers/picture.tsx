/** A tile on a canvas: where its pixels lie, a cross-hair, and what the pointer does. */

import * as React from 'react';
import { colourise, hatch, MapName } from '../model/colormap';
import { IContrast, recoding } from '../model/contrast';
import { fitBox, IFit, IPoint, ITurn, UPRIGHT } from '../model/zoom';
import { Box, ITile, Scale } from '../types';

interface IProps {
  tile: ITile | null;
  map: MapName;
  /** The part of the frame that is shown. */
  box: Box;
  square: boolean;
  /** The contrast that is wanted, where it may be another than the tile's. */
  contrast?: (IContrast & { scale: Scale }) | null;
  /** Whether pixels without data have a colour of their own. */
  marks?: boolean;
  turn?: ITurn;
  /** So many pixels each way are one on purpose: it stays sharp. */
  bin?: number;
  /** What lies over the picture, as parts of an SVG. */
  over?: (fit: IFit) => React.ReactNode;
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
  /** The picture is dragged with the right button, or with Shift. */
  windowed?: (right: number, down: number, start: boolean) => void;
  turned?: (at: IPoint, delta: number) => void;
  doubled?: () => void;
  keyed?: (event: React.KeyboardEvent) => void;
}

export function Picture(props: IProps): React.ReactElement {
  const { tile, box, square, mark, turn = UPRIGHT } = props;
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const area = React.useRef<HTMLDivElement>(null);
  const picture = useColoured(props);
  const [size, setSize] = React.useState<[number, number]>([0, 0]);
  const fit = fitBox(box, size, square, turn);

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
      draw(canvas.current, size, fit, box, tile, picture, props.bin);
      if (mark) {
        drawMark(canvas.current, size, fit, mark, box);
      }
    }
  }, [picture, size, fit.matrix.join(), mark?.row, mark?.column]);
  React.useEffect(() => props.drawn?.(), [tile]);

  const pointAt = (event: { clientX: number; clientY: number }) => {
    const bounds = canvas.current!.getBoundingClientRect();
    const at = fit.point(
      event.clientX - bounds.left,
      event.clientY - bounds.top
    );
    return inside(at, box) ? at : null;
  };
  const [windowing, noMenu] = useWindowing(props.windowed);
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
          if (windowing(event)) {
            return;
          }
          if (at && event.button === 0) {
            props.pressed?.(at, event, fit);
          }
        }}
        onMouseDown={event => {
          // a double click would select the text that is nearest
          if (event.detail > 1) {
            event.preventDefault();
          }
        }}
        onContextMenu={noMenu}
        onPointerMove={event => props.pointed?.(pointAt(event))}
        onPointerLeave={() => props.pointed?.(null)}
        onDoubleClick={props.doubled}
      />
      {props.over && (
        <svg className="jp-Daisy-over" width={size[1]} height={size[0]}>
          {props.over(fit)}
        </svg>
      )}
    </div>
  );
}

/** Follow a pressed pointer until it is let go. */
export function follow(
  event: React.PointerEvent,
  moved: (event: PointerEvent) => void,
  ended: () => void = () => undefined
): void {
  const target = event.currentTarget as HTMLElement;
  target.setPointerCapture(event.pointerId);
  const end = () => {
    ended();
    target.removeEventListener('pointermove', moved);
    target.removeEventListener('pointerup', end);
    target.removeEventListener('pointercancel', end);
  };
  target.addEventListener('pointermove', moved);
  target.addEventListener('pointerup', end);
  target.addEventListener('pointercancel', end);
}

function inside({ row, column }: IPoint, box: Box): boolean {
  return row >= box[0] && row < box[1] && column >= box[2] && column < box[3];
}

/** Drag with the right button or with Shift; the menu comes where nothing moved. */
function useWindowing(
  windowed: IProps['windowed']
): [(event: React.PointerEvent) => boolean, (event: React.MouseEvent) => void] {
  const dragged = React.useRef(false);
  // the picture is rendered again on the way
  const latest = React.useRef(windowed);
  latest.current = windowed;
  const start = (event: React.PointerEvent): boolean => {
    const { button, shiftKey, clientX, clientY } = event;
    if (!windowed || !(button === 2 || (button === 0 && shiftKey))) {
      return false;
    }
    dragged.current = false;
    windowed(0, 0, true);
    follow(event, e => {
      dragged.current = true;
      latest.current?.(e.clientX - clientX, e.clientY - clientY, false);
    });
    return true;
  };
  const noMenu = (event: React.MouseEvent): void => {
    if (dragged.current) {
      dragged.current = false;
      event.preventDefault();
      event.stopPropagation();
    }
  };
  return [start, noMenu];
}

function useColoured(props: IProps): HTMLCanvasElement | null {
  const { tile, map, marks = true, contrast } = props;
  const { lo = 0, hi = 0, scale = 'linear' } = contrast ?? {};
  return React.useMemo(() => {
    if (!tile) {
      return null;
    }
    const [rows, columns] = tile.shape;
    const picture = document.createElement('canvas');
    picture.width = columns;
    picture.height = rows;
    const colours = colourise(tile.codes, {
      map,
      marks,
      saturated: tile.saturated > 0,
      recoding: contrast && recoding(tile, { lo, hi }, scale)
    });
    if (tile.missing) {
      hatch(colours, tile.codes, columns);
    }
    const data = new ImageData(colours, columns, rows);
    // on the processor as well: what is drawn from another place has to wait for it
    const context = picture.getContext('2d', { willReadFrequently: true })!;
    context.putImageData(data, 0, 0);
    return picture;
  }, [tile, map, marks, !contrast, lo, hi, scale]);
}

function draw(
  canvas: HTMLCanvasElement,
  [height, width]: [number, number],
  fit: IFit,
  box: Box,
  tile: ITile,
  picture: HTMLCanvasElement,
  bin = 1
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
  // from here on in rows and columns of the frame
  context.transform(...fit.matrix);
  context.beginPath();
  context.rect(box[2], box[0], box[3] - box[2], box[1] - box[0]);
  context.clip();
  const [high1, wide1] = [2 ** tile.level * tile.step, 2 ** tile.level];
  // pixels of the data stay sharp; what was binned, or is made smaller, is smoothed
  context.imageSmoothingEnabled =
    2 ** tile.level > bin || Math.max(high1 * down, wide1 * across) * ratio < 1;
  context.drawImage(
    picture,
    tile.box[2],
    tile.box[0],
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
  const centre = { row: mark.row + 0.5, column: mark.column + 0.5 };
  const [x, y] = fit.screen(centre);
  const [left, top] = fit.screen({ row: box[0], column: box[2] });
  for (const [colour, thick] of [
    ['rgba(0, 0, 0, 0.6)', 3],
    ['#ffb300', 1]
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(width - left, y);
    context.moveTo(x, top);
    context.lineTo(x, height - top);
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
