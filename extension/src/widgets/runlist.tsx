/** The runs of a proposal, below the tree of the sidebar. */

import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { isBusy, proposalName, RunsModel } from '../model/runs';
import { shortDateText } from '../model/text';
import { TreeModel } from '../model/tree';
import { IRun } from '../types';
import { useChanges } from './redraw';
import { StateLine } from './state';

const KEY = 'daisy-lab:runs';
const MANY = 8;
const SEARCH =
  'Words of workflow, scan, account, state or note. ' +
  'workflow: scan: by: state: note: search in one of them; -word for what is not there';

export interface IRunListActions {
  openRun: (run: IRun) => void;
  pictureOf: (run: IRun) => string;
}

interface IProps {
  model: RunsModel;
  tree: TreeModel;
  actions: IRunListActions;
  /** Whether the sidebar is seen: what is not is not asked for. */
  visible: boolean;
}

export function RunList(props: IProps): React.ReactElement | null {
  const { model, tree, actions } = props;
  const [open, setOpen] = React.useState(remembered);
  useChanges(model);
  React.useEffect(() => {
    model.show(open && props.visible);
    return () => model.show(false);
  }, [open, props.visible]);
  React.useEffect(() => {
    // one that is not there any more
    if (!tree.proposals.includes(model.proposal)) {
      model.proposal = '';
    }
  });
  if (!tree.proposals.length) {
    return null;
  }
  const Caret = open ? caretDownIcon.react : caretRightIcon.react;
  const running = model.items.filter(isBusy).length;
  return (
    <section
      className="jp-Daisy-runs"
      aria-label="Runs"
      data-open={open}
      data-many={open && isSearched(model)}
    >
      <button
        className="jp-Daisy-runsHead"
        aria-expanded={open}
        onClick={() => {
          remember(!open);
          setOpen(!open);
        }}
      >
        <Caret tag="span" />
        <span>Runs</span>
        {open && running > 0 && (
          <span className="jp-Daisy-detail">{running} running</span>
        )}
      </button>
      {open && (
        <>
          {tree.proposals.length > 1 && <Choice model={model} tree={tree} />}
          <Search model={model} />
          {model.error && (
            <div className="jp-Daisy-error" role="alert">
              {model.error}
            </div>
          )}
          <List model={model} actions={actions} />
        </>
      )}
    </section>
  );
}

function List(props: {
  model: RunsModel;
  actions: IRunListActions;
}): React.ReactElement {
  const { model, actions } = props;
  if (!model.items.length) {
    return <p className="jp-Daisy-hint">{hintOf(model)}</p>;
  }
  return (
    <ul className="jp-Daisy-runItems">
      {model.items.map(run => (
        <li key={run.path}>
          <button
            className="jp-Daisy-runItem"
            title={[run.title, run.error, run.note].filter(Boolean).join('\n')}
            onClick={() => actions.openRun(run)}
          >
            {run.picture ? (
              <img
                className="jp-Daisy-runThumb"
                src={actions.pictureOf(run)}
                alt=""
                loading="lazy"
              />
            ) : (
              <span className="jp-Daisy-runThumb" />
            )}
            <RunText
              run={run}
              proposal={model.proposal ? '' : proposalName(run)}
            />
          </button>
        </li>
      ))}
      {model.hasMore && (
        <li>
          <button
            className="jp-Daisy-textButton"
            onClick={() => void model.more()}
          >
            Show older runs
          </button>
        </li>
      )}
    </ul>
  );
}

function RunText(props: {
  run: IRun;
  /** Named where there are several. */
  proposal: string;
}): React.ReactElement {
  const { run } = props;
  const seconds = Date.parse(run.created) / 1000;
  const when = Number.isFinite(seconds) ? shortDateText(seconds) : '';
  return (
    <span className="jp-Daisy-runText">
      <span className="jp-Daisy-runName">{run.title || run.name}</span>
      <span className="jp-Daisy-runOf">
        {[run.scan.name, when, run.user, props.proposal]
          .filter(Boolean)
          .join(' · ')}
      </span>
      <StateLine run={run} />
    </span>
  );
}

function hintOf({ loaded, error, filter }: RunsModel): string {
  if (!loaded) {
    return 'Looking for runs…';
  }
  if (error) {
    return '';
  }
  return filter
    ? 'No run has all these words.'
    : 'No run yet: daisy.run in a notebook, or a rule, makes the first one.';
}

/** A few runs are seen at a glance; among many one looks for words. */
function isSearched({ filter, total }: RunsModel): boolean {
  return !!filter || total >= MANY;
}

function Search({ model }: { model: RunsModel }): React.ReactElement | null {
  if (!isSearched(model)) {
    return null;
  }
  return (
    <div className="jp-Daisy-filter" role="search" aria-label="Runs">
      <input
        type="search"
        className="jp-mod-styled"
        placeholder="tooth, by:…, state:failed"
        aria-label="Search runs"
        title={SEARCH}
        value={model.filter}
        onChange={event => (model.filter = event.target.value)}
      />
    </div>
  );
}

function Choice(props: {
  model: RunsModel;
  tree: TreeModel;
}): React.ReactElement {
  const { model, tree } = props;
  return (
    <select
      className="jp-Daisy-select"
      aria-label="Proposal of the runs"
      value={model.proposal}
      onChange={event => (model.proposal = event.target.value)}
    >
      <option value="">all proposals</option>
      {tree.proposals.map(path => (
        <option key={path} value={path}>
          {path.split('/').slice(-2).join(' ')}
        </option>
      ))}
    </select>
  );
}

function remembered(): boolean {
  try {
    return localStorage.getItem(KEY) === 'open';
  } catch {
    return false; // a browser may keep nothing
  }
}

function remember(open: boolean): void {
  try {
    localStorage.setItem(KEY, open ? 'open' : 'closed');
  } catch {
    // then it is for this page only
  }
}
