/** The feed of a proposal: its newest scans, and what rules have made of each. */

import { IFeed, IFeedScan, IRules } from '../types';
import { isBusy } from './runs';
import { reasonOf } from './reason';
import { Refreshed } from './refreshed';

const PAGE = 50;
const MOST = 1000;

export interface IFeedSource {
  feed(proposal: string, limit: number): Promise<IFeed>;
  writeRules(proposal: string): Promise<IRules>;
}

export class FeedModel extends Refreshed {
  scans: IFeedScan[] = [];
  total = 0;
  rules: IRules | null = null;
  private limit = PAGE;

  constructor(
    private readonly api: IFeedSource,
    private _proposal = ''
  ) {
    super();
  }

  get proposal(): string {
    return this._proposal;
  }

  set proposal(path: string) {
    if (path !== this._proposal) {
      this._proposal = path;
      this.scans = [];
      this.rules = null;
      this.loaded = false;
      this.limit = PAGE;
      this.told();
      void this.refresh();
    }
  }

  get hasMore(): boolean {
    return this.scans.length < Math.min(this.total, MOST);
  }

  /** Show older scans as well. */
  more(): Promise<void> {
    this.limit = Math.min(this.limit + PAGE, MOST);
    return this.refresh();
  }

  /** Write the usual rules; why not, where they cannot be. */
  async writeRules(): Promise<void> {
    try {
      this.rules = await this.api.writeRules(this.proposal);
    } catch (error) {
      this.error = reasonOf(error);
    }
    this.told();
    await this.refresh();
  }

  protected get lively(): boolean {
    return this.scans.some(scan =>
      scan.items.some(item => item.run && isBusy(item.run))
    );
  }

  protected async read(): Promise<void> {
    const { proposal } = this;
    if (!proposal) {
      return;
    }
    const found = await this.api.feed(proposal, this.limit);
    if (proposal === this.proposal) {
      this.scans = found.items;
      this.total = found.total;
      this.rules = found.rules;
    }
  }
}

/** When a scan began, in seconds since 1970: that is what they are ordered by. */
export function beganAt({ start_time, mtime }: IFeedScan): number {
  const began = Date.parse(start_time) / 1000;
  return Number.isFinite(began) ? began : mtime;
}
