/** A line: the smallest and largest value of each bin, so no peak is lost. */

import * as React from 'react';
import { Api } from '../api';
import { linePlot } from '../model/plot';
import { numberText } from '../model/text';
import { reasonOf, ViewModel } from '../model/view';
import { ISeries } from '../types';

const POINTS = 1200;

export function LineView(props: {
  model: ViewModel;
  api: Api;
}): React.ReactElement {
  const { model, api } = props;
  const area = React.useRef<HTMLDivElement>(null);
  const [size, setSize] = React.useState({ width: 600, height: 300 });
  const [series, setSeries] = React.useState<ISeries | null>(null);
  const [error, setError] = React.useState<string | null>(null);
  const node = model.signal?.path ?? '';
  const position = model.index.join();

  React.useEffect(() => {
    const controller = new AbortController();
    api
      .series(model.path, node, model.index, POINTS, controller.signal)
      .then(answer => {
        setSeries(answer);
        setError(null);
      })
      .catch(reason => {
        if (!controller.signal.aborted) {
          setError(reasonOf(reason));
        }
      });
    return () => controller.abort();
  }, [model.path, node, position]);

  React.useEffect(() => {
    // the reference is empty before the observer is gone
    const element = area.current!;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      setSize({ width, height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  return (
    <div className="jp-Daisy-line" ref={area}>
      {error && <div className="jp-Daisy-error">{error}</div>}
      {series && <Plot series={series} {...size} />}
    </div>
  );
}

function Plot(props: {
  series: ISeries;
  width: number;
  height: number;
}): React.ReactElement {
  const { series, width, height } = props;
  const plot = linePlot(series, width, height);
  const named = (label: string, units: string | null) =>
    units ? `${label} (${units})` : label;
  const { top, left, right, bottom } = plot.frame;
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={`${series.y.label} over ${series.label}, ${series.total} points`}
    >
      {plot.yTicks.map(tick => (
        <g key={`y${tick.at}`}>
          <line
            className="jp-Daisy-grid"
            x1={left}
            x2={right}
            y1={tick.at}
            y2={tick.at}
          />
          <text
            x={left - 8}
            y={tick.at}
            textAnchor="end"
            dominantBaseline="middle"
          >
            {numberText(tick.value)}
          </text>
        </g>
      ))}
      {plot.xTicks.map(tick => (
        <g key={`x${tick.at}`}>
          <line
            className="jp-Daisy-grid"
            x1={tick.at}
            x2={tick.at}
            y1={top}
            y2={bottom}
          />
          <text x={tick.at} y={bottom + 18} textAnchor="middle">
            {numberText(tick.value)}
          </text>
        </g>
      ))}
      <path className="jp-Daisy-curve" d={plot.path} />
      <text
        className="jp-Daisy-axisName"
        x={(left + right) / 2}
        y={height - 10}
        textAnchor="middle"
      >
        {named(series.label, series.units)}
      </text>
      <text
        className="jp-Daisy-axisName"
        textAnchor="middle"
        transform={`translate(18 ${(top + bottom) / 2}) rotate(-90)`}
      >
        {named(series.y.label, series.y.units)}
      </text>
    </svg>
  );
}
