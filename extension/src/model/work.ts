/** What a view waits for: since when, and how much of it is done. */

import { IProgress } from '../types';

let count = 0;
const page = Math.random().toString(36).slice(2);

export class Work {
  /** Names the request that is on its way; the server tells of it by this. */
  ticket = '';
  /** When the waiting began, in milliseconds; null while nothing is wanted. */
  since: number | null = null;
  done = 0;
  total = 0;

  constructor(private readonly changed: () => void) {}

  /** Something is wanted now. */
  begin(): void {
    this.since = Date.now();
  }

  /** It is asked for: a new ticket. */
  ask(): string {
    this.done = this.total = 0;
    this.ticket = `${page}-${count++}`;
    return this.ticket;
  }

  hear(news: IProgress): void {
    if (this.since !== null && news.ticket === this.ticket) {
      this.done = news.done;
      this.total = news.total;
      this.changed();
    }
  }

  end(): void {
    this.since = null;
    this.done = this.total = 0;
    this.ticket = '';
  }
}
