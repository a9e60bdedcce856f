/** Something the server tells, read again when it may have changed. */

import { ISignal, Signal } from '@lumino/signaling';
import { attention } from './attention';
import { reasonOf } from './reason';

/** Milliseconds until it is read again, while something runs. */
export const LIVELY = 1000;
/** While nothing does: what is begun in a kernel is told by nobody. */
export const CALM = 10_000;

/**
 * Only what is seen is read, on a page that the browser shows, and one request at a
 * time: what is wished meanwhile is one more afterwards.
 */
export abstract class Refreshed {
  error = '';
  loaded = false;
  private seen = false;
  private reading = false;
  private again = false;
  private ended = false;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly _changed = new Signal<this, void>(this);

  constructor() {
    attention.changed.connect(this.look, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** It is seen from now on, or not any more. */
  show(seen: boolean): void {
    if (seen !== this.seen) {
      this.seen = seen;
      this.look();
    }
  }

  async refresh(): Promise<void> {
    this.rest();
    if (!this.isWatched) {
      return;
    }
    if (this.reading) {
      this.again = true;
      return;
    }
    this.reading = true;
    do {
      this.again = false;
      await this.ask();
    } while (this.again && this.isWatched);
    this.reading = false;
    this.later();
  }

  dispose(): void {
    this.ended = true;
    this.rest();
    attention.changed.disconnect(this.look, this);
    Signal.clearData(this);
  }

  /** Ask the server. */
  protected abstract read(): Promise<void>;

  /** Whether something runs whose progress is to be seen. */
  protected abstract get lively(): boolean;

  protected told(): void {
    this._changed.emit();
  }

  private get isWatched(): boolean {
    return this.seen && attention.here && !this.ended;
  }

  private look(): void {
    void this.refresh();
  }

  private async ask(): Promise<void> {
    try {
      await this.read();
      this.error = '';
    } catch (error) {
      this.error = reasonOf(error);
    }
    this.loaded = true;
    this.told();
  }

  private later(): void {
    if (this.isWatched) {
      const pause = this.lively && !this.error ? LIVELY : CALM;
      this.timer = setTimeout(() => void this.refresh(), pause);
    }
  }

  private rest(): void {
    if (this.timer) {
      clearTimeout(this.timer);
      this.timer = null;
    }
  }
}
