/** The chart, loaded when it is needed: its libraries are most of the extension. */

import * as React from 'react';
import { reasonOf } from '../model/reason';
import type { IChartProps } from './chart';

const Chart = React.lazy(() => import('./chart'));

/** Says what is wrong where a browser draws no WebGL, and leaves the rest usable. */
class Boundary extends React.Component<
  { children: React.ReactNode },
  { error: unknown }
> {
  state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  render(): React.ReactNode {
    const { error } = this.state;
    return error === null ? (
      this.props.children
    ) : (
      <div className="jp-Daisy-error" role="alert">
        The curve cannot be drawn in this browser: {reasonOf(error)}. Its values
        are under Table.
      </div>
    );
  }
}

export function LazyChart(props: IChartProps): React.ReactElement {
  return (
    <Boundary>
      <React.Suspense fallback={<div className="jp-Daisy-chart" />}>
        <Chart {...props} />
      </React.Suspense>
    </Boundary>
  );
}
