/** A bar over a picture that takes long, and the button that stops it. */

import * as React from 'react';
import { ViewModel } from '../model/view';

/** Milliseconds that need no word. */
const PATIENCE = 500;
const BEAT = 250;

export function Waiting({
  model
}: {
  model: ViewModel;
}): React.ReactElement | null {
  const { since, done, total } = model.work;
  const [, tick] = React.useReducer((n: number) => n + 1, 0);
  React.useEffect(() => {
    if (since === null) {
      return;
    }
    const timer = setInterval(tick, BEAT);
    return () => clearInterval(timer);
  }, [since]);
  const waited = since === null ? 0 : Date.now() - since;
  if (waited < PATIENCE) {
    return null;
  }
  const text = total
    ? `${done} of ${total} ${partsOf(model)}`
    : `reading, ${Math.floor(waited / 1000)} s`;
  return (
    <div className="jp-Daisy-waiting">
      <progress
        aria-label="Reading"
        aria-valuetext={text}
        max={total || 1}
        value={total ? done : undefined}
      />
      <span>{text}</span>
      <button
        className="jp-mod-styled jp-Daisy-button"
        title="Stop reading, and show what was here before"
        onClick={() => model.cancel()}
      >
        Cancel
      </button>
    </div>
  );
}

/** What is counted: the axis that is read first need not be that of frames. */
function partsOf(model: ViewModel): string {
  const axis = model.project?.axis ?? 0;
  return model.drawn.every(drawn => axis < drawn) ? 'frames' : 'lines';
}
