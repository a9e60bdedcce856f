/** Draws a component again when its model says so, and says when it is seen. */

import * as React from 'react';
import { Refreshed } from '../model/refreshed';

export function useChanges(model: Refreshed): void {
  const [, redraw] = React.useReducer((n: number) => n + 1, 0);
  React.useEffect(() => {
    model.changed.connect(redraw);
    redraw();
    return () => void model.changed.disconnect(redraw);
  }, [model]);
}
