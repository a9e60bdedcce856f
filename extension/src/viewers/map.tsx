/**
 * A scan point by point: a region of the spectrum as a map, or the sum of each frame;
 * the point under the cross-hair with its own spectrum or frame.
 */

import * as React from 'react';
import { axisLabel, indexOf, isSquare } from '../model/axes';
import { curveOf } from '../model/curves';
import {
  channelsOf,
  electronvolts,
  emissionsIn,
  IEmission
} from '../model/emission';
import { numberText } from '../model/text';
import { ViewModel } from '../model/view';
import { IMapAxes, mapAxes } from '../model/rules';
import { IPoint, wholeBox } from '../model/zoom';
import { ITileRequest } from '../types';
import { useAnswer } from './answer';
import { LazyChart } from './lazy';
import { Picture } from './picture';
import { IViewerProps } from './props';
import { useTile } from './tile';

const POINTS = 1200;

type Region = [number, number];

export function MapView(props: IViewerProps): React.ReactElement {
  const { model } = props;
  const axes = mapAxes(model.signal!, model.look.axes);
  const [region, setRegion] = React.useState<Region | null>(null);
  const spectral = axes.point.length === 1;
  return (
    <div className="jp-Daisy-map">
      <MapPicture {...props} axes={axes} region={region} />
      {spectral ? (
        <Spectrum {...props} axes={axes} region={region} set={setRegion} />
      ) : (
        <Frame {...props} axes={axes} />
      )}
    </div>
  );
}

function MapPicture(
  props: IViewerProps & { axes: IMapAxes; region: Region | null }
): React.ReactElement {
  const { model, api, axes, region } = props;
  const [max, setMax] = React.useState<[number, number]>([512, 512]);
  const signal = model.signal!;
  const { look } = model;
  const [rows, columns] = axes.map;
  const { tile, error, busy } = useTile(api, {
    ...base(model, axes),
    axes: axes.map,
    sum: regionsOf(model, axes, region),
    max
  });
  const go = (at: IPoint) =>
    model.place({
      [rows]: Math.floor(at.row),
      [columns]: Math.floor(at.column)
    });
  const shape: [number, number] = [signal.shape[rows], signal.shape[columns]];
  const mark = { row: look.position[rows], column: look.position[columns] };
  return (
    <section className="jp-Daisy-mapPicture" data-busy={busy}>
      {error && <div className="jp-Daisy-error">{error}</div>}
      <Picture
        tile={tile}
        map={look.map}
        box={wholeBox(shape)}
        square={look.square ?? isSquare(signal, axes.map)}
        label={`Map of ${signal.path}. Arrow keys move the point.`}
        mark={mark}
        resized={(height, width) => setMax([fine(height), fine(width)])}
        drawn={() => model.onScreen()}
        pressed={go}
        keyed={event => {
          const step = STEPS[event.key];
          if (step) {
            go({ row: mark.row + step[0], column: mark.column + step[1] });
            event.preventDefault();
            event.stopPropagation();
          }
        }}
      />
      <div className="jp-Daisy-status">
        <span className="jp-Daisy-cursor">
          {axisLabel(signal, rows)} {mark.row}, {axisLabel(signal, columns)}{' '}
          {mark.column}
        </span>
        {busy && <span>adding up {signal.path}…</span>}
        {tile && tile.step > 1 && <span>every {tile.step}th row</span>}
        {tile && (
          <span>
            sum {numberText(tile.minimum)} … {numberText(tile.maximum)}
          </span>
        )}
      </div>
    </section>
  );
}

const STEPS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1]
};

