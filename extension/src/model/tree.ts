/** The tree of the sidebar: proposals, scans, and what is inside a file. */

import { ISignal, Signal } from '@lumino/signaling';
import { Api } from '../api';
import { IChild, IProposal, IScan } from '../types';
import { dateText, resultName, shortDateText, sizeText } from './text';
import { reasonOf } from './view';

export type RowKind =
  | 'proposal'
  | 'scan'
  | 'group'
  | 'dataset'
  | 'missing'
  | 'outside'
  | 'loop'
  | 'more'
  | 'note'
  | 'error';

/** One line of the tree as it is drawn. */
export interface IRow {
  id: string;
  kind: RowKind;
  level: number;
  label: string;
  detail: string;
  title: string;
  expanded: boolean | null;
  busy: boolean;
  problem: boolean;
  position: number;
  count: number;
  target: Target | null;
}

/** Whether a scan is a folder: a Zarr store, or frames with a file each. */
export function isFolder(scan: IScan): boolean {
  return scan.kind === 'zarr' || scan.kind.endsWith('-folder');
}

export type Target =
  | { kind: 'scan'; path: string; folder: boolean }
  | { kind: 'node'; path: string; folder: boolean; node: string };

interface IBranch {
  id: string;
  kind: RowKind;
  label: string;
  detail: string;
  title: string;
  target: Target | null;
  expandable: boolean;
  expanded: boolean;
  busy: boolean;
  error: string | null;
  empty: string;
  children: IBranch[];
  total: number;
  load: (offset: number) => Promise<{ items: IBranch[]; total: number }>;
}

export class TreeModel {
  filter = '';
  error: string | null = null;
  loaded = false;
  user = '';
  root = '';
  /** The row that is shown in the main area. */
  selected: string | null = null;
  private branches: IBranch[] = [];
  private readonly _changed = new Signal<this, void>(this);

  constructor(private readonly api: Api) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get empty(): boolean {
    return this.loaded && !this.branches.length;
  }

  /** Read the proposals again; what is open stays open. */
  async refresh(): Promise<void> {
    const open = new Set(expandedIds(this.branches));
    try {
      const answer = await this.api.proposals();
      this.user = answer.user;
      this.root = answer.root;
      this.branches = answer.proposals.map(p => this.proposal(p));
      this.error = null;
      this.loaded = true;
      if (!open.size && this.branches.length) {
        // something to see at once
        open.add(this.branches[0].id);
      }
      await this.reopen(this.branches, open);
    } catch (error) {
      this.error = reasonOf(error);
      this.loaded = true;
    }
    this._changed.emit();
  }

  /** Read the scans of a proposal again; what is open stays open. */
  async refreshProposal(path: string): Promise<void> {
    const branch = find(this.branches, path);
    const { filter } = this;
    if (!branch || branch.busy) {
      return;
    }
    const known = new Map(branch.children.map(child => [child.id, child]));
    const items: IBranch[] = [];
    if (known.size) {
      let page;
      do {
        page = await branch.load(items.length);
        items.push(...page.items);
      } while (page.items.length && items.length < known.size);
      if (filter !== this.filter) {
        return; // the list was made anew meanwhile
      }
      branch.total = page.total;
    }
    branch.children = items.map(item => ({
      ...item,
      ...kept(known.get(item.id))
    }));
    branch.error = null;
    this._changed.emit();
  }

  /** The paths of all proposals. */
  get proposals(): string[] {
    return this.branches.map(branch => branch.id);
  }

  /** Show only scans that this search finds. */
  async setFilter(filter: string): Promise<void> {
    this.filter = filter;
    const open = this.branches.filter(b => b.expanded);
    await Promise.all(open.map(branch => this.fill(branch)));
  }

  select(id: string): void {
    this.selected = id;
    this._changed.emit();
  }

  /** Follow the main area; a dataset of the scan stays selected. */
  selectScan(path: string): void {
    if (this.selected?.split('#')[0] !== path) {
      this.select(path);
    }
  }

  rows(): IRow[] {
    const rows: IRow[] = [];
    this.collect(this.branches, 1, '', rows);
    return rows;
  }

  async toggle(id: string): Promise<void> {
    const branch = find(this.branches, id);
    if (!branch?.expandable) {
      return;
    }
    branch.expanded = !branch.expanded;
    if (branch.expanded && !branch.children.length) {
      await this.fill(branch);
    }
    this._changed.emit();
  }

  async more(id: string): Promise<void> {
    const branch = find(this.branches, id);
    if (branch) {
      await this.fill(branch, branch.children.length);
    }
  }

  private async fill(branch: IBranch, offset = 0): Promise<void> {
    const { filter } = this;
    branch.busy = true;
    branch.error = null;
    this._changed.emit();
    try {
      const page = await branch.load(offset);
      if (filter !== this.filter) {
        return; // an answer to an older question
      }
      branch.children = offset
        ? [...branch.children, ...page.items]
        : page.items;
      branch.total = page.total;
    } catch (error) {
      branch.error = reasonOf(error);
    }
    branch.busy = false;
    this._changed.emit();
  }

