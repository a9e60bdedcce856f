/** Curves: one of a dataset, several of its rows, or others of the same group. */

import * as React from 'react';
import { axisLabel } from '../model/axes';
import { curveOf, ICurve, linesOf, positionsOf } from '../model/curves';
import { AxisScale, ISeen } from '../model/plotted';
import { ViewModel } from '../model/view';
import { ISeries, ISeriesRequest } from '../types';
import { useAnswer } from './answer';
import { LazyChart } from './lazy';
import { IViewerProps } from './props';

const POINTS = 1200;

interface IChoice {
  x: string;
  others: string[];
  /** Positions along the last slider, as typed. */
  rows: string;
  offset: number;
  xScale: AxisScale;
  yScale: AxisScale;
  errors: boolean;
}

const fresh: IChoice = {
  x: '',
  others: [],
  rows: '',
  offset: 0,
  xScale: 'linear',
  yScale: 'linear',
  errors: true
};

export function LineView({ model, api }: IViewerProps): React.ReactElement {
  const [choice, setChoice] = React.useState<IChoice>(fresh);
  const [range, setRange] = React.useState<[number, number] | null>(null);
  const seen = React.useRef<ISeen | null>(null);
  const asked = requestsOf(model, choice);
  const lines = useLines({ model, api });
  const ask = (within: [number, number] | null) => (signal: AbortSignal) =>
    Promise.all(
      asked.map(({ request }) => api.series({ ...request, within }, signal))
    );
  const key = JSON.stringify(asked);
  const whole = useAnswer(key, ask(null));
  const near = useAnswer(`${key} ${range?.join()}`, signal =>
    range ? ask(range)(signal) : Promise.resolve(null)
  );
  React.useEffect(() => {
    if (whole.value) {
      model.onScreen();
    }
  }, [whole.value]);

  const curves = (found: ISeries[]): ICurve[] =>
    found.map((series, i) =>
      curveOf(asked[i]?.label ?? '', series, i * choice.offset)
    );
  const first = whole.value?.[0];
  const all = whole.value ? curves(whole.value) : [];
  const shown = near.value ? curves(near.value) : all;
  const labels = first && {
    xLabel: named(first.label, first.units),
    yLabel: named(first.y.label, first.y.units)
  };
  React.useEffect(() => {
    model.plotted = labels
      ? {
          ...labels,
          curves: shown,
          xScale: choice.xScale,
          yScale: choice.yScale,
          showErrors: choice.errors,
          inside: near.value?.[0]?.inside ?? null,
          seen: () => seen.current,
          drawn: {
            curves: asked.map(({ label, request: { node, index } }) => ({
              node,
              index,
              label
            })),
            axis: model.drawn[0],
            x: choice.x,
            over: model.signal!.path,
            offset: choice.offset,
            within: range
          }
        }
      : null;
  });
  React.useEffect(() => () => void (model.plotted = null), [model]);
  return (
    <div className="jp-Daisy-line" data-busy={whole.busy || near.busy}>
      <Choices
        model={model}
        choice={choice}
        set={setChoice}
        series={first}
        lines={lines}
      />
      {whole.error && <div className="jp-Daisy-error">{whole.error}</div>}
      {first && labels && (
        <LazyChart
          curves={shown}
          whole={all}
          label={`${first.y.label} over ${first.label}, ${first.total} points`}
          {...labels}
          xScale={choice.xScale}
          yScale={choice.yScale}
          showErrors={choice.errors}
          zoomed={(zoomed, sight) => {
            seen.current = sight;
            setRange(zoomed);
          }}
        />
      )}
    </div>
  );
}

/** What lies beside the dataset and is as long as the curve. */
function useLines({ model, api }: IViewerProps): string[] {
  const signal = model.signal!;
  const group = signal.path.slice(0, Math.max(signal.path.lastIndexOf('/'), 0));
  const { value } = useAnswer(`${model.path} ${group} ${model.of}`, () =>
    api.children(model.path, group)
  );
  return linesOf(value?.items ?? [], signal.shape[model.drawn[0]]);
}

interface IAsked {
  label: string;
  request: ISeriesRequest;
}

