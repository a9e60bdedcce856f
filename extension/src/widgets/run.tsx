/** One run: how it goes, its results, what each algorithm did, its log. */

import * as React from 'react';
import { isBusy, RunModel } from '../model/runs';
import { IRunDetail } from '../types';
import { PictureBox } from './picturebox';
import { useChanges } from './redraw';
import { RefreshingWidget } from './refreshing';
import { RunEnded } from './runended';
import { RunLog } from './runlog';
import { RunNote } from './runnote';
import { RunSteps } from './runsteps';
import { StateLine } from './state';

export interface IRunActions {
  openFile: (path: string) => void;
  insert: (run: IRunDetail) => void;
  pictureOf: (run: IRunDetail) => string;
}

interface IProps {
  model: RunModel;
  actions: IRunActions;
}

export class RunView extends RefreshingWidget<RunModel> {
  constructor(private readonly props: IProps) {
    super(props.model);
    this.addClass('jp-Daisy-run');
  }

  render(): React.ReactElement {
    return <RunBody {...this.props} />;
  }
}

function RunBody({ model, actions }: IProps): React.ReactElement {
  useChanges(model);
  const log = React.useRef<HTMLPreElement>(null);
  const { run, error } = model;
  if (!run) {
    return error ? (
      <div className="jp-Daisy-failed" role="alert">
        <h3>This run cannot be shown</h3>
        <p>{error}</p>
        <button className="jp-mod-styled" onClick={() => void model.refresh()}>
          Try again
        </button>
      </div>
    ) : (
      <p className="jp-Daisy-hint">Looking for the run…</p>
    );
  }
  return (
    <div className="jp-Daisy-runBody">
      <Head model={model} run={run} actions={actions} />
      {[error, model.refusal].filter(Boolean).map((text, i) => (
        <div key={i} className="jp-Daisy-error" role="alert">
          {text}
        </div>
      ))}
      <RunEnded model={model} run={run} showLog={() => shown(log.current)} />
      <Results run={run} actions={actions} />
      <RunSteps run={run} />
      <About run={run} />
      <RunLog text={run.log} box={log} />
    </div>
  );
}

function shown(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
  element?.focus({ preventScroll: true });
}

function Head(props: IProps & { run: IRunDetail }): React.ReactElement {
  const { model, run, actions } = props;
  return (
    <header className="jp-Daisy-runHead">
      <div className="jp-Daisy-runTitle">
        <h2>{run.title}</h2>
        <p>
          {run.scan.path ? (
            <button
              className="jp-Daisy-textButton"
              aria-label={`Open ${run.scan.name}`}
              onClick={() => actions.openFile(run.scan.path)}
            >
              {run.scan.name}
            </button>
          ) : (
            run.scan.name
          )}{' '}
          · {run.name}
        </p>
        <StateLine run={run} rate />
        <RunNote model={model} run={run} />
      </div>
      {isBusy(run) && (
        <button
          className="jp-mod-styled jp-mod-warn jp-Daisy-button"
          disabled={run.stopping}
          title="What is finished stays, and can be gone on with"
          onClick={() => void model.stop()}
        >
          Stop
        </button>
      )}
      <button
        className="jp-mod-styled jp-Daisy-button"
        title={`daisy.Run("${run.code}")`}
        onClick={() => actions.insert(run)}
      >
        Open in notebook
      </button>
    </header>
  );
}

function Results(props: {
  run: IRunDetail;
  actions: IRunActions;
}): React.ReactElement {
  const { run, actions } = props;
  const [first] = run.files;
  return (
    <section aria-label="Results" className="jp-Daisy-runResults">
      {(run.picture || first || isBusy(run)) && (
        <PictureBox
          address={run.picture ? actions.pictureOf(run) : null}
          label={`Open ${first?.name}`}
          words={isBusy(run) ? 'no picture yet' : 'no picture'}
          caption={run.picture ? run.caption : ''}
          open={first ? () => actions.openFile(first.path) : null}
        />
      )}
      <div>
        <h3>Results</h3>
        {!first && <p>{isBusy(run) ? 'None yet.' : 'None.'}</p>}
        <ul>
          {run.files.map(({ name, path }) => (
            <li key={name}>
              <button
                className="jp-Daisy-textButton"
                onClick={() => actions.openFile(path)}
              >
                {name}
              </button>
            </li>
          ))}
        </ul>
        {run.notes.map((note, i) => (
          <p key={i}>{note}</p>
        ))}
      </div>
    </section>
  );
}

function About({ run }: { run: IRunDetail }): React.ReactElement {
  const versions = Object.entries(run.versions).map(pair => pair.join(' '));
  const rows = [
    ['started by', run.user],
    ['started', whenText(run.created)],
    ['on', [run.host, run.engine].filter(Boolean).join(', ')],
    ['inputs', run.inputs.join('\n')],
    ['versions', versions.join(', ')],
    ['folder', run.code]
  ].filter(([, value]) => value);
  return (
    <section aria-label="About">
      <h3>About</h3>
      <dl className="jp-Daisy-runAbout">
        {rows.map(([name, value]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </React.Fragment>
        ))}
      </dl>
    </section>
  );
}

/** A time of a record as people here read it. */
function whenText(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toLocaleString();
}
