/** Whether the browser shows the page at all: one that is hidden asks for nothing. */

import { ISignal, Signal } from '@lumino/signaling';

export class Attention {
  private _here = true;
  private readonly _changed = new Signal<this, void>(this);

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get here(): boolean {
    return this._here;
  }

  set here(here: boolean) {
    if (here !== this._here) {
      this._here = here;
      this._changed.emit();
    }
  }

  /** Wait so many milliseconds, and then until the page is seen. */
  async pause(milliseconds: number): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, milliseconds));
    while (!this._here) {
      await new Promise<void>(resolve => {
        const once = () => {
          this._changed.disconnect(once);
          resolve();
        };
        this._changed.connect(once);
      });
    }
  }
}

/** That of this page. */
export const attention = new Attention();
