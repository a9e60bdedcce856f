/** The Data sidebar: proposals, their scans, and what is in a file. */

import {
  LabIcon,
  ReactWidget,
  refreshIcon,
  caretDownIcon,
  caretRightIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';
import { IRow, RowKind, Target, TreeModel } from '../model/tree';
import {
  arrayIcon,
  brokenIcon,
  daisyIcon,
  folderScanIcon,
  groupIcon,
  proposalIcon,
  scanIcon
} from './icons';

const SEARCH = `Words of names, titles, samples, users; or fields:
sample:tooth technique:tomography energy:8..9 detector:eiger
after:2026-01 before:2026-02 on:2026-01-31 after:yesterday -dark`;

type Open = (target: Target) => void;

export class DataSidebar extends ReactWidget {
  constructor(
    readonly model: TreeModel,
    private readonly open: Open,
    private readonly look: () => void
  ) {
    super();
    this.id = 'daisy-data';
    this.title.icon = daisyIcon;
    this.title.caption = 'Data';
    this.addClass('jp-Daisy-sidebar');
    this.node.setAttribute('aria-label', 'Data');
    this.node.setAttribute('role', 'region');
  }

  protected onAfterShow(): void {
    if (!this.model.loaded) {
      void this.model.refresh();
    }
  }

  render(): React.ReactElement {
    return <Sidebar model={this.model} open={this.open} look={this.look} />;
  }
}

function Sidebar(props: {
  model: TreeModel;
  open: Open;
  look: () => void;
}): React.ReactElement {
  const { model, open, look } = props;
  const [, redraw] = React.useReducer((n: number) => n + 1, 0);
  const [filter, setFilter] = React.useState('');
  const latest = React.useRef('');
  React.useEffect(() => {
    model.changed.connect(redraw);
    redraw();
    return () => void model.changed.disconnect(redraw);
  }, [model]);

  return (
    <>
      <div className="jp-Daisy-sidebarHead">
        <h2>Data</h2>
        <button
          className="jp-Daisy-iconButton"
          title="Look again for proposals and scans"
          aria-label="Refresh"
          onClick={() => {
            void model.refresh();
            look();
          }}
        >
          <refreshIcon.react tag="span" />
        </button>
      </div>
      {!model.empty && (
        <div className="jp-Daisy-filter">
          <input
            type="search"
            className="jp-mod-styled"
            placeholder="tooth, sample:…, after:2026-01"
            aria-label="Search scans"
            title={SEARCH}
            value={filter}
            onChange={event => {
              setFilter(event.target.value);
              latest.current = event.target.value;
              void model.setFilter(event.target.value.trim());
            }}
          />
        </div>
      )}
      {model.error && (
        <div className="jp-Daisy-error" role="alert">
          {model.error}
        </div>
      )}
      {!model.loaded && <div className="jp-Daisy-hint">Looking for data…</div>}
      {model.empty && !model.error && <NoProposal model={model} />}
      <Tree model={model} open={open} />
    </>
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

function Tree(props: { model: TreeModel; open: Open }): React.ReactElement {
  const { model, open } = props;
  const rows = model.rows();
  const [focus, setFocus] = React.useState<string | null>(null);
  const list = React.useRef<HTMLDivElement>(null);
  const at = Math.max(
    rows.findIndex(row => row.id === focus),
    0
  );

  const go = (index: number) => {
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    if (row) {
      setFocus(row.id);
      list.current
        ?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.id)}"]`)
        ?.focus();
    }
  };
  const use = (row: IRow) => {
    setFocus(row.id);
    if (row.kind === 'more') {
      void model.more(row.id.slice(0, -1));
    } else if (row.target) {
      model.select(row.id);
      open(row.target);
    } else {
      void model.toggle(row.id);
    }
  };
  const keys = (event: React.KeyboardEvent) => {
    const row = rows[at];
    const parent = () => {
      let i = at;
      while (i > 0 && rows[i].level >= row.level) {
        i--;
      }
      return i;
    };
    const actions: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      Enter: () => use(row),
      ' ': () => use(row),
      ArrowRight: () =>
        row.expanded === false ? void model.toggle(row.id) : go(at + 1),
      ArrowLeft: () => (row.expanded ? void model.toggle(row.id) : go(parent()))
    };
    if (row && actions[event.key]) {
      actions[event.key]();
      event.preventDefault();
      event.stopPropagation();
    }
  };

  return (
    <div
      className="jp-Daisy-tree"
      role="tree"
      aria-label="Proposals and scans"
      ref={list}
      onKeyDown={keys}
    >
      {rows.map((row, i) => (
        <Row
          key={row.id}
          row={row}
          tabbable={i === at}
          selected={row.id === model.selected}
          use={() => use(row)}
          toggle={() => {
            setFocus(row.id);
            void model.toggle(row.id);
          }}
        />
      ))}
    </div>
  );
}

const icons: Partial<Record<RowKind, LabIcon>> = {
  proposal: proposalIcon,
  scan: scanIcon,
  group: groupIcon,
  dataset: arrayIcon,
  missing: brokenIcon,
  outside: brokenIcon,
  loop: groupIcon,
  error: brokenIcon
};

function Row(props: {
  row: IRow;
  tabbable: boolean;
  selected: boolean;
  use: () => void;
  toggle: () => void;
}): React.ReactElement {
  const { row, tabbable, selected, use, toggle } = props;
  const Caret = row.expanded ? caretDownIcon.react : caretRightIcon.react;
  const icon = row.problem
    ? brokenIcon
    : row.target?.kind === 'scan' && row.target.folder
      ? folderScanIcon
      : icons[row.kind];
  const classes = ['jp-Daisy-row', `jp-mod-${row.kind}`];
  return (
    <div
      className={classes.concat(selected ? 'jp-mod-selected' : []).join(' ')}
      data-row={row.id}
      role="treeitem"
      aria-level={row.level}
      aria-setsize={row.count}
      aria-posinset={row.position}
      aria-expanded={row.expanded ?? undefined}
      aria-selected={selected}
      aria-busy={row.busy}
      tabIndex={tabbable ? 0 : -1}
      title={row.title}
      style={{ paddingLeft: `${(row.level - 1) * 14 + 4}px` }}
      onClick={use}
    >
      <span
        className="jp-Daisy-caret"
        onClick={event => {
          event.stopPropagation();
          toggle();
        }}
      >
        {row.expanded !== null && <Caret tag="span" />}
      </span>
      {icon && <icon.react tag="span" className="jp-Daisy-rowIcon" />}
      <span className="jp-Daisy-label">{row.label}</span>
      <span className="jp-Daisy-detail">
        {row.busy ? 'reading…' : row.detail}
      </span>
    </div>
  );
}
