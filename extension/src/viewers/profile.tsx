/** The values along the line that is chosen, below the picture. */

import * as React from 'react';
import { IRegion } from '../model/shapes';
import { IRegionData } from '../types';
import { LazyChart } from './lazy';
import { IViewerProps } from './props';
import { useRegion } from './regiondata';

export function Profile({
  model,
  api
}: IViewerProps): React.ReactElement | null {
  const { line } = model.regions;
  const { value, error } = useRegion(api, model, line);
  if (!line) {
    return null;
  }
  const curves = value?.profile ? [curveOf(line, value)] : [];
  const name = model.signal?.name ?? '';
  return (
    <section
      className="jp-Daisy-profile"
      aria-label={`Profile of ${line.name}`}
    >
      {error && <div className="jp-Daisy-error">{error}</div>}
      {curves.length > 0 && (
        <LazyChart
          curves={curves}
          whole={curves}
          label={`${name} along ${line.name}`}
          xLabel="distance (pixels)"
          yLabel={value?.units ? `${name} (${value.units})` : name}
          xScale="linear"
          yScale={model.look.scale === 'log' ? 'log' : 'linear'}
          showErrors={false}
        />
      )}
    </section>
  );
}

function curveOf({ name }: IRegion, { profile }: IRegionData) {
  const filled = (values: (number | null)[]) => values.map(v => v ?? NaN);
  const { x, y } = profile!;
  return { label: name, x: filled(x), y: filled(y), errors: null };
}
