/** Three slices of a volume through one point, with a cross-hair that links them. */

import * as React from 'react';
import { axisLabel, indexOf, positionText } from '../model/axes';
import { firstStep } from '../model/cost';
import { volumeAxes } from '../model/rules';
import { IPoint, wholeBox } from '../model/zoom';
import { ITile } from '../types';
import { follow, Picture } from './picture';
import { IViewerProps } from './props';
import { useTile } from './tile';

interface IPlane {
  rows: number;
  columns: number;
  /** The axis that the slice stands upon. */
  across: number;
}

interface ISlice extends IPlane, IViewerProps {
  /** Whether it gives the contrast. */
  leads: boolean;
  ready: boolean;
  landed: () => void;
}

export function SlicesView(props: IViewerProps): React.ReactElement {
  const { model } = props;
  const [z, y, x] = volumeAxes(model.signal!);
  // the others wait for the contrast of the first one, instead of being asked twice
  const [ready, setReady] = React.useState(false);
  const slices: IPlane[] = [
    { rows: y, columns: x, across: z },
    { rows: z, columns: x, across: y },
    { rows: z, columns: y, across: x }
  ];
  return (
    <div className="jp-Daisy-slices">
      {slices.map(slice => (
        <Slice
          key={slice.across}
          {...slice}
          {...props}
          leads={slice.across === z}
          ready={ready}
          landed={() => setReady(true)}
        />
      ))}
      <Place {...props} axes={[z, y, x]} />
    </div>
  );
}

function Slice(props: ISlice): React.ReactElement {
  const { model, api, rows, columns, across, leads, ready } = props;
  const [max, setMax] = React.useState<[number, number]>([512, 512]);
  const signal = model.signal!;
  const { look, path } = model;
  const axes: [number, number] = [rows, columns];
  const { scale, lo, hi } = look;
  const request = {
    path,
    node: signal.path,
    axes,
    index: indexOf(look.position, axes),
    max,
    lo,
    hi,
    scale,
    box: null,
    of: model.of
  };
  const { tile, error, busy } = useTile(
    api,
    leads || ready ? request : null,
    firstStep(signal, axes)
  );
  useSharedContrast(props, tile, error);

  const go = (at: IPoint) =>
    model.place({
      [rows]: Math.floor(at.row),
      [columns]: Math.floor(at.column)
    });
  const keys = (event: React.KeyboardEvent) => {
    const steps: Record<string, [number, number]> = {
      ArrowUp: [rows, -1],
      ArrowDown: [rows, 1],
      ArrowLeft: [columns, -1],
      ArrowRight: [columns, 1],
      PageUp: [across, -1],
      PageDown: [across, 1]
    };
    const step = steps[event.key];
    if (step) {
      model.place({ [step[0]]: look.position[step[0]] + step[1] });
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const [down, over, up] = [rows, columns, across].map(a =>
    axisLabel(signal, a)
  );
  const shape: [number, number] = [signal.shape[rows], signal.shape[columns]];
  return (
    <section className="jp-Daisy-slice" data-busy={busy}>
      <h3>
        {up} {look.position[across]}
        <span className="jp-Daisy-muted">
          {' '}
          {positionText(
            signal.dimensions[across],
            look.position[across]
          )} · {down} ↓ {over} →
        </span>
      </h3>
      {error && <div className="jp-Daisy-error">{error}</div>}
      <Picture
        tile={tile}
        map={look.map}
        box={wholeBox(shape)}
        square={model.square}
        label={`Slice at ${up} ${look.position[across]}: ${down} down, ${over} across. Arrow keys move the cross-hair, page keys the slice.`}
        mark={{ row: look.position[rows], column: look.position[columns] }}
        resized={(height, width) => setMax([fine(height), fine(width)])}
        drawn={() => model.onScreen()}
        pressed={(at, event, fit) => {
          go(at);
          const bounds = event.currentTarget.getBoundingClientRect();
          follow(event, e =>
            go(fit.point(e.clientX - bounds.left, e.clientY - bounds.top))
          );
        }}
        keyed={keys}
      />
    </section>
  );
}

/** All slices have the contrast of the first one. */
function useSharedContrast(
  { model, leads, landed }: ISlice,
  tile: ITile | null,
  error: string | null
): void {
  React.useEffect(() => {
    if (!leads || !(tile ?? error)) {
      return;
    }
    const chosen = model.look.lo !== null || model.look.hi !== null;
    if (tile && !chosen && typeof tile.minimum === 'number') {
      model.setContrast(tile.lo, tile.hi);
    }
    landed();
  }, [tile, error]);
}

function Place(props: IViewerProps & { axes: number[] }): React.ReactElement {
  const { model, axes } = props;
  const signal = model.signal!;
  return (
    <section className="jp-Daisy-slice jp-Daisy-place">
      {axes.map(axis => (
        <label key={axis}>
          <span>{axisLabel(signal, axis)}</span>
          <input
            type="range"
            min={0}
            max={signal.shape[axis] - 1}
            value={model.look.position[axis]}
            onChange={event =>
              model.place({ [axis]: Number(event.target.value) })
            }
          />
          <output>{model.look.position[axis]}</output>
        </label>
      ))}
    </section>
  );
}

function fine(pixels: number): number {
  return Math.max(Math.ceil(pixels / 128) * 128, 128);
}