function Spectrum(
  props: IViewerProps & {
    axes: IMapAxes;
    region: Region | null;
    set: (region: Region | null) => void;
  }
): React.ReactElement {
  const { model, api, axes, region, set } = props;
  const [scale, setScale] = React.useState<'linear' | 'log'>('linear');
  const signal = model.signal!;
  const [axis] = axes.point;
  const { path, look } = model;
  const { of } = model;
  const request = { path, node: signal.path, axis, points: POINTS, of };
  const all = axes.map.flatMap(a => [a, 0, signal.shape[a]]);
  const whole = {
    ...request,
    index: indexOf(look.position, [...axes.map, axis]),
    sum: all
  };
  const point = { ...request, index: indexOf(look.position, [axis]) };
  const total = useAnswer(JSON.stringify(whole), s => api.series(whole, s));
  const here = useAnswer(JSON.stringify(point), s => api.series(point, s));
  const [rows, columns] = axes.map.map(a => signal.shape[a]);
  // of a large map only some rows are added up
  const number = Math.ceil(rows / (total.value?.step ?? 1)) * columns;
  const length = signal.shape[axis];
  const positions = signal.dimensions[axis].values;

  const chosen = ([low, high]: [number, number]) => {
    const inside = Array.from({ length }, (_, i) => i).filter(i => {
      const at = positions?.[i] ?? i;
      return at >= low && at <= high;
    });
    if (inside.length) {
      set([inside[0], inside[inside.length - 1] + 1]);
    }
  };
  const mean = total.value && {
    ...total.value,
    lo: total.value.lo.map(v => v && v / number),
    hi: total.value.hi.map(v => v && v / number)
  };
  const curves = [
    ...(here.value ? [curveOf('this point', here.value)] : []),
    ...(mean ? [curveOf('mean of all', mean)] : [])
  ];
  const { label, units } = here.value ?? { label: '', units: null };
  const at = (i: number) => positions?.[i] ?? i;
  return (
    <section
      className="jp-Daisy-mapPoint"
      data-busy={total.busy || here.busy}
      aria-label="Spectrum"
    >
      <div className="jp-Daisy-toolRow jp-Daisy-choices">
        <span>region</span>
        <End
          name="First channel of the region"
          value={region?.[0] ?? 0}
          most={length - 1}
          set={first =>
            set([first, Math.max(region?.[1] ?? length, first + 1)])
          }
        />
        <End
          name="Last channel of the region"
          value={(region?.[1] ?? length) - 1}
          most={length - 1}
          set={last => set([Math.min(region?.[0] ?? 0, last), last + 1])}
        />
        {positions && (
          <span className="jp-Daisy-muted">
            {numberText(at(region?.[0] ?? 0))} …{' '}
            {numberText(at((region?.[1] ?? length) - 1))} {units ?? ''}
          </span>
        )}
        <Elements
          positions={positions}
          units={units}
          region={region}
          set={set}
        />
        <button
          className="jp-mod-styled jp-Daisy-button"
          onClick={() => set(null)}
          disabled={!region}
        >
          Whole spectrum
        </button>
        <select
          className="jp-Daisy-select"
          aria-label="Scale of counts"
          value={scale}
          onChange={event => setScale(event.target.value as 'linear' | 'log')}
        >
          <option value="linear">linear</option>
          <option value="log">log</option>
        </select>
      </div>
      {(total.error ?? here.error) && (
        <div className="jp-Daisy-error">{total.error ?? here.error}</div>
      )}
      {curves.length > 0 && (
        <LazyChart
          curves={curves}
          whole={curves}
          label={`Spectrum over ${label}. Drag over a range to make its map.`}
          xLabel={units ? `${label} (${units})` : label}
          yLabel={
            signal.units ? `${signal.name} (${signal.units})` : signal.name
          }
          xScale="linear"
          yScale={scale}
          showErrors={false}
          region={region && [at(region[0]), at(region[1] - 1)]}
          chosen={chosen}
        />
      )}
    </section>
  );
}

/** The region of an element's line; only where the axis is an energy. */
function Elements(props: {
  positions: (number | null)[] | null;
  units: string | null;
  region: Region | null;
  set: (region: Region) => void;
}): React.ReactElement | null {
  const { positions, region, set } = props;
  const unit = electronvolts(props.units);
  if (!positions || !unit) {
    return null;
  }
  const known = positions.flatMap(at => (at === null ? [] : [at * unit]));
  const offered = emissionsIn(Math.min(...known), Math.max(...known));
  const channels = (line: IEmission) =>
    channelsOf(line.energy, positions, unit);
  const chosen = offered.findIndex(
    line => region && channels(line)?.join() === region.join()
  );
  return (
    <select
      className="jp-Daisy-select"
      aria-label="Element"
      title="The region around an emission line of an element"
      value={chosen}
      onChange={event => {
        const found = channels(offered[Number(event.target.value)]);
        if (found) {
          set(found);
        }
      }}
    >
      <option value={-1} disabled>
        element
      </option>
      {offered.map((line, i) => (
        <option key={i} value={i}>
          {line.element} {line.line} {(line.energy / 1000).toFixed(2)} keV
        </option>
      ))}
    </select>
  );
}

/** The frame that was taken at the point. */
function Frame(props: IViewerProps & { axes: IMapAxes }): React.ReactElement {
  const { model, api, axes } = props;
  const [max, setMax] = React.useState<[number, number]>([512, 512]);
  const signal = model.signal!;
  const [rows, columns] = axes.point;
  const { tile, error, busy } = useTile(api, {
    ...base(model, axes),
    axes: axes.point,
    index: indexOf(model.look.position, axes.point),
    max
  });
  const shape: [number, number] = [signal.shape[rows], signal.shape[columns]];
  return (
    <section className="jp-Daisy-mapPoint" data-busy={busy}>
      {error && <div className="jp-Daisy-error">{error}</div>}
      <Picture
        tile={tile}
        map={model.look.map}
        box={wholeBox(shape)}
        square={model.look.square ?? isSquare(signal, [rows, columns])}
        label="The frame of this point"
        resized={(height, width) => setMax([fine(height), fine(width)])}
      />
    </section>
  );
}

function End(props: {
  name: string;
  value: number;
  most: number;
  set: (value: number) => void;
}): React.ReactElement {
  const { name, value, most, set } = props;
  return (
    <input
      type="number"
      className="jp-mod-styled"
      aria-label={name}
      title={name}
      min={0}
      max={most}
      value={value}
      onChange={event => {
        const number = Math.round(Number(event.target.value));
        set(Math.min(Math.max(number, 0), most));
      }}
    />
  );
}

function base(
  model: ViewModel,
  axes: IMapAxes
): Omit<ITileRequest, 'axes' | 'max'> {
  const drawn = [...axes.map, ...axes.point];
  return {
    path: model.path,
    node: model.signal!.path,
    index: indexOf(model.look.position, drawn),
    lo: null,
    hi: null,
    scale: model.look.scale,
    box: null,
    of: model.of
  };
}

function regionsOf(
  model: ViewModel,
  axes: IMapAxes,
  region: Region | null
): number[] {
  const { shape } = model.signal!;
  return axes.point.flatMap(axis =>
    axis === model.signal!.spectral && region
      ? [axis, ...region]
      : [axis, 0, shape[axis]]
  );
}

function fine(pixels: number): number {
  return Math.max(Math.ceil(pixels / 128) * 128, 128);
}
