/**
 * A scan that is being written: how far it is, and whether its last frame is followed.
 *
 * News come faster than a slow picture does. The next ones are shown when the last
 * ones are on the screen, so that there is always a picture.
 */

import { IGrowth } from '../types';

/** What is followed: a view and its first axis. */
export interface IFollowable {
  /** Read the file again. */
  open: () => void;
  /** The path of what is shown, null where there is nothing. */
  shown: () => { path: string; shape: number[] } | null;
  /**
   * Take over a new shape, and show this position of the first axis.
   *
   * Gives whether something is drawn anew for it.
   */
  grow: (shape: number[], position: number | null) => boolean;
  /** Read what goes along with the data: the values of the axes. */
  reread: () => void;
  changed: () => void;
}

/** Milliseconds for a picture that may have failed. */
const LONGEST_WAIT = 10_000;

export type LiveState = 'settled' | 'growing' | 'lost';

export class Live {
  state: LiveState = 'settled';
  /** How many positions of the first axis hold data; null while nobody knows. */
  written: number | null = null;
  /** Whether the frame that was written last is shown. */
  following = false;
  private version = 0;
  private begun = false;
  private isDrawing = false;
  private began = 0;
  private pending: IGrowth | null = null;
  private isOpening = false;
  /** What was told while the file was read for the view. */
  private early: IGrowth | null = null;

  /** @param free - false for a view that was opened at a chosen position. */
  constructor(
    private readonly view: IFollowable,
    private free: boolean
  ) {}

  /** The view begins to read its file: what it shows is known when that has ended. */
  opening(): void {
    this.isOpening = true;
    this.early = null;
  }

  /** It has read it, or could not. */
  opened(): void {
    const news = this.early;
    this.isOpening = false;
    this.early = null;
    if (news) {
      this.hear(news);
    }
  }

  /** The view has read its file. */
  begin(growing: boolean): void {
    this.state = growing ? 'growing' : 'settled';
    this.written = null;
    this.begun = growing;
    this.isDrawing = false;
    this.pending = null;
    this.following = false;
  }

  hear(news: IGrowth): void {
    if (news.event === 'lost') {
      this.state = 'lost';
      this.following = false;
      this.view.changed();
      return;
    }
    if (this.isOpening) {
      this.early = news;
      return;
    }
    const shown = this.view.shown();
    const sameKind =
      shown &&
      shown.path === news.dataset &&
      shown.shape.length === news.shape?.length;
    if (news.event === 'replaced' || !sameKind) {
      if (news.shape || news.event === 'replaced') {
        this.view.open();
      }
      return;
    }
    if (this.isDrawing && Date.now() < this.began + LONGEST_WAIT) {
      this.pending = news;
    } else {
      this.take(news, news.shape!);
    }
  }

  /** The view tells that all it asked for is on the screen. */
  onScreen(): void {
    this.isDrawing = false;
    const news = this.pending;
    this.pending = null;
    if (news?.shape) {
      this.take(news, news.shape);
    }
  }

  /** Stay where one is. */
  pause(): void {
    this.free = false;
    this.following = false;
  }

  resume(): void {
    this.free = this.following = true;
    const shown = this.view.shown();
    if (shown) {
      this.view.grow(shown.shape, this.last(shown.shape));
    }
  }

  /**
   * Mark a request, so that an old answer to it is not used again.
   *
   * @param position - on the first axis; null where that is drawn.
   */
  mark(position: number | null): number | undefined {
    const { written } = this;
    const isThere = position !== null && written !== null && position < written;
    return isThere || (!this.begun && !this.version) ? undefined : this.version;
  }

  private take(news: IGrowth, shape: number[]): void {
    const before = this.written;
    const written = news.written ?? shape[0];
    const shown = this.view.shown()?.shape ?? shape;
    const longer = shape.join() !== shown.join();
    this.state = news.growing ? 'growing' : 'settled';
    this.begun ||= !!news.growing;
    this.written = written;
    // a file that was finished a moment ago is not followed to its end
    const comes =
      written < shape[0] ||
      shape[0] > shown[0] ||
      (before !== null && written > before);
    this.following ||= !!news.growing && this.free && comes;
    if ((written !== before || longer) && this.begun) {
      this.version += 1;
      const position = this.following ? this.last(shape) : null;
      this.isDrawing = this.view.grow(shape, position);
      this.began = Date.now();
    }
    if (!news.growing && this.begun) {
      this.view.reread();
    }
    this.view.changed();
  }

  private last(shape: number[]): number {
    return Math.max((this.written ?? shape[0]) - 1, 0);
  }
}