function requestsOf(model: ViewModel, choice: IChoice): IAsked[] {
  const signal = model.signal!;
  const { path, index, drawn } = model;
  const { of } = model;
  const base = { path, axis: drawn[0], points: POINTS, x: choice.x, of };
  const last = model.sliders.pop();
  const length = last === undefined ? 0 : signal.shape[last];
  const rows = positionsOf(choice.rows, length);
  const places = rows.length
    ? rows.map(row => [...index.slice(0, -1), row])
    : [index];
  const own = places.map(place => ({
    label: rows.length
      ? `${axisLabel(signal, last!)} ${place[place.length - 1]}`
      : signal.name,
    request: { ...base, node: signal.path, index: place }
  }));
  const others = choice.others.map(node => ({
    label: node.slice(node.lastIndexOf('/') + 1),
    request: { ...base, node, index, over: signal.path }
  }));
  return [...own, ...others];
}

function Choices(props: {
  model: ViewModel;
  choice: IChoice;
  set: (choice: IChoice) => void;
  series?: ISeries;
  lines: string[];
}): React.ReactElement {
  const { model, choice, set, series, lines } = props;
  const change = (part: Partial<IChoice>) => set({ ...choice, ...part });
  const beside = companions(model, lines);
  const name = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  return (
    <div className="jp-Daisy-toolRow jp-Daisy-choices">
      {lines.length > 0 && (
        <label>
          x{' '}
          <select
            className="jp-Daisy-select"
            aria-label="Dataset of x"
            value={choice.x}
            onChange={event => change({ x: event.target.value })}
          >
            <option value="">as the file says</option>
            {lines.map(path => (
              <option key={path} value={path}>
                {name(path)}
              </option>
            ))}
          </select>
        </label>
      )}
      {beside.length > 0 && (
        <details className="jp-Daisy-menu">
          <summary>More curves</summary>
          <div>
            {beside.map(path => (
              <label key={path}>
                <input
                  type="checkbox"
                  checked={choice.others.includes(path)}
                  onChange={event =>
                    change({
                      others: event.target.checked
                        ? [...choice.others, path]
                        : choice.others.filter(other => other !== path)
                    })
                  }
                />
                {name(path)}
              </label>
            ))}
          </div>
        </details>
      )}
      {model.sliders.length > 0 && (
        <label title="As in Python: 3, 5 or 0:50:10. At most 20 curves.">
          curves at{' '}
          <input
            type="text"
            className="jp-mod-styled"
            placeholder="0:50:10"
            value={choice.rows}
            onChange={event => change({ rows: event.target.value })}
          />
        </label>
      )}
      <label title="Each curve is lifted by this much above the one before">
        offset{' '}
        <input
          type="number"
          step="any"
          className="jp-mod-styled"
          value={choice.offset}
          onChange={event =>
            change({ offset: Number(event.target.value) || 0 })
          }
        />
      </label>
      <Scale
        name="x"
        value={choice.xScale}
        set={xScale => change({ xScale })}
      />
      <Scale
        name="y"
        value={choice.yScale}
        set={yScale => change({ yScale })}
      />
      {series?.errors && (
        <label className="jp-Daisy-check">
          <input
            type="checkbox"
            checked={choice.errors}
            onChange={event => change({ errors: event.target.checked })}
          />
          error bars
        </label>
      )}
    </div>
  );
}

function Scale(props: {
  name: string;
  value: AxisScale;
  set: (value: AxisScale) => void;
}): React.ReactElement {
  return (
    <select
      className="jp-Daisy-select"
      aria-label={`Scale of ${props.name}`}
      value={props.value}
      onChange={event => props.set(event.target.value as AxisScale)}
    >
      <option value="linear">{props.name} linear</option>
      <option value="log">{props.name} log</option>
    </select>
  );
}

/** What can be drawn over the curve: auxiliary signals, lines of the same group. */
function companions(model: ViewModel, lines: string[]): string[] {
  const signal = model.signal!;
  const shape = signal.shape.join();
  const group = signal.path.slice(0, signal.path.lastIndexOf('/') + 1);
  const signals = model
    .plot!.signals.filter(
      s => s.shape.join() === shape && s.path.startsWith(group)
    )
    .map(s => s.path);
  const drawable = signal.shape.length === 1 ? lines : [];
  return [...new Set([...signals, ...drawable])].filter(
    path => path !== signal.path
  );
}

function named(label: string, units: string | null): string {
  return units ? `${label} (${units})` : label;
}
