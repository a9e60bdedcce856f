/** How a run goes: in words, and as a bar while it goes on. */

import * as React from 'react';
import { isBusy } from '../model/runs';
import { sizeText } from '../model/text';
import { IRun } from '../types';

export function StateLine(props: {
  run: IRun;
  /** Also say how fast it reads. */
  rate?: boolean;
}): React.ReactElement {
  const { run } = props;
  const rate =
    props.rate && run.state === 'running' && run.rate
      ? `, ${sizeText(run.rate)}/s`
      : '';
  return (
    <div className={`jp-Daisy-state jp-mod-${run.state}`}>
      <span className="jp-Daisy-stateWords">
        {run.words}
        {rate}
      </span>
      {isBusy(run) && <Bar part={run.part} label={run.title} />}
    </div>
  );
}

function Bar(props: { part: number; label: string }): React.ReactElement {
  const percent = Math.round(100 * props.part);
  return (
    <div
      className="jp-Daisy-runBar"
      role="progressbar"
      aria-label={props.label || 'run'}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div style={{ width: `${percent}%` }} />
    </div>
  );
}
