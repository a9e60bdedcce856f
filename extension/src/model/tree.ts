/** The tree of the sidebar: proposals, samples, scans, and what is inside a file. */

import { ISignal, Signal } from '@lumino/signaling';
import { Api } from '../api';
import { IChild, IPage, IProposal, ISample, IScan, ScanOrder } from '../types';
import { Branch, IBranchPage, ILine, RowKind, Target } from './branches';
import { lineOfCode } from './code';
import { dateText, fileName, resultName, shortDateText } from './text';
import { reasonOf } from './reason';

export type { RowKind, Target } from './branches';

/** One line of the tree as it is drawn. */
export interface IRow extends Required<ILine> {
  level: number;
  expanded: boolean | null;
  busy: boolean;
  problem: boolean;
  /** Place among its siblings, from 1, and how many these are. */
  place: number;
  count: number;
  /** Where the line it belongs to stands in the tree, -1 for none. */
  above: number;
  /** It was written since the last visit, and not opened yet. */
  isNew: boolean;
}

/** Which scans are listed, and in which order. */
export interface IChoice {
  text: string;
  technique: string;
  /** As a search says it: `7d`, `today`, a date; empty for any time. */
  after: string;
  order: ScanOrder;
}

/** Whether a scan is a folder: a Zarr store, or frames with a file each. */
export function isFolder(scan: IScan): boolean {
  return scan.kind === 'zarr' || scan.kind.endsWith('-folder');
}

/** Of so many scans no list says how many there are. */
export const COUNTED = 10_000;

/** Where the beamline stands, of proposals that everybody sees. */
const PUBLIC = 'Public';

export class TreeModel {
  choice: IChoice = { text: '', technique: '', after: '', order: 'newest' };
  error: string | null = null;
  loaded = false;
  user = '';
  root = '';
  /** The row that is shown in the main area. */
  selected: string | null = null;
  /** When this user was last here, seconds since 1970. */
  lastVisit = Infinity;
  private readonly top = new Branch({ id: '', kind: 'note', label: '' });
  private readonly techniquesOf = new Map<string, string[]>();
  /** When what is open of a scan was read again, milliseconds. */
  private readonly reread = new Map<string, number>();
  private readonly seen = new Set<string>();
  private readonly _changed = new Signal<this, void>(this);
  private readonly told = () => this._changed.emit();

