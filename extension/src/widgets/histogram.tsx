/** How often values occur, with the ends of the contrast to be dragged. */

import * as React from 'react';
import { gradient } from '../model/colormap';
import { heightsOf, IContrast, placeOf, valueAt } from '../model/contrast';
import { numberText } from '../model/text';
import { ViewModel } from '../model/view';
import { IDistribution, ITile } from '../types';

const STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10
};

export function Histogram({ model }: { model: ViewModel }): React.ReactElement {
  const { tile } = model;
  // the place is kept free, so that nothing moves when the first picture comes
  return tile ? (
    <Handles model={model} tile={tile} />
  ) : (
    <div className="jp-Daisy-histogram" />
  );
}

function Handles(props: { model: ViewModel; tile: ITile }): React.ReactElement {
  const { model, tile } = props;
  const area = React.useRef<HTMLDivElement>(null);
  // its range stays as it is while a handle is dragged
  const [held, hold] = React.useState<IDistribution | null>(null);
  const range = held ?? tile.histogram;
  const { scale, map } = model.look;
  const { lo, hi } = model.contrast;
  const place = (value: number) => 100 * placeOf(value, range, scale);

  const drag = (event: React.PointerEvent, end: keyof IContrast) => {
    const bounds = area.current!.getBoundingClientRect();
    const handle = event.currentTarget as HTMLElement;
    handle.setPointerCapture(event.pointerId);
    hold(range);
    const move = (e: PointerEvent) => {
      const at = (e.clientX - bounds.left) / bounds.width;
      set(model, end, valueAt(Math.min(Math.max(at, 0), 1), range, scale));
    };
    const done = () => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', done);
      handle.removeEventListener('pointercancel', done);
      hold(null);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', done);
    handle.addEventListener('pointercancel', done);
  };
  const keys = (event: React.KeyboardEvent, end: keyof IContrast) => {
    const by = STEPS[event.key];
    if (by) {
      const at = placeOf({ lo, hi }[end], range, scale) + by / 100;
      set(model, end, valueAt(at, range, scale));
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const handle = (end: keyof IContrast, name: string, value: number) => (
    <div
      role="slider"
      tabIndex={0}
      className="jp-Daisy-handle"
      aria-label={`${name} handle of the histogram`}
      aria-valuemin={range.lo}
      aria-valuemax={range.hi}
      aria-valuenow={value}
      aria-valuetext={numberText(value)}
      title={`${name} end: ${numberText(value)}. Drag it, or use the arrow keys.`}
      style={{ left: `${place(value)}%` }}
      onPointerDown={event => drag(event, end)}
      onKeyDown={event => keys(event, end)}
    />
  );
  return (
    <div
      ref={area}
      className="jp-Daisy-histogram"
      role="group"
      aria-label="Histogram of the picture"
    >
      <Bars range={range} />
      <span
        className="jp-Daisy-bar"
        aria-hidden="true"
        style={{ background: gradient(map, place(lo), place(hi)) }}
      />
      {handle('lo', 'Lower', lo)}
      {handle('hi', 'Upper', hi)}
    </div>
  );
}

function Bars({ range }: { range: IDistribution }): React.ReactElement {
  const path = React.useMemo(() => {
    const steps = heightsOf(range).map(
      (height, i) => `L${i},${1 - height}L${i + 1},${1 - height}`
    );
    return `M0,1${steps.join('')}L${steps.length},1Z`;
  }, [range]);
  return (
    <svg
      viewBox={`0 0 ${range.counts.length} 1`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  );
}

/** Move one end; it does not pass the other one. */
function set(model: ViewModel, end: keyof IContrast, value: number): void {
  const { lo, hi } = model.contrast;
  if (end === 'lo' && value < hi) {
    model.setContrast(value, hi);
  } else if (end === 'hi' && value > lo) {
    model.setContrast(lo, value);
  }
}
