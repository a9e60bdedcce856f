/** The runs of a proposal, and one of them. */

import { IPage, IRun, IRunDetail } from '../types';
import { Newest } from './newest';
import { reasonOf } from './reason';
import { Refreshed } from './refreshed';

export interface IRunsSource {
  runs(proposal: string, limit: number, filter: string): Promise<IPage<IRun>>;
}

export interface IRunSource {
  run(path: string): Promise<IRunDetail>;
  stopRun(path: string): Promise<IRun>;
  goOn(path: string): Promise<IRun>;
  noteRun(path: string, note: string): Promise<IRun>;
}

/** Whether a run goes on, so that it can be stopped. */
export function isBusy(run: IRun): boolean {
  return run.state === 'waiting' || run.state === 'running';
}

/** Runs of a proposal, or of all that one sees where it is "". */
export class RunsModel extends Newest {
  items: IRun[] = [];
  private _filter = '';

  constructor(private readonly api: IRunsSource) {
    super();
  }

  /** Words that find runs: those that are shown. */
  get filter(): string {
    return this._filter;
  }

  set filter(text: string) {
    if (text !== this._filter) {
      this._filter = text;
      this.restart();
    }
  }

  protected get shown(): number {
    return this.items.length;
  }

  protected forget(): void {
    this._filter = '';
    this.items = [];
  }

  protected get lively(): boolean {
    return this.items.some(isBusy);
  }

  protected async read(): Promise<void> {
    const { proposal, filter } = this;
    const found = await this.api.runs(proposal, this.limit, filter);
    if (proposal === this.proposal && filter === this.filter) {
      this.items = found.items;
      this.total = found.total;
    }
  }
}

export class RunModel extends Refreshed {
  run: IRunDetail | null = null;
  /** Why it could not be stopped or gone on with. */
  refusal = '';

  constructor(
    private readonly api: IRunSource,
    readonly path: string
  ) {
    super();
  }

  /** Ask it to stop; it says "stopping" until it has. */
  stop(): Promise<void> {
    return this.wish(() => this.api.stopRun(this.path));
  }

  /** Start it again. */
  goOn(): Promise<void> {
    return this.wish(() => this.api.goOn(this.path));
  }

  private async wish(send: () => Promise<IRun>): Promise<void> {
    try {
      const { words, stopping, state } = await send();
      this.refusal = '';
      if (this.run) {
        this.run = { ...this.run, words, stopping, state };
      }
    } catch (error) {
      this.refusal = reasonOf(error);
    }
    this.told();
    await this.refresh();
  }

  /** Change its note; why not, where that is refused. */
  async note(text: string): Promise<string> {
    try {
      const { note } = await this.api.noteRun(this.path, text);
      if (this.run) {
        this.run = { ...this.run, note };
      }
    } catch (error) {
      return reasonOf(error);
    }
    this.told();
    void this.refresh();
    return '';
  }

  protected get lively(): boolean {
    return !!this.run && isBusy(this.run);
  }

  protected async read(): Promise<void> {
    this.run = await this.api.run(this.path);
  }
}

/** The name of the proposal that a run belongs to; "" if that cannot be told. */
export function proposalName({ path }: IRun): string {
  const [proposal, inside] = path.split('/processed/');
  return inside ? proposal.split('/').slice(-1)[0] : '';
}

/** The proposal of a path; else the first. */
export function proposalOf(path: string, proposals: string[]): string {
  const around = proposals.filter(folder => path.startsWith(`${folder}/`));
  return around[0] ?? proposals[0] ?? '';
}