  constructor(private readonly api: Api) {
    this.top.expand(true);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get empty(): boolean {
    return this.loaded && !this.error && !this.top.total;
  }

  /** Whether there is nothing but what everybody sees. */
  get isGuest(): boolean {
    const { branches } = this;
    return branches.length > 0 && branches.every(b => b.line.detail === PUBLIC);
  }

  /** The paths of all proposals. */
  get proposals(): string[] {
    return this.branches.map(branch => branch.id);
  }

  /** The techniques of the proposals that were looked into. */
  get techniques(): string[] {
    return [...new Set([...this.techniquesOf.values()].flat())].sort();
  }

  get count(): number {
    return this.top.total ? this.top.below : 0;
  }

  /** The lines that are higher than others. */
  get tall(): number[] {
    return this.top.total ? this.top.notes : [];
  }

  /** Read the proposals again; what is open stays open. */
  async refresh(): Promise<void> {
    try {
      const answer = await this.api.proposals();
      this.user = answer.user;
      this.root = answer.root;
      this.top.expire();
      this.top.fill(answer.proposals.map(p => this.proposal(p)));
      this.error = null;
    } catch (error) {
      this.error = reasonOf(error);
    }
    this.loaded = true;
    this.told();
    const { branches } = this;
    if (branches.length && !branches.some(branch => branch.expanded)) {
      await this.toggle(branches[0].id); // something to see at once
    } else {
      await this.read(branches.filter(branch => branch.expanded));
    }
  }

  /** Read the scans of a proposal again; what is open stays open. */
  async refreshProposal(path: string): Promise<void> {
    const branch = this.branches.find(({ id }) => id === path);
    if (branch) {
      branch.expire();
      await this.read(branch.expanded ? [branch] : []);
    }
  }

  /** A scan is being written: what is open of it is read again, now and then. */
  grew(path: string): void {
    const branch = this.top.find(path);
    const now = Date.now();
    if (branch?.expanded && now > (this.reread.get(path) ?? 0) + REREAD) {
      this.reread.set(path, now);
      branch.expire();
      this.told();
    }
  }

  /** List other scans, or in another order. */
  async choose(choice: Partial<IChoice>): Promise<void> {
    this.choice = { ...this.choice, ...choice };
    this.branches.forEach(branch => branch.clear());
    await this.read(this.branches.filter(branch => branch.expanded));
    this.told();
  }

  /** Mark what was written after this, in seconds since 1970. */
  markSince(lastVisit: number): void {
    this.lastVisit = lastVisit;
    this.told();
  }

  select(id: string): void {
    this.selected = id;
    this.seen.add(id);
    this.told();
  }

  /** Follow the main area; a dataset of the scan stays selected. */
  selectScan(path: string): void {
    if (this.selected?.split('#')[0] !== path) {
      this.select(path);
    }
  }

  async toggle(id: string): Promise<void> {
    const branch = this.top.find(id);
    if (!branch?.expandable) {
      return;
    }
    branch.expand(!branch.expanded);
    this.told();
    if (branch.expanded) {
      await this.read([branch]);
    }
  }

  /** Read what these lines of the tree show, where it is not known. */
  async need(first: number, end: number): Promise<void> {
    const wanted = [];
    for (let i = first; i < Math.min(end, this.count); i++) {
      const { parent, position } = this.top.at(i);
      wanted.push(parent.need(position, this.told));
    }
    await Promise.all(wanted);
  }

  /** The line at a place, from 0 to `count`. */
  row(index: number): IRow {
    const { parent, position, child } = this.top.at(index);
    const level = parent.level + 1;
    if (!child) {
      const above = parent.index;
      return { ...plain, level, above, ...this.standIn(parent, position) };
    }
    const { line } = child;
    return {
      ...plain,
      ...line,
      error: child.error,
      level,
      above: parent.index,
      expanded: child.expandable ? child.expanded : null,
      busy: child.busy,
      problem: !!child.error || !!line.scan?.problem,
      place: position + 1,
      count: parent.total ?? 1,
      isNew:
        line.kind === 'scan' &&
        (line.written ?? 0) > this.lastVisit &&
        !this.seen.has(line.id)
    };
  }

  rows(first = 0, end = this.count): IRow[] {
    const length = Math.max(Math.min(end, this.count) - first, 0);
    return Array.from({ length }, (_, i) => this.row(first + i));
  }

  /** Where a line stands; -1 where it is not known or not shown. */
  indexOf(id: string): number {
    const branch = this.top.find(id);
    let above = branch?.parent;
    while (above && above.expanded) {
      above = above.parent;
    }
    return branch && !above ? branch.index : -1;
  }

  /** The next line whose label begins with this, after a place; -1 for none. */
  startingWith(text: string, after: number): number {
    const { count } = this;
    const most = Math.min(count, COUNTED);
    for (let i = 1; i <= most; i++) {
      const index = (after + i) % count;
      const { child } = this.top.at(index);
      if (child?.line.label.toLowerCase().startsWith(text.toLowerCase())) {
        return index;
      }
    }
    return -1;
  }

  /** The line of a scan; null where it is another line, or gone. */
  scanOf(id: string): IRow | null {
    const index = this.indexOf(id);
    const row = index < 0 ? null : this.row(index);
    return row?.scan ? row : null;
  }

  /** The line of code that opens a scan, or what lies in it; empty for others. */
  codeOf(id: string): string {
    const scan = this.scanAround(id);
    const node = id.includes('#') ? id.slice(id.indexOf('#') + 1) : '';
    return scan ? lineOfCode(scan.code, node, []) : '';
  }

  /** The scan of a line, or the one it lies in. */
  scanAround(id: string): IScan | null {
    let branch = this.top.find(id) ?? null;
    while (branch && !branch.line.scan) {
      branch = branch.parent;
    }
    return branch?.line.scan ?? null;
  }

  private get branches(): Branch[] {
    return [...Array(this.top.total ?? 0).keys()].map(i => this.top.child(i)!);
  }

  private async read(branches: Branch[]): Promise<void> {
    await Promise.all(branches.map(branch => branch.need(0, this.told)));
    this.told();
  }

  /** What is drawn where there is no child, or not yet. */
  private standIn(parent: Branch, position: number): Partial<IRow> {
    const id = `${parent.id}!${position}`;
    const told = (kind: RowKind, label: string) => {
      return { id, kind, label, title: label, detail: '' };
    };
    if (parent.error) {
      return {
        ...told('error', shortReason(parent.error, parent.id)),
        title: parent.error
      };
    }
    if (parent.total === 0) {
      return told('note', this.nothing(parent));
    }
    if (parent.total !== null && position >= parent.total) {
      return told('note', parent.cut);
    }
    return {
      ...told('waiting', 'reading…'),
      busy: true,
      place: position + 1,
      count: parent.total ?? 1
    };
  }

  private nothing(branch: Branch): string {
    if (branch.line.kind !== 'proposal') {
      return branch.line.empty ?? '';
    }
    return this.query
      ? `No scan of this proposal is found by “${this.query}”.`
      : `No scan yet. Files appear here when the beamline writes HDF5, NeXus or TIFF into ${branch.id}/raw.`;
  }

  /** All that is asked, as one search. */
  private get query(): string {
    const { text, technique, after } = this.choice;
    return [
      text.trim(),
      technique && `technique:"${technique}"`,
      after && `after:${after}`
    ]
      .filter(Boolean)
      .join(' ');
  }

  private proposal(proposal: IProposal): Branch {
    const line: ILine = {
      id: proposal.path,
      kind: 'proposal',
      label: proposal.name,
      detail: proposal.beamline,
      title: [proposal.title, proposal.problem].filter(Boolean).join('\n'),
      error: proposal.problem || null
    };
    return new Branch(line, async offset => {
      const { samples, techniques } = await this.api.samples(
        proposal.path,
        this.query
      );
      this.techniquesOf.set(proposal.path, techniques);
      // a search is answered by scans; a level with one sample tells nothing
      return this.choice.text || samples.length < 2
        ? this.scans(proposal.path, offset)
        : this.samples(proposal.path, samples);
    });
  }

  private samples(proposal: string, samples: ISample[]): IBranchPage {
    const items = samples.map(sample => {
      const line: ILine = {
        id: `${proposal}?${sample.name}`,
        kind: 'sample',
        label: sample.name || 'no sample named',
        detail: countText(sample.scans),
        title: `${countText(sample.scans)}, the last on ${dateText(sample.newest)}`,
        written: sample.newest,
        empty: 'These scans are not there any more.'
      };
      const load = (offset: number) =>
        this.scans(proposal, offset, sample.name);
      return new Branch(line, load);
    });
    // what is being measured, also when a new one comes; all, where they fit
    const scans = samples.reduce((sum, sample) => sum + sample.scans, 0);
    const open = scans <= FEW ? items : items.slice(0, 1);
    return { items, total: items.length, offset: 0, open };
  }

  private async scans(
    proposal: string,
    offset: number,
    sample: string | null = null
  ): Promise<IBranchPage> {
    const { order } = this.choice;
    const asked = { proposal, offset, filter: this.query, order, sample };
    const page = await this.api.scans(asked);
    const items = page.items.map(scan => this.scan(scan));
    return page.total > COUNTED
      ? { items, offset, total: COUNTED, cut: CUT }
      : { items, offset, total: page.total };
  }

  private scan(scan: IScan): Branch {
    const folder = isFolder(scan);
    const line: ILine = {
      id: scan.path,
      kind: 'scan',
      label: scan.area === 'raw' ? scan.name : resultName(scan.name),
      detail: shortDateText(scan.mtime),
      scan,
      target: { kind: 'scan', path: scan.path, folder },
      written: scan.mtime,
      empty: 'There is nothing in this file.'
    };
    return new Branch(line, offset =>
      this.members(scan.path, folder, '', offset)
    );
  }

  private async members(
    path: string,
    folder: boolean,
    node: string,
    offset: number
  ): Promise<IBranchPage> {
    const page: IPage<IChild> = await this.api.children(path, node, offset);
    const items = page.items.map(child => this.member(path, folder, child));
    return { ...page, items };
  }

  private member(path: string, folder: boolean, child: IChild): Branch {
    const { name, kind } = child;
    const detail = child.link ? `↪ ${child.detail}` : child.detail;
    const title = [child.detail && `${name}: ${child.detail}`, child.link];
    const target: Target = { kind: 'node', path, folder, node: child.path };
    const line: ILine = {
      id: `${path}#${child.path}`,
      kind,
      label: name,
      detail,
      title: title.filter(Boolean).join('\n') || name,
      target: kind === 'dataset' ? target : null,
      empty: 'This group is empty.'
    };
    const load = (offset: number) =>
      this.members(path, folder, child.path, offset);
    return new Branch(line, kind === 'group' ? load : null);
  }
}

const REREAD = 1500; // milliseconds
/** Scans of a proposal that are shown without opening its samples. */
const FEW = 20;
const CUT = `Only ${COUNTED} scans are listed: search for the others.`;

const plain: IRow = {
  id: '',
  kind: 'note',
  label: '',
  detail: '',
  title: '',
  target: null,
  scan: null,
  written: 0,
  error: null,
  empty: '',
  level: 1,
  expanded: null,
  busy: false,
  problem: false,
  place: 1,
  count: 1,
  above: -1,
  isNew: false
};

/** A reason without the folders of the file below which it stands. */
function shortReason(reason: string, id: string): string {
  const name = fileName(id.split('#')[0]);
  const at = reason.indexOf(`/${name}`);
  return at > 0 && !reason.slice(0, at).includes(': ')
    ? reason.slice(at + 1)
    : reason;
}

function countText(scans: number): string {
  return scans === 1 ? '1 scan' : `${scans} scans`;
}
