/** Any two axes as a picture: zoom with the wheel, move by dragging. */

import * as React from 'react';
import { Api } from '../api';
import { axisLabel } from '../model/axes';
import { boxAfterZoom, boxMoved, wholeBox } from '../model/zoom';
import { numberText } from '../model/text';
import { ViewModel } from '../model/view';
import { IViewerProps } from './props';
import { follow, IPoint, Picture } from './picture';

interface ICursor extends IPoint {
  value: string;
}

export function FramesView({ model, api }: IViewerProps): React.ReactElement {
  const [cursor, setCursor] = React.useState<ICursor | null>(null);
  const full = fullShape(model);
  const box = model.look.box ?? wholeBox(full);
  usePixelValue(api, model, cursor, setCursor);

  const zoom = (at: IPoint, delta: number) => {
    const factor = Math.exp(Math.sign(delta) * 0.25);
    model.setBox(boxAfterZoom(box, full, at.row, at.column, factor));
  };
  const middle = {
    row: (box[0] + box[1]) / 2,
    column: (box[2] + box[3]) / 2
  };
  const keys = (event: React.KeyboardEvent) => {
    if (event.key === '+' || event.key === '-') {
      zoom(middle, event.key === '+' ? -1 : 1);
    } else if (event.key === '0') {
      model.setBox(null);
    }
  };
  const point = (at: IPoint | null) => {
    const [row, column] = at ? [at.row, at.column].map(Math.floor) : [-1, -1];
    if (!at) {
      setCursor(null);
    } else if (cursor?.row !== row || cursor.column !== column) {
      setCursor({ row, column, value: '' });
    }
  };

  return (
    <div className="jp-Daisy-image">
      <Picture
        tile={model.tile}
        map={model.look.map}
        box={box}
        square={model.square}
        label={describe(model)}
        className={model.look.box ? 'jp-mod-zoomed' : ''}
        resized={(height, width) => model.resize(height, width)}
        drawn={() => model.onScreen()}
        pointed={point}
        pressed={(_, event, fit) => {
          if (model.look.box) {
            follow(event, e => {
              const rows = (event.clientY - e.clientY) / fit.zoom[0];
              const columns = (event.clientX - e.clientX) / fit.zoom[1];
              model.setBox(boxMoved(box, full, rows, columns));
            });
          }
        }}
        turned={zoom}
        doubled={() => model.setBox(null)}
        keyed={keys}
      />
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
  const plural = (n: number) => (n === 1 ? 'pixel' : 'pixels');
  return (
    <div className="jp-Daisy-status">
      <span className="jp-Daisy-cursor">
        {cursor
          ? cursorText(model, cursor)
          : zoomed
            ? 'Double click shows the whole frame'
            : 'Scroll to zoom'}
      </span>
      {tile && tile.missing > 0 && (
        <span title="The file that should hold them is absent">
          <i className="jp-Daisy-swatch jp-mod-missing" />
          {tile.missing} {plural(tile.missing)} missing
        </span>
      )}
      {tile && tile.bad > 0 && !tile.missing && (
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
      {tile && tile.step > 1 && <span>every {tile.step}th row, for now</span>}
      {tile && tile.level > 0 && (
        <span title="Each pixel of the picture is the mean of that many">
          binned {2 ** tile.level} × {2 ** tile.level}
        </span>
      )}
    </div>
  );
}

/** Rows and columns have these names, unless the picture is a cut. */
function cursorText(model: ViewModel, cursor: ICursor): string {
  const { look, signal } = model;
  const { row, column, value } = cursor;
  const usual = look.axes.join() === signal?.picture.join();
  const [down, across] = usual
    ? ['row', 'column']
    : look.axes.map(axis => (signal ? axisLabel(signal, axis) : ''));
  const units = value && signal?.units ? ` ${signal.units}` : '';
  const told = value && `: ${value}${units}`;
  return `${down} ${row}, ${across} ${column}${told}`;
}

function usePixelValue(
  api: Api,
  model: ViewModel,
  cursor: ICursor | null,
  setCursor: React.Dispatch<React.SetStateAction<ICursor | null>>
): void {
  const { row, column } = cursor ?? { row: -1, column: -1 };
  const place = `${model.index.join()} ${model.look.axes.join()}`;
  React.useEffect(() => {
    if (row < 0 || !model.signal) {
      return;
    }
    const controller = new AbortController();
    const { path, signal, index, look } = model;
    const asked = { path, node: signal.path, axes: look.axes, index };
    // the pointer rests: a value is not asked for on the way
    const timer = setTimeout(() => {
      api
        .pixel(asked, row, column, controller.signal)
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
  }, [row, column, place]);
}

function fullShape(model: ViewModel): [number, number] {
  const [rows, columns] = model.look.axes.map(
    axis => model.signal?.shape[axis] ?? 1
  );
  return [rows, columns];
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
