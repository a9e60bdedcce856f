/** The Data sidebar: find scans, and see what is in their files. */

import { ReactWidget, refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { ClustersModel } from '../model/clusters';
import { RunsModel } from '../model/runs';
import { Thumbs } from '../model/thumbs';
import { IChoice, Target, TreeModel } from '../model/tree';
import { ScanOrder } from '../types';
import { ClusterList } from './clusterlist';
import { Guest } from './guest';
import { daisyIcon, feedIcon, newestIcon } from './icons';
import { IRunListActions, RunList } from './runlist';
import { Tree } from './tree';

const SEARCH = `Words of names, titles, samples, users; or fields:
sample:tooth technique:tomography energy:8..9 detector:eiger
after:2026-01 before:2026-02 on:2026-01-31 after:yesterday -dark`;

/** What the sidebar asks of the application. */
export interface ISidebarActions extends IRunListActions {
  open: (target: Target) => void;
  openNewest: () => void;
  openFeed: () => void;
  /** Look into the folders of all proposals now. */
  look: () => void;
}

interface IProps {
  model: TreeModel;
  runs: RunsModel;
  clusters: ClustersModel;
  thumbs: Thumbs;
  actions: ISidebarActions;
}

export class DataSidebar extends ReactWidget {
  constructor(private readonly props: IProps) {
    super();
    this.id = 'daisy-data';
    this.title.icon = daisyIcon;
    this.title.caption = 'Data';
    this.addClass('jp-Daisy-sidebar');
    this.node.setAttribute('aria-label', 'Data');
    this.node.setAttribute('role', 'region');
  }

  protected onAfterShow(): void {
    if (!this.props.model.loaded) {
      void this.props.model.refresh();
    }
    this.update();
  }

  protected onAfterHide(): void {
    this.update();
  }

  render(): React.ReactElement {
    return <Sidebar {...this.props} visible={this.isVisible} />;
  }
}

function Sidebar(props: IProps & { visible: boolean }): React.ReactElement {
  const { model, runs, thumbs, actions } = props;
  const [, redraw] = React.useReducer((n: number) => n + 1, 0);
  React.useEffect(() => {
    model.changed.connect(redraw);
    redraw();
    return () => void model.changed.disconnect(redraw);
  }, [model]);
  return (
    <>
      <Head model={model} actions={actions} />
      {!model.empty && <Search model={model} />}
      {model.error && (
        <div className="jp-Daisy-error" role="alert">
          {model.error}
        </div>
      )}
      {!model.loaded && <div className="jp-Daisy-hint">Looking for data…</div>}
      {model.empty && <NoProposal model={model} />}
      {model.isGuest && <Guest model={model} />}
      <Tree model={model} thumbs={thumbs} open={actions.open} />
      <RunList
        model={runs}
        tree={model}
        actions={actions}
        visible={props.visible}
      />
      <ClusterList model={props.clusters} visible={props.visible} />
    </>
  );
}

function Head(props: {
  model: TreeModel;
  actions: ISidebarActions;
}): React.ReactElement {
  const { model, actions } = props;
  return (
    <div className="jp-Daisy-sidebarHead">
      <h2>Data</h2>
      <button
        className="jp-Daisy-iconButton"
        title="Open the newest scan (F8)"
        aria-label="Newest scan"
        disabled={model.empty}
        onClick={actions.openNewest}
      >
        <newestIcon.react tag="span" />
      </button>
      <button
        className="jp-Daisy-iconButton"
        title="Feed: the newest scans, with first results"
        aria-label="Feed"
        disabled={model.empty}
        onClick={actions.openFeed}
      >
        <feedIcon.react tag="span" />
      </button>
      <button
        className="jp-Daisy-iconButton"
        title="Look again for proposals and scans"
        aria-label="Refresh"
        onClick={() => {
          void model.refresh();
          actions.look();
        }}
      >
        <refreshIcon.react tag="span" />
      </button>
    </div>
  );
}

function Search({ model }: { model: TreeModel }): React.ReactElement {
  const { choice } = model;
  const choose = (part: Partial<IChoice>) => void model.choose(part);
  const visit = model.lastVisit;
  return (
    <div className="jp-Daisy-filter" role="search" aria-label="Scans">
      <input
        type="search"
        className="jp-mod-styled"
        placeholder="tooth, sample:…, after:2026-01"
        aria-label="Search scans"
        title={SEARCH}
        value={choice.text}
        onChange={event => choose({ text: event.target.value })}
      />
      <div className="jp-Daisy-scanChoices">
        <Choice
          label="Technique"
          value={choice.technique}
          options={[
            ['', 'technique'],
            ...model.techniques.map((name): [string, string] => [name, name])
          ]}
          set={technique => choose({ technique })}
        />
        <Choice
          label="Time"
          value={choice.after}
          options={[
            ['', 'any time'],
            ...(Number.isFinite(visit)
              ? [
                  [`@${Math.floor(visit)}`, 'since last visit'] as [
                    string,
                    string
                  ]
                ]
              : []),
            ['today', 'today'],
            ['7d', 'last 7 days'],
            ['30d', 'last 30 days'],
            ['365d', 'last year']
          ]}
          set={after => choose({ after })}
        />
        <Choice
          label="Order"
          value={choice.order}
          options={[
            ['newest', 'newest'],
            ['oldest', 'oldest'],
            ['name', 'by name']
          ]}
          set={order => choose({ order: order as ScanOrder })}
        />
      </div>
    </div>
  );
}

function Choice(props: {
  label: string;
  value: string;
  options: [string, string][];
  set: (value: string) => void;
}): React.ReactElement {
  const { label, value, options, set } = props;
  return (
    <select
      className="jp-Daisy-select"
      aria-label={label}
      title={label}
      value={value}
      onChange={event => set(event.target.value)}
    >
      {options.map(([name, text]) => (
        <option key={name} value={name}>
          {text}
        </option>
      ))}
    </select>
  );
}

function NoProposal({ model }: { model: TreeModel }): React.ReactElement {
  return (
    <div className="jp-Daisy-empty">
      <daisyIcon.react
        tag="div"
        className="jp-Daisy-emptyIcon"
        width="48px"
        height="48px"
      />
      <h3>You are not a member of any proposal yet</h3>
      <p>
        Ask your beamline scientist to add <b>{model.user}</b> to the proposal.
        Its data then appears here, below <code>{model.root}</code>, after you
        stop and start your server.
      </p>
      <p>Files of your own can be opened from the file browser meanwhile.</p>
    </div>
  );
}
