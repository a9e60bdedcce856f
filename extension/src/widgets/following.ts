/** Has the server follow what the page shows, and tells the views what has come. */

import { attention } from '../model/attention';
import { Events } from '../model/events';
import { ViewModel } from '../model/view';
import { IGrowth, IShown } from '../types';

/** Milliseconds until a change of tabs has come to rest. */
const REST = 100;

interface IView {
  model: ViewModel;
  isVisible: boolean;
}

export class Following {
  private readonly views = new Set<IView>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private asked = '[]';

  constructor(private readonly events: Events) {
    events.growth.connect((_, news) => this.tell(news));
    events.progress.connect((_, news) => {
      this.views.forEach(view => view.model.work.hear(news));
    });
    attention.changed.connect(this.update, this);
  }

  add(view: IView): void {
    this.views.add(view);
    view.model.changed.connect(this.update, this);
    this.update();
  }

  remove(view: IView): void {
    this.views.delete(view);
    this.update();
  }

  /** Look again at what is visible. */
  update(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.follow();
    }, REST);
  }

  private follow(): void {
    const shown = [...this.views]
      .filter(view => attention.here && view.isVisible)
      .map(view => shownBy(view.model));
    const asked = JSON.stringify(shown);
    if (asked !== this.asked) {
      this.asked = asked;
      this.events.follow(shown);
    }
  }

  private tell(news: IGrowth): void {
    for (const { model } of this.views) {
      const { path, node } = shownBy(model);
      if (path === news.path && node === news.node) {
        model.live.hear(news);
      }
    }
  }
}

function shownBy(model: ViewModel): IShown {
  return { path: model.path, node: model.signal?.path ?? model.look.node };
}
