/** What a proposal has many of: the newest are shown, older ones on request. */

import { Refreshed } from './refreshed';

const PAGE = 50;
const MOST = 1000;

export abstract class Newest extends Refreshed {
  /** How many there are on the server. */
  total = 0;
  protected limit = PAGE;

  constructor(private _proposal = '') {
    super();
  }

  get proposal(): string {
    return this._proposal;
  }

  set proposal(path: string) {
    if (path !== this._proposal) {
      this._proposal = path;
      this.loaded = false;
      this.forget();
      this.restart();
    }
  }

  get hasMore(): boolean {
    return this.shown < Math.min(this.total, MOST);
  }

  /** Show older ones as well. */
  more(): Promise<void> {
    this.limit = Math.min(this.limit + PAGE, MOST);
    return this.refresh();
  }

  /** Something else is wanted: from its newest on. */
  protected restart(): void {
    this.limit = PAGE;
    this.told();
    void this.refresh();
  }

  /** How many are shown. */
  protected abstract get shown(): number;

  /** Show nothing of the proposal before. */
  protected abstract forget(): void;
}
