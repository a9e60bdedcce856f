/** What was before, and what was taken back. */

export class History<T> {
  private past: T[] = [];
  private future: T[] = [];
  private label: string | null = null;

  constructor(private readonly most = 100) {}

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** Keep a state before it is changed; one change in many steps is kept once. */
  keep(state: T, label: string | null = null): void {
    if (label === null || label !== this.label) {
      this.past = [...this.past.slice(1 - this.most), state];
    }
    this.future = [];
    this.label = label;
  }

  undo(now: T): T {
    return this.swap(this.past, this.future, now);
  }

  redo(now: T): T {
    return this.swap(this.future, this.past, now);
  }

  private swap(from: T[], to: T[], now: T): T {
    this.label = null;
    if (!from.length) {
      return now;
    }
    to.push(now);
    return from.pop()!;
  }
}
