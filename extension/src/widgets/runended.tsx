/** Why a run has ended without being done, and how it goes on. */

import * as React from 'react';
import { isBusy, RunModel } from '../model/runs';
import { IRunDetail } from '../types';

const WORDS: { [state: string]: string } = {
  failed: 'This run failed.',
  stopped: 'This run was stopped. What is finished is kept.',
  lost: 'What carried this run out is gone. What is finished is kept.'
};

export function RunEnded(props: {
  model: RunModel;
  run: IRunDetail;
  showLog: () => void;
}): React.ReactElement | null {
  const { model, run, showLog } = props;
  if (isBusy(run) || run.state === 'done') {
    return null;
  }
  const failed = run.state === 'failed';
  return (
    <div
      className={`jp-Daisy-runEnded jp-mod-${run.state}`}
      role={failed ? 'alert' : 'note'}
    >
      <p>
        <b>{WORDS[run.state]}</b> {run.error}
      </p>
      {run.stays ? (
        <p>It does not go on from here: {run.stays}.</p>
      ) : (
        <button
          className="jp-mod-styled jp-mod-accept jp-Daisy-button"
          title="In the background, from what is finished"
          onClick={() => void model.goOn()}
        >
          {failed ? 'Try again' : 'Go on'}
        </button>
      )}
      <button className="jp-mod-styled jp-Daisy-button" onClick={showLog}>
        Show the log
      </button>
    </div>
  );
}