  private async reopen(branches: IBranch[], open: Set<string>): Promise<void> {
    for (const branch of branches.filter(b => open.has(b.id))) {
      branch.expanded = true;
      await this.fill(branch);
      await this.reopen(branch.children, open);
    }
  }

  private proposal(proposal: IProposal): IBranch {
    return {
      ...leaf,
      id: proposal.path,
      kind: 'proposal',
      label: proposal.name,
      detail: proposal.beamline,
      title: [proposal.title, proposal.problem].filter(Boolean).join('\n'),
      expandable: true,
      children: [],
      error: proposal.problem || null,
      empty: 'empty-proposal',
      load: async offset => {
        const page = await this.api.scans(proposal.path, offset, this.filter);
        return { ...page, items: page.items.map(scan => this.scan(scan)) };
      }
    };
  }

  private scan(scan: IScan): IBranch {
    const folder = isFolder(scan);
    const target: Target = { kind: 'scan', path: scan.path, folder };
    const written = `${dateText(scan.mtime)}, ${sizeText(scan.size)}`;
    const about = [scan.title, scan.sample, scan.technique, written];
    return {
      ...leaf,
      id: scan.path,
      kind: 'scan',
      label: scan.area === 'raw' ? scan.name : resultName(scan.name),
      detail: shortDateText(scan.mtime),
      title: [`${scan.area}/${scan.name}`, ...about].filter(Boolean).join('\n'),
      target,
      expandable: true,
      children: [],
      error: scan.problem || null,
      empty: 'There is nothing in this file.',
      load: offset => this.members(scan.path, folder, '', offset)
    };
  }

  private async members(
    path: string,
    folder: boolean,
    node: string,
    offset: number
  ): Promise<{ items: IBranch[]; total: number }> {
    const page = await this.api.children(path, node, offset);
    const items = page.items.map(child => this.child(path, folder, child));
    return { items, total: page.total };
  }

  private child(path: string, folder: boolean, child: IChild): IBranch {
    const usable = child.kind === 'dataset';
    return {
      ...leaf,
      id: `${path}#${child.path}`,
      kind: child.kind,
      label: child.name,
      detail: child.detail,
      title: child.detail ? `${child.name}: ${child.detail}` : child.name,
      target: usable ? { kind: 'node', path, folder, node: child.path } : null,
      expandable: child.kind === 'group',
      children: [],
      empty: 'This group is empty.',
      load: offset => this.members(path, folder, child.path, offset)
    };
  }

  private collect(
    branches: IBranch[],
    level: number,
    parent: string,
    rows: IRow[]
  ): void {
    branches.forEach((branch, i) => {
      rows.push({
        id: branch.id,
        kind: branch.kind,
        level,
        label: branch.label,
        detail: branch.detail,
        title: branch.title,
        expanded: branch.expandable ? branch.expanded : null,
        busy: branch.busy,
        problem: !!branch.error,
        position: i + 1,
        count: branches.length,
        target: branch.target
      });
      if (branch.expanded || (branch.error && branch.kind === 'proposal')) {
        this.below(branch, level + 1, rows);
      }
    });
  }

  private below(branch: IBranch, level: number, rows: IRow[]): void {
    if (branch.error) {
      rows.push(line(`${branch.id}!`, 'error', level, branch.error));
      return;
    }
    this.collect(branch.children, level, branch.id, rows);
    const left = branch.total - branch.children.length;
    if (left > 0) {
      const shown = `${branch.children.length} of ${branch.total} shown`;
      rows.push({
        ...line(`${branch.id}+`, 'more', level, 'Show more'),
        detail: shown
      });
    } else if (!branch.children.length && !branch.busy) {
      rows.push(line(`${branch.id}-`, 'note', level, this.nothing(branch)));
    }
  }

  private nothing(branch: IBranch): string {
    if (branch.empty !== 'empty-proposal') {
      return branch.empty;
    }
    return this.filter
      ? `No scan of this proposal is found by “${this.filter}”.`
      : `No scan yet. Files appear here when the beamline writes HDF5, NeXus or TIFF into ${branch.id}/raw.`;
  }
}

const leaf = {
  detail: '',
  title: '',
  target: null,
  expandable: false,
  expanded: false,
  busy: false,
  error: null,
  empty: '',
  children: [],
  total: 0
};

function line(id: string, kind: RowKind, level: number, label: string): IRow {
  return {
    id,
    kind,
    level,
    label,
    detail: '',
    title: label,
    expanded: null,
    busy: false,
    problem: false,
    position: 1,
    count: 1,
    target: null
  };
}

function find(branches: IBranch[], id: string): IBranch | undefined {
  for (const branch of branches) {
    const found = branch.id === id ? branch : find(branch.children, id);
    if (found) {
      return found;
    }
  }
  return undefined;
}

/** What stays of a line whose text was read again. */
function kept(known: IBranch | undefined): Partial<IBranch> {
  if (!known) {
    return {};
  }
  const { expanded, busy, children, total } = known;
  return { expanded, busy, children, total };
}

function expandedIds(branches: IBranch[]): string[] {
  return branches
    .filter(branch => branch.expanded)
    .flatMap(branch => [branch.id, ...expandedIds(branch.children)]);
}
