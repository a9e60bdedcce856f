/** Two views that are moved, zoomed, coloured and pointed at together. */

import { IPoint } from './zoom';
import { shared } from './look';
import type { ViewModel } from './view';

export class Linked {
  private told = '';
  private isTelling = false;

  constructor(private readonly pair: [ViewModel, ViewModel]) {
    for (const view of pair) {
      view.linked?.end();
      view.setLinked(this);
      view.changed.connect(this.tell, this);
      view.pointed.connect(this.point, this);
    }
    this.tell(pair[0]);
  }

  partnerOf(view: ViewModel): ViewModel {
    return view === this.pair[0] ? this.pair[1] : this.pair[0];
  }

  /** Each goes its own way again. */
  end(): void {
    for (const view of this.pair) {
      view.changed.disconnect(this.tell, this);
      view.pointed.disconnect(this.point, this);
      view.setLinked(null);
    }
  }

  private tell(from: ViewModel): void {
    const to = this.partnerOf(from);
    if (this.isTelling || !from.signal || !to.signal) {
      return;
    }
    const look = shared(from.look);
    const key = JSON.stringify(look);
    if (key === this.told) {
      return;
    }
    this.told = key;
    this.isTelling = true;
    to.lookLike(look);
    this.isTelling = false;
  }

  private point(from: ViewModel, at: IPoint | null): void {
    this.partnerOf(from).showPoint(at);
  }
}
