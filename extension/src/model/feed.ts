/** The feed of a proposal: its newest scans, and what rules have made of each. */

import { IFeed, IFeedScan, IRules } from '../types';
import { Newest } from './newest';
import { isBusy } from './runs';
import { reasonOf } from './reason';

export interface IFeedSource {
  feed(proposal: string, limit: number): Promise<IFeed>;
  writeRules(proposal: string): Promise<IRules>;
}

export class FeedModel extends Newest {
  scans: IFeedScan[] = [];
  rules: IRules | null = null;

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

  protected get shown(): number {
    return this.scans.length;
  }

  protected forget(): void {
    this.scans = [];
    this.rules = null;
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
