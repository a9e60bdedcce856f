/** What is told below a picture: the value under the pointer, counts of marked pixels. */

import * as React from 'react';
import { Api } from '../api';
import { axisLabel } from '../model/axes';
import { numberText } from '../model/text';
import { ViewModel } from '../model/view';
import { IPoint } from '../model/zoom';
import { ITile } from '../types';

export interface ICursor extends IPoint {
  value: string;
}

export function Status(props: {
  model: ViewModel;
  cursor: ICursor | null;
  zoomed: boolean;
}): React.ReactElement {
  const { model, cursor, zoomed } = props;
  const { tile } = model;
  const { marks } = model.look;
  const plural = (n: number) => (n === 1 ? 'pixel' : 'pixels');
  return (
    <div className="jp-Daisy-status">
      <span
        className="jp-Daisy-cursor"
        title="Contrast: drag the picture with the right button or with Shift; right is wider, up is brighter"
      >
        {cursor
          ? cursorText(model, cursor)
          : zoomed
            ? 'Double click: whole frame. Shift-drag: contrast.'
            : 'Scroll: zoom. Shift-drag: contrast.'}
      </span>
      {tile && tile.missing > 0 && (
        <span title="The file that should hold them is absent">
          <i className="jp-Daisy-swatch jp-mod-missing" />
          {tile.missing} {plural(tile.missing)} missing
        </span>
      )}
      {tile && tile.bad > 0 && !tile.missing && (
        <span title={badTitle(tile)}>
          {marks && <i className="jp-Daisy-swatch" />}
          {tile.bad}{' '}
          {tile.masked ? 'masked' : `${plural(tile.bad)} without data`}
        </span>
      )}
      {tile && tile.saturated > 0 && (
        <span title="Pixels at the largest value that can be counted, or above saturation_value">
          <i className="jp-Daisy-swatch jp-mod-saturated" />
          {tile.saturated} saturated
        </span>
      )}
      {tile && tile.hot > 0 && (
        <span
          title={`Pixels; the largest value is ${numberText(tile.maximum)}`}
        >
          {tile.hot} above the contrast
        </span>
      )}
      {tile && tile.step > 1 && <span>every {tile.step}th row, for now</span>}
      {tile && (tile.thinned ?? 1) > 1 && (
        <span title="All of them would take too long here: the line of code takes all">
          only every {tile.thinned}th frame
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

function badTitle(tile: ITile): string {
  const rest = 'Left out of the contrast.';
  return tile.masked
    ? `${tile.masked} by the pixel_mask of the detector. ${rest}`
    : `Marked as bad, NaN or infinite. ${rest}`;
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
  const mean = value && look.bin > 1 ? ', mean of its cell' : '';
  return `${down} ${row}, ${across} ${column}${mean}${told}`;
}

export function usePixelValue(
  api: Api,
  model: ViewModel,
  cursor: ICursor | null,
  setCursor: React.Dispatch<React.SetStateAction<ICursor | null>>
): void {
  const { row, column } = cursor ?? { row: -1, column: -1 };
  const how = JSON.stringify([model.computed, model.look.bin]);
  const place = `${model.index.join()} ${model.look.axes.join()} ${how}`;
  React.useEffect(() => {
    if (row < 0 || !model.signal) {
      return;
    }
    const controller = new AbortController();
    const { path, signal, index, look } = model;
    const where = { path, node: signal.path, axes: look.axes, index };
    const binned = look.bin > 1 ? { bin: look.bin } : {};
    const asked = { ...where, ...model.computed, ...binned };
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
