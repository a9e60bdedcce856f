/**
 * Goes through the frames by itself.
 *
 * The next frame is asked for when the last one was drawn, and not before its time:
 * no frame is skipped, however slow the line is.
 */

export interface IPlayable {
  /** Go to the next position; false at the end of the axis. */
  advance: (axis: number) => boolean;
  rewind: (axis: number) => void;
}

export const speeds = [1, 2, 5, 10, 20];

export class Play {
  axis: number | null = null;
  /** Frames per second, at most. */
  speed = 5;
  loops = true;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private began = 0;

  constructor(private readonly frames: IPlayable) {}

  start(axis: number): void {
    this.stop();
    this.axis = axis;
    this.next();
  }

  stop(): void {
    this.axis = null;
    if (this.timer) {
      clearTimeout(this.timer);
      this.timer = null;
    }
  }

  /** Tell that the frame asked for is on the screen. */
  drawn(): void {
    if (this.axis === null || this.timer) {
      return;
    }
    const left = this.began + 1000 / this.speed - Date.now();
    this.timer = setTimeout(
      () => {
        this.timer = null;
        this.next();
      },
      Math.max(left, 0)
    );
  }

  private next(): void {
    const { axis } = this;
    if (axis === null) {
      return;
    }
    this.began = Date.now();
    if (!this.frames.advance(axis)) {
      this.end(axis);
    }
  }

  private end(axis: number): void {
    if (this.loops) {
      this.frames.rewind(axis);
    } else {
      this.stop();
    }
  }
}
