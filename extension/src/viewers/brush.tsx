/** The brush that paints pixels: its size, what it does, where it would paint. */

import * as React from 'react';
import { dab, MOST_RUNS, pointsOf, WIDEST_BRUSH } from '../model/paint';
import { Regions } from '../model/regions';
import { IFit, IPoint } from '../model/zoom';
import { edgePath } from './regions';

/** Shown over the picture as long as the brush is taken up. */
export function BrushPanel({
  regions
}: {
  regions: Regions;
}): React.ReactElement | null {
  if (regions.tool !== 'pixels') {
    return null;
  }
  const { size, erase } = regions.brush;
  return (
    <div className="jp-Daisy-brush" role="group" aria-label="Brush">
      <label title="Diameter in pixels">
        size{' '}
        <input
          type="number"
          className="jp-mod-styled"
          aria-label="Size of the brush in pixels"
          min={1}
          max={WIDEST_BRUSH}
          value={size}
          onChange={event => {
            const wanted = Math.round(Number(event.target.value)) || 1;
            const kept = Math.min(Math.max(wanted, 1), WIDEST_BRUSH);
            regions.setBrush({ size: kept });
          }}
        />
      </label>
      <label
        className="jp-Daisy-check"
        title="Take pixels away again; the same with Alt while painting"
      >
        <input
          type="checkbox"
          checked={erase}
          onChange={event => regions.setBrush({ erase: event.target.checked })}
        />
        rub out
      </label>
      <button className="jp-mod-styled" onClick={() => regions.take('pixels')}>
        Done
      </button>
      {regions.full && (
        <div className="jp-Daisy-error" role="alert">
          This stroke was not kept: painted pixels may have {MOST_RUNS} pieces
          of rows. Use a polygon or a rectangle for large areas.
        </div>
      )}
    </div>
  );
}

/** The pixels under the pointer that a press would paint. */
export function BrushTip(props: {
  regions: Regions;
  fit: IFit;
  at: IPoint | null;
}): React.ReactElement | null {
  const { regions, fit, at } = props;
  if (regions.tool !== 'pixels' || !at) {
    return null;
  }
  const middle = { row: at.row + 0.5, column: at.column + 0.5 };
  const tip = pointsOf(dab(middle, regions.brush.size));
  return <path className="jp-Daisy-brushTip" d={edgePath(tip, fit)} />;
}
