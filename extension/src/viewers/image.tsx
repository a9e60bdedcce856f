/** A frame on a canvas: equal aspect, zoom with the wheel, move by dragging. */

import * as React from 'react';
import { Api } from '../api';
import { colourise, MapName } from '../model/colormap';
import { boxAfterZoom, boxMoved, fitBox, IFit, wholeBox } from '../model/zoom';
import { numberText } from '../model/text';
import { ViewModel } from '../model/view';
import { Box, ITile } from '../types';

interface IProps {
  model: ViewModel;
  api: Api;
}

interface ICursor {
  row: number;
  column: number;
  value: string;
}

export function ImageView({ model, api }: IProps): React.ReactElement {
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const area = React.useRef<HTMLDivElement>(null);
  const picture = useColoured(model.tile, model.look.map);
  const [size, setSize] = React.useState<[number, number]>([0, 0]);
  const [cursor, setCursor] = React.useState<ICursor | null>(null);
  const full = fullShape(model);
  const box = model.look.box ?? wholeBox(full);
  const fit = fitBox(box, size);

  React.useEffect(() => {
    const element = area.current!;
    const measure = () => {
      const ratio = window.devicePixelRatio || 1;
      const { clientHeight: height, clientWidth: width } = element;
      if (height && width) {
        setSize([height, width]);
        model.resize(height * ratio, width * ratio);
      }
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [model]);

  // not at every rendering: a picture that stays is not drawn again
  React.useLayoutEffect(() => {
    if (canvas.current && model.tile && picture) {
      draw(canvas.current, size, fit, box, model.tile, picture);
    }
  }, [picture, size, box.join()]);

  const pixelAt = (event: { clientX: number; clientY: number }) => {
    const bounds = canvas.current!.getBoundingClientRect();
    const row = fit.row(event.clientY - bounds.top);
    const column = fit.column(event.clientX - bounds.left);
    const inside =
      row >= box[0] && row < box[1] && column >= box[2] && column < box[3];
    return { row, column, inside };
  };

  useWheel(canvas, event => {
    const { row, column } = pixelAt(event);
    const factor = Math.exp(Math.sign(event.deltaY) * 0.25);
    model.setBox(boxAfterZoom(box, full, row, column, factor));
  });
  usePixelValue(api, model, cursor, setCursor);

  const drag = (event: React.PointerEvent) => {
    const from = pixelAt(event);
    const target = event.currentTarget as HTMLElement;
    if (!model.look.box || !from.inside || event.button !== 0) {
      return;
    }
    target.setPointerCapture(event.pointerId);
    const move = (e: PointerEvent) => {
      const rows = (event.clientY - e.clientY) / fit.zoom;
      const columns = (event.clientX - e.clientX) / fit.zoom;
      model.setBox(boxMoved(box, full, rows, columns));
    };
    const end = () => {
      target.removeEventListener('pointermove', move);
      target.removeEventListener('pointerup', end);
      target.removeEventListener('pointercancel', end);
    };
    target.addEventListener('pointermove', move);
    target.addEventListener('pointerup', end);
    target.addEventListener('pointercancel', end);
  };

  return (
    <div className="jp-Daisy-image">
      <div className="jp-Daisy-canvasArea" ref={area}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={describe(model)}
          className={model.look.box ? 'jp-mod-zoomed' : ''}
          onPointerDown={drag}
          onPointerMove={event => {
            const { row, column, inside } = pixelAt(event);
            const [r, c] = [Math.floor(row), Math.floor(column)];
            if (!inside) {
              setCursor(null);
            } else if (cursor?.row !== r || cursor.column !== c) {
              setCursor({ row: r, column: c, value: '' });
            }
          }}
          onPointerLeave={() => setCursor(null)}
          onDoubleClick={() => model.setBox(null)}
        />
      </div>
      <Status model={model} cursor={cursor} zoomed={!!model.look.box} />
    </div>
  );
}

function Status(props: {
  model: ViewModel;
  cursor: ICursor | null;
  zoomed: boolean;
}): React.ReactElement {
  const { model, cursor, zoomed } = props;
  const { tile } = model;
  const units = model.signal?.units;
  const plural = (n: number) => (n === 1 ? 'pixel' : 'pixels');
  return (
    <div className="jp-Daisy-status">
      <span className="jp-Daisy-cursor">
        {cursor
          ? `row ${cursor.row}, column ${cursor.column}${cursor.value && `: ${cursor.value}`}${cursor.value && units ? ` ${units}` : ''}`
          : zoomed
            ? 'Double click shows the whole frame'
            : 'Scroll to zoom'}
      </span>
      {tile && tile.bad > 0 && (
        <span title="Masked, NaN or infinite: left out of the contrast">
          <i className="jp-Daisy-swatch" />
          {tile.bad} {plural(tile.bad)} without data
        </span>
      )}
      {tile && tile.hot > 0 && (
        <span
          title={`Largest value in the picture: ${numberText(tile.maximum)}`}
        >
          {tile.hot} {plural(tile.hot)} above the contrast
        </span>
      )}
      {tile && tile.level > 0 && (
        <span title="Each pixel of the picture is the mean of that many">
          binned {2 ** tile.level} × {2 ** tile.level}
        </span>
      )}
    </div>
  );
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
    const data = new ImageData(colourise(tile.codes, map), columns, rows);
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
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.save();
  const [top, left] = [fit.top, fit.left];
  context.beginPath();
  context.rect(
    left,
    top,
    (box[3] - box[2]) * fit.zoom,
    (box[1] - box[0]) * fit.zoom
  );
  context.clip();
  const pixel = 2 ** tile.level * fit.zoom;
  // large pixels stay sharp; a picture made smaller is smoothed
  context.imageSmoothingEnabled = pixel * ratio < 1;
  context.imageSmoothingQuality = 'high';
  context.drawImage(
    picture,
    left + (tile.box[2] - box[2]) * fit.zoom,
    top + (tile.box[0] - box[0]) * fit.zoom,
    tile.shape[1] * pixel,
    tile.shape[0] * pixel
  );
  context.restore();
}

function useWheel(
  canvas: React.RefObject<HTMLCanvasElement>,
  turned: (event: WheelEvent) => void
): void {
  const latest = React.useRef(turned);
  latest.current = turned;
  React.useEffect(() => {
    const element = canvas.current!;
    const listen = (event: WheelEvent) => {
      event.preventDefault();
      latest.current(event);
    };
    // React's own listener is passive and could not stop the page
    element.addEventListener('wheel', listen, { passive: false });
    return () => element.removeEventListener('wheel', listen);
  }, []);
}

function usePixelValue(
  api: Api,
  model: ViewModel,
  cursor: ICursor | null,
  setCursor: React.Dispatch<React.SetStateAction<ICursor | null>>
): void {
  const { row, column } = cursor ?? { row: -1, column: -1 };
  const position = model.index.join();
  React.useEffect(() => {
    if (row < 0 || !model.signal) {
      return;
    }
    const controller = new AbortController();
    const { path, signal, index } = model;
    // the pointer rests: a value is not asked for on the way
    const timer = setTimeout(() => {
      api
        .pixel(path, signal.path, index, row, column, controller.signal)
        .then(({ value }) => {
          setCursor(now =>
            now?.row === row && now.column === column ? { ...now, value } : now
          );
        })
        .catch(() => undefined);
    }, 80);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [row, column, position]);
}

function fullShape(model: ViewModel): [number, number] {
  const shape = model.signal?.shape ?? [1, 1];
  return [shape[shape.length - 2] ?? 1, shape[shape.length - 1] ?? 1];
}

function describe(model: ViewModel): string {
  const { tile } = model;
  const name = model.signal?.path ?? '';
  const range = tile
    ? `, from ${numberText(tile.lo)} to ${numberText(tile.hi)}`
    : '';
  const at = model.index.length ? ` at ${model.index.join(', ')}` : '';
  return `${name}${at}${range}`;
}
