/** Curves drawn by @h5web/lib. This file is loaded when the first one is needed. */

import '../../style/chart.css';
import {
  AxialSelectionTool,
  CurveType,
  DataCurve,
  DefaultInteractions,
  Domain,
  ResetZoomButton,
  ScaleType,
  SvgElement,
  SvgRect,
  DataToHtml,
  TooltipMesh,
  useCameraState,
  useVisCanvasContext,
  VisCanvas
} from '@h5web/lib';
import * as React from 'react';
import { Vector3 } from 'three';
import { COLOURS, ICurve, padded, rangeOf } from '../model/curves';
import { AxisScale, ISeen } from '../model/plotted';
import { numberText } from '../model/text';

export interface IChartProps {
  /** What is drawn. */
  curves: ICurve[];
  /** What the axes are made for: the same curves over their whole range. */
  whole: ICurve[];
  label: string;
  xLabel: string;
  yLabel: string;
  xScale: AxisScale;
  yScale: AxisScale;
  showErrors: boolean;
  /** The range of x in sight, null for all of it; and what is seen of both axes. */
  zoomed?: (range: [number, number] | null, seen: ISeen) => void;
  region?: [number, number] | null;
  /** A range of x was drawn with the pointer. */
  chosen?: (range: [number, number]) => void;
}

export default function Chart(props: IChartProps): React.ReactElement {
  const { curves, whole, xScale, yScale } = props;
  const xs = whole.map(curve => curve.x);
  const ys = whole.map(curve => curve.y);
  const xDomain = useStable(rangeOf(xs, xScale === 'log'));
  const yDomain = useStable(
    padded(rangeOf(ys, yScale === 'log'), yScale === 'log')
  );
  return (
    <figure className="jp-Daisy-chart" aria-label={props.label}>
      <VisCanvas
        abscissaConfig={{
          visDomain: xDomain,
          showGrid: true,
          scaleType: scales[xScale],
          label: props.xLabel,
          formatTick: ticksOf[xScale]
        }}
        ordinateConfig={{
          visDomain: yDomain,
          showGrid: true,
          scaleType: scales[yScale],
          label: props.yLabel,
          formatTick: ticksOf[yScale]
        }}
      >
        <DefaultInteractions
          selectToZoom={{ modifierKey: 'Control' }}
          pan={props.chosen ? { modifierKey: 'Alt' } : {}}
        />
        <ResetZoomButton />
        {props.zoomed && <ZoomWatch whole={xDomain} told={props.zoomed} />}
        {curves.map((curve, i) => (
          <DataCurve
            key={i}
            abscissas={curve.x}
            ordinates={curve.y}
            errors={curve.errors ?? undefined}
            showErrors={props.showErrors}
            color={COLOURS[i % COLOURS.length]}
            curveType={
              curve.x.length < 60 ? CurveType.LineAndGlyphs : CurveType.LineOnly
            }
          />
        ))}
        {props.region && <Region range={props.region} />}
        {props.chosen && <Selecting chosen={props.chosen} />}
        <TooltipMesh
          guides="vertical"
          renderTooltip={x => <Values x={x} curves={curves} />}
        />
      </VisCanvas>
      {curves.length > 1 && (
        <figcaption className="jp-Daisy-legend">
          {curves.map((curve, i) => (
            <span key={i}>
              <i style={{ background: COLOURS[i % COLOURS.length] }} />
              {curve.label}
            </span>
          ))}
        </figcaption>
      )}
    </figure>
  );
}

/** Of a logarithmic axis the library itself leaves out what does not fit. */
const ticksOf = { linear: numberText, log: undefined } as const;

const scales = { linear: ScaleType.Linear, log: ScaleType.Log } as const;

/** The same array as long as its numbers are: a new one would end the zoom. */
function useStable(domain: Domain): Domain {
  const [low, high] = domain;
  return React.useMemo(() => [low, high], [low, high]);
}

function ZoomWatch(props: {
  whole: Domain;
  told: (range: [number, number] | null, seen: ISeen) => void;
}): null {
  const { whole, told } = props;
  const { getVisibleDomains } = useVisCanvasContext();
  const { xVisibleDomain, yVisibleDomain } = useCameraState(getVisibleDomains, [
    getVisibleDomains
  ]);
  const [low, high] = xVisibleDomain;
  const [bottom, top] = yVisibleDomain;
  React.useEffect(() => {
    const slack = (whole[1] - whole[0]) * 1e-3;
    const all = low <= whole[0] + slack && high >= whole[1] - slack;
    // the wheel turns several times before anything is worth asking for
    const seen: ISeen = { x: [low, high], y: [bottom, top] };
    const timer = setTimeout(() => told(all ? null : [low, high], seen), 150);
    return () => clearTimeout(timer);
  }, [low, high, bottom, top]);
  return null;
}

function Selecting(props: {
  chosen: (range: [number, number]) => void;
}): React.ReactElement {
  return (
    <AxialSelectionTool
      axis="x"
      onValidSelection={({ data: [start, end] }) => {
        const [a, b] = [start.x, end.x];
        props.chosen([Math.min(a, b), Math.max(a, b)]);
      }}
    >
      {({ html }) => (
        <SvgElement>
          <SvgRect coords={html} className="jp-Daisy-region" />
        </SvgElement>
      )}
    </AxialSelectionTool>
  );
}

function Region({ range }: { range: [number, number] }): React.ReactElement {
  const { ordinateConfig } = useVisCanvasContext();
  const [low, high] = ordinateConfig.visDomain;
  return (
    <DataToHtml
      points={[new Vector3(range[0], low), new Vector3(range[1], high)]}
    >
      {(start, end) => (
        <SvgElement>
          <SvgRect coords={[start, end]} className="jp-Daisy-region" />
        </SvgElement>
      )}
    </DataToHtml>
  );
}

function Values(props: { x: number; curves: ICurve[] }): React.ReactElement {
  return (
    <>
      {props.curves.slice(0, 8).map((curve, i) => {
        const at = nearest(curve.x, props.x);
        return (
          <div key={i}>
            {props.curves.length > 1 ? `${curve.label}: ` : ''}
            {numberText(curve.x[at] ?? null)}, {numberText(curve.y[at] ?? null)}
          </div>
        );
      })}
    </>
  );
}

function nearest(x: number[], at: number): number {
  let best = 0;
  for (let i = 1; i < x.length; i++) {
    if (Math.abs(x[i] - at) < Math.abs(x[best] - at)) {
      best = i;
    }
  }
  return best;
}
