/** The feed of a proposal: its newest scans, and what rules have made of each. */

import { IFeed, IFeedScan, IRules, IWatches } from '../types';
import { Newest } from './newest';
import { isBusy } from './runs';
import { reasonOf } from './reason';
import { CALM } from './refreshed';

export interface IFeedSource {
  feed(proposal: string, limit: number): Promise<IFeed>;
  writeRules(proposal: string): Promise<IRules>;
  watches(proposal: string): Promise<IWatches>;
  keepWatch(proposal: string, keep: boolean): Promise<IWatches>;
}

export class FeedModel extends Newest {
  scans: IFeedScan[] = [];
  rules: IRules | null = null;
  watches: IWatches | null = null;
  /** Why it is not known who watches, or why a choice was not taken. */
  watchProblem = '';
  private watchesReadAt = -Infinity;
  private watchesAsked = 0;

  constructor(
    private readonly api: IFeedSource,
    proposal = ''
  ) {
    super(proposal);
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

  /** Have one's own server kept for this proposal, or end that. */
  async keepWatch(keep: boolean): Promise<void> {
    const { proposal } = this;
    // what is said now stays for a while, also a refusal
    this.watchesReadAt = Date.now();
    await this.takeWatches(proposal, this.api.keepWatch(proposal, keep));
  }

  protected get shown(): number {
    return this.scans.length;
  }

  protected forget(): void {
    this.scans = [];
    this.rules = null;
    this.watches = null;
    this.watchProblem = '';
    this.watchesReadAt = -Infinity;
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
    void this.readWatches(proposal);
    const found = await this.api.feed(proposal, this.limit);
    if (proposal === this.proposal) {
      this.scans = found.items;
      this.total = found.total;
      this.rules = found.rules;
    }
  }

  /** Runs change every second, who watches seldom; and the hub answers for all. */
  private async readWatches(proposal: string): Promise<void> {
    if (Date.now() - this.watchesReadAt >= CALM) {
      this.watchesReadAt = Date.now();
      await this.takeWatches(proposal, this.api.watches(proposal));
    }
  }

  /** The feed waits for no hub, and goes on whatever that says. */
  private async takeWatches(
    proposal: string,
    asked: Promise<IWatches>
  ): Promise<void> {
    const number = ++this.watchesAsked;
    let problem = '';
    let found: IWatches | null = null;
    try {
      found = await asked;
    } catch (error) {
      problem = reasonOf(error);
    }
    // an answer to an earlier question knows nothing of a choice made meanwhile
    if (proposal === this.proposal && number === this.watchesAsked) {
      this.watches = found ?? this.watches;
      this.watchProblem = problem;
      this.told();
    }
  }
}

/** When a scan began, in seconds since 1970: that is what they are ordered by. */
export function beganAt({ start_time, mtime }: IFeedScan): number {
  const began = Date.parse(start_time) / 1000;
  return Number.isFinite(began) ? began : mtime;
}
