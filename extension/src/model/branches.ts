/**
 * The lines of a tree that are known so far, page by page.
 *
 * A branch knows how many children it has, and holds those pages of them that
 * somebody has looked at: a group of 100,000 members costs a page, not a list.
 */

import { IPage, IScan, PAGE } from '../types';

export type RowKind =
  | 'proposal'
  | 'sample'
  | 'scan'
  | 'group'
  | 'dataset'
  | 'missing'
  | 'outside'
  | 'loop'
  | 'waiting'
  | 'note'
  | 'error';

export type Target =
  | { kind: 'scan'; path: string; folder: boolean }
  | { kind: 'node'; path: string; folder: boolean; node: string };

/** What a line says, without its state. */
export interface ILine {
  id: string;
  kind: RowKind;
  label: string;
  detail?: string;
  title?: string;
  target?: Target | null;
  scan?: IScan | null;
  /** When what it stands for was written, seconds since 1970. */
  written?: number;
  /** Why it cannot be opened. */
  error?: string | null;
  /** What is said where there are no children. */
  empty?: string;
}

export interface IBranchPage extends IPage<Branch> {
  /** Only so many are listed: what is said below them. */
  cut?: string;
  /** Those that are opened when they come in. */
  open?: Branch[];
}

export type Load = (offset: number) => Promise<IBranchPage>;

export class Branch {
  expanded = false;
  busy = false;
  error: string | null;
  parent: Branch | null = null;
  position = 0;
  /** Null until the first page is here. */
  total: number | null = null;
  cut = '';
  private pages = new Map<number, Branch[]>();
  private stale = new Set<number>();
  private loading = new Map<number, Promise<void>>();
  /** Children that are expanded, also while their page is read again. */
  private opened = new Map<string, Branch>();
  private generation = 0;

  constructor(
    public line: ILine,
    private load: Load | null = null
  ) {
    this.error = line.error ?? null;
  }

  get id(): string {
    return this.line.id;
  }

  get expandable(): boolean {
    return !!this.load;
  }

  get level(): number {
    return this.parent ? this.parent.level + 1 : 0;
  }

  /** How many lines stand below this one. */
  get below(): number {
    if (!this.expanded && !this.alwaysTold) {
      return 0;
    }
    if (this.error || !this.total) {
      return 1; // why, that it is being read, or that there is nothing
    }
    const open = this.open.reduce((sum, child) => sum + child.below, 0);
    return this.total + open + (this.cut ? 1 : 0);
  }

  /** The children that are expanded, from first to last. */
  get open(): Branch[] {
    return [...this.opened.values()]
      .filter(child => child.below && this.child(child.position) === child)
      .sort((a, b) => a.position - b.position);
  }

  /** Where it stands in the whole tree. */
  get index(): number {
    if (!this.parent) {
      return -1;
    }
    const above = this.parent.open.filter(b => b.position < this.position);
    const lines = above.reduce((sum, child) => sum + child.below, 0);
    return this.parent.index + 1 + this.position + lines;
  }

  /** Lines below this one that stand for no child: they need more room. */
  get notes(): number[] {
    if (!this.below) {
      return [];
    }
    const first = this.index + 1;
    if (this.error || this.total === 0) {
      return [first];
    }
    const last = this.cut ? [first + this.below - 1] : [];
    return [...this.open.flatMap(child => child.notes), ...last];
  }

  /** The line at a place below this one: a child, or what stands for it. */
  at(place: number): { parent: Branch; position: number; child?: Branch } {
    let above = 0;
    for (const child of this.open) {
      const own = child.position + above;
      if (place <= own) {
        break;
      }
      if (place <= own + child.below) {
        return child.at(place - own - 1);
      }
      above += child.below;
    }
    const position = place - above;
    const child = this.error ? undefined : this.child(position);
    return { parent: this, position, child };
  }

  child(position: number): Branch | undefined {
    return this.pages.get(Math.floor(position / PAGE))?.[position % PAGE];
  }

  /** All children that are known, and theirs. */
  *known(): Generator<Branch> {
    for (const children of this.pages.values()) {
      for (const child of children) {
        yield child;
        yield* child.known();
      }
    }
  }

  find(id: string): Branch | undefined {
    for (const branch of this.known()) {
      if (branch.id === id) {
        return branch;
      }
    }
    return undefined;
  }

  expand(expanded: boolean): void {
    this.expanded = expanded;
    if (expanded) {
      this.error = this.line.error ?? null; // it is tried again
      this.parent?.opened.set(this.id, this);
    } else if (!this.alwaysTold) {
      this.parent?.opened.delete(this.id);
    }
  }

  /** Read the page of a child, unless it is here or on its way. */
  need(position: number, told: () => void): Promise<void> {
    const number = Math.floor(position / PAGE);
    const known = this.pages.has(number) && !this.stale.has(number);
    if (known || !this.load || this.error) {
      return Promise.resolve();
    }
    const running = this.loading.get(number);
    if (running) {
      return running;
    }
    const reading = this.read(number, told);
    this.loading.set(number, reading);
    return reading;
  }

  /** Read the pages again when they are looked at; what is open stays open. */
  expire(): void {
    this.generation++;
    this.loading.clear();
    this.error = this.line.error ?? null;
    this.stale = new Set(this.pages.keys());
    this.opened.forEach(child => child.expire());
  }

  /** Forget all children: the question is another one. */
  clear(): void {
    this.expire();
    this.pages.clear();
    this.stale.clear();
    this.total = null;
    this.cut = '';
  }

  /** Take children that are all known already. */
  fill(children: Branch[]): void {
    this.take(0, { items: children, total: children.length, offset: 0 });
  }

  /** A proposal that cannot be read says so without being opened. */
  private get alwaysTold(): boolean {
    return !!this.error && this.line.kind === 'proposal';
  }

  private async read(number: number, told: () => void): Promise<void> {
    const { generation } = this;
    this.busy = true;
    told();
    try {
      const page = await this.load!(number * PAGE);
      if (generation !== this.generation) {
        return; // an answer to an older question
      }
      this.take(number, page);
    } catch (error) {
      if (generation !== this.generation) {
        return;
      }
      this.error = error instanceof Error ? error.message : `${error}`;
    }
    this.loading.delete(number);
    this.busy = this.loading.size > 0;
    told();
  }

  private take(number: number, page: IBranchPage): void {
    const before = new Set(this.pages.get(number)?.map(child => child.id));
    const children = page.items.map((read, i) => {
      const child = this.opened.get(read.id)?.renewed(read) ?? read;
      child.parent = this;
      child.position = number * PAGE + i;
      if (page.open?.includes(read) && !before.has(read.id)) {
        child.expanded = true;
      }
      if (child.expanded || child.alwaysTold) {
        this.opened.set(child.id, child);
      }
      return child;
    });
    this.pages.set(number, children);
    this.stale.delete(number);
    this.total = page.total;
    this.cut = page.cut ?? '';
    for (const known of this.pages.keys()) {
      if (known > 0 && known * PAGE >= page.total) {
        this.pages.delete(known);
      }
    }
  }

  /** Say what was read anew; what is known below stays. */
  private renewed(read: Branch): this {
    this.line = read.line;
    this.load = read.load;
    this.error = read.line.error ?? this.error;
    return this;
  }
}
