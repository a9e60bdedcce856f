/** The picture of a view: which one is asked for, and what is done when it comes. */

import type { Api } from '../api';
import { ITile, ITileRequest } from '../types';
import { indexOf } from './axes';
import { firstStep } from './cost';
import type { ILook } from './look';
import { reasonOf } from './reason';
import { keyOf, Tiles } from './tiles';
import type { ViewModel } from './view';

/** Device pixels. */
const GRID = 64;
const PREVIEW = 256;

export class Pictures {
  private readonly tiles: Tiles;
  private max: [number, number] | null = null;
  /** As the view looked when the last picture was there. */
  private settled: ILook | null = null;
  /** Where the next step probably goes. */
  private direction = 1;
  private moved: number | null = null;

  constructor(
    api: Api,
    private readonly view: ViewModel,
    private readonly changed: () => void
  ) {
    const { work } = view;
    this.tiles = new Tiles(
      (request, signal, previewed) =>
        // only what is read of many frames tells how far it has come
        api.tile(request, signal, previewed, request.how && work.ask()),
      (tile, request) => this.landed(tile, request),
      error => this.failed(error),
      (tile, request) => this.previewed(tile, request)
    );
  }

  private get wanted(): boolean {
    return this.view.viewer?.name === 'Frames';
  }

  /** Ask for what the view shows now. */
  fetch(): void {
    const { view } = this;
    const { signal, look } = view;
    const single = !look.box && !view.project;
    const quick = signal && single ? firstStep(signal, look.axes) : 1;
    const whole = this.request(view.index);
    if (whole) {
      view.busy = true;
      view.work.begin();
      const known = quick === 1 || this.tiles.has(whole);
      this.tiles.want(known ? whole : { ...whole, step: quick });
    } else if (!this.wanted) {
      view.busy = false;
      view.work.end();
    }
    this.changed();
  }

  /** Tell how many device pixels there are for the picture. */
  resize(height: number, width: number): void {
    // no more than is seen, in steps so that a small change asks for nothing
    const grid = (n: number) => Math.max(Math.floor(n / GRID) * GRID, 2 * GRID);
    const max: [number, number] = [grid(height), grid(width)];
    if (this.max?.join() !== max.join()) {
      this.max = max;
      this.fetch();
    }
  }

  /** The view has gone along an axis; its next neighbour is fetched ahead. */
  stepped(axis: number, direction = this.direction): void {
    this.moved = axis;
    this.direction = direction;
  }

  /** Stop reading, and show again what was shown before. */
  cancel(): void {
    const { view, settled } = this;
    this.tiles.dispose();
    view.work.end();
    view.busy = false;
    if (settled) {
      const { map, turn, regions } = view.look;
      view.look = { ...settled, map, turn, regions };
    } else {
      view.frameError = 'The reading was stopped.';
    }
    this.changed();
  }

  /** Another file or dataset is opened: nothing is left to go back to. */
  forget(): void {
    this.settled = null;
    this.view.work.end();
  }

  dispose(): void {
    this.tiles.dispose();
  }

  private request(index: number[], step = 1): ITileRequest | null {
    const { max, view } = this;
    if (!max || !this.wanted) {
      return null;
    }
    const { node, axes, lo, hi, scale, box, marks, bin } = view.look;
    const of = view.writtenAt(index);
    const { path, computed } = view;
    const place = { path, node, axes, index, of, step, max };
    const shown = { lo, hi, scale, box, ...computed };
    return {
      ...place,
      ...shown,
      ...(bin > 1 ? { bin } : {}),
      preview: PREVIEW,
      marks: marks ? 1 : 0
    };
  }

  private landed(tile: ITile, request: ITileRequest): void {
    const { view } = this;
    if (!this.wanted) {
      return; // it came after another viewer had been chosen
    }
    const { eachFrame, lo, hi, axes } = view.look;
    const chosen = eachFrame || lo !== null || hi !== null;
    // a frame without any data says nothing of the contrast
    const empty = typeof tile.minimum === 'string' && tile.minimum === 'nan';
    const held = chosen || empty ? {} : { lo: tile.lo, hi: tile.hi };
    const asked = request.axes.join() === axes.join();
    view.frameError = null;
    view.busy = tile.step > 1 || !this.isWanted(request);
    if (asked) {
      view.look = { ...view.look, ...(tile.step > 1 ? {} : held), tile };
    }
    if (view.busy) {
      view.work.begin();
    } else {
      view.work.end();
      this.settled = view.look;
    }
    this.changed();
    if (tile.step > 1 && asked) {
      const whole = this.request(request.index);
      if (whole) {
        this.tiles.want(whole);
      }
    } else if (!view.busy) {
      this.fetchNeighbour();
    }
  }

  /** Whether an answer is for what is wanted now, in every respect. */
  private isWanted(request: ITileRequest): boolean {
    const wanted = this.request(this.view.index, request.step);
    // one that left the contrast to the server was asked before there was one
    const { lo, hi } = request;
    const left = lo === null && hi === null ? { lo, hi } : {};
    return !!wanted && keyOf({ ...wanted, ...left }) === keyOf(request);
  }

  /** A first look, until the whole picture is here. */
  private previewed(tile: ITile, request: ITileRequest): void {
    const { view } = this;
    const wanted =
      this.wanted &&
      request.axes.join() === view.look.axes.join() &&
      request.index.join() === view.index.join();
    if (wanted) {
      view.look = { ...view.look, tile };
      this.changed();
    }
  }

  private failed(error: unknown): void {
    if (error instanceof Error && error.name === 'AbortError') {
      return;
    }
    const { view } = this;
    view.play.stop();
    view.busy = false;
    view.work.end();
    view.frameError = reasonOf(error);
    this.changed();
  }

  private fetchNeighbour(): void {
    const { sliders, look, signal, project, drawn } = this.view;
    const axis = sliders.includes(this.moved ?? -1)
      ? this.moved!
      : sliders.pop();
    const costly = !signal || project || firstStep(signal, look.axes) > 1;
    if (axis === undefined || costly) {
      return;
    }
    const next = look.position[axis] + this.direction;
    if (next < 0 || next >= signal.shape[axis]) {
      return;
    }
    const position = look.position.map((at, a) => (a === axis ? next : at));
    const request = this.request(indexOf(position, drawn));
    if (request) {
      this.tiles.prefetch(request);
    }
  }
}
