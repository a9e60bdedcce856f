/** What a view shows: the scan, the dataset, the position and the contrast. */

import { ISignal, Signal } from '@lumino/signaling';
import { Api } from '../api';
import { Box, IPlot, ITile, ITileRequest, Scale, ServerError } from '../types';
import { MapName } from './colormap';
import { lineOfCode } from './code';
import { Tiles } from './tiles';

/** What goes along to the next scan. */
export interface ILook {
  node: string;
  index: number[];
  lo: number | null;
  hi: number | null;
  eachFrame: boolean;
  scale: Scale;
  map: MapName;
  box: Box | null;
  /** The old picture, kept until the new one is there. */
  tile: ITile | null;
}

const fresh: ILook = {
  node: '',
  index: [],
  lo: null,
  hi: null,
  eachFrame: false,
  scale: 'linear',
  map: 'grey',
  box: null,
  tile: null
};

export class ViewModel {
  plot: IPlot | null = null;
  error: string | null = null;
  frameError: string | null = null;
  busy = true;
  look: ILook;
  private direction = 1;
  private max: [number, number] | null = null;
  private readonly tiles: Tiles;
  private readonly _changed = new Signal<this, void>(this);
  private opening = new AbortController();
  private keepNode: boolean;

  constructor(
    private readonly api: Api,
    readonly path: string,
    look: Partial<ILook> = {}
  ) {
    this.look = { ...fresh, ...look };
    this.keepNode = !!look.node;
    this.tiles = new Tiles(
      (request, signal) => api.tile(request, signal),
      (tile, request) => this.landed(tile, request),
      error => this.failed(error)
    );
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get signal(): IPlot['signal'] {
    return this.plot?.signal ?? null;
  }

  get tile(): ITile | null {
    return this.look.tile;
  }

  /** The position on the leading axes, one number each. */
  get index(): number[] {
    return this.look.index;
  }

  get code(): string {
    const scan = this.plot?.code ?? this.path;
    return lineOfCode(scan, this.signal?.path ?? '', this.index);
  }

  /** Read what the file holds, then the first picture. */
  async open(node = this.look.node): Promise<void> {
    this.opening.abort();
    this.opening = new AbortController();
    const { signal } = this.opening;
    this.busy = true;
    this.error = null;
    this._changed.emit();
    try {
      const plot = await this.api.plot(this.path, node, signal);
      const same = this.keepNode && plot.signal?.path === this.look.node;
      this.plot = plot;
      this.adopt(same);
    } catch (error) {
      if (!signal.aborted) {
        this.busy = false;
        this.error = reasonOf(error);
        this._changed.emit();
      }
    }
  }

  /** Show another dataset of the same file. */
  choose(node: string): Promise<void> {
    this.keepNode = false;
    this.look = { ...this.look, node, lo: null, hi: null, box: null };
    return this.open(node);
  }

  /** Tell how many device pixels there are for the picture. */
  resize(height: number, width: number): void {
    const grid = (n: number) => Math.max(Math.ceil((n * 1.5) / 128) * 128, 128);
    const max: [number, number] = [grid(height), grid(width)];
    if (this.max?.join() !== max.join()) {
      this.max = max;
      this.fetch();
    }
  }

  move(axis: number, position: number): void {
    const length = this.signal?.shape[axis] ?? 0;
    const to = Math.min(Math.max(Math.round(position), 0), length - 1);
    const from = this.look.index[axis] ?? 0;
    if (Number.isNaN(to) || to === from || length === 0) {
      return;
    }
    this.direction = to > from ? 1 : -1;
    const index = [...this.look.index];
    index[axis] = to;
    this.look = { ...this.look, index };
    this.fetch();
  }

  step(by: number): void {
    const axis = this.look.index.length - 1;
    if (axis >= 0) {
      this.move(axis, this.look.index[axis] + by);
    }
  }

  setContrast(lo: number | null, hi: number | null): void {
    this.look = { ...this.look, lo, hi, eachFrame: false };
    this.fetch();
  }

  /** Choose the contrast again, from the frame that is shown. */
  resetContrast(): void {
    this.look = { ...this.look, lo: null, hi: null };
    this.fetch();
  }

  setEachFrame(eachFrame: boolean): void {
    const { tile } = this.look;
    const held = eachFrame || !tile ? { lo: null, hi: null } : tile;
    this.look = { ...this.look, eachFrame, lo: held.lo, hi: held.hi };
    this.fetch();
  }

  setScale(scale: Scale): void {
    this.look = { ...this.look, scale };
    this.fetch();
  }

  setMap(map: MapName): void {
    this.look = { ...this.look, map };
    this._changed.emit();
  }

  setBox(box: Box | null): void {
    this.look = { ...this.look, box };
    this.fetch();
  }

  dispose(): void {
    this.opening.abort();
    this.tiles.dispose();
    Signal.clearData(this);
  }

  private adopt(same: boolean): void {
    const signal = this.signal;
    if (!signal) {
      this.busy = false;
      this._changed.emit();
      return;
    }
    const leading =
      signal.plot === 'image'
        ? signal.shape.length - 2
        : signal.shape.length - 1;
    const index = signal.shape
      .slice(0, Math.max(leading, 0))
      .map((length, axis) => {
        const start = axis === 0 ? signal.first : 0;
        const position = this.look.index[axis] ?? start;
        return Math.max(Math.min(position, length - 1), 0);
      });
    const kept = same ? {} : { lo: null, hi: null, box: null };
    this.look = { ...this.look, ...kept, node: signal.path, index };
    if (signal.plot === 'image') {
      this.fetch();
    } else {
      this.look.tile = null;
      this.busy = false;
      this._changed.emit();
    }
  }

  private request(index: number[]): ITileRequest | null {
    if (!this.max || this.signal?.plot !== 'image') {
      return null;
    }
    const { node, lo, hi, scale, box } = this.look;
    return { path: this.path, node, index, max: this.max, lo, hi, scale, box };
  }

  private fetch(): void {
    const request = this.request(this.look.index);
    if (request) {
      this.busy = true;
      this.tiles.want(request);
    }
    this._changed.emit();
  }

  private landed(tile: ITile, request: ITileRequest): void {
    const held =
      this.look.eachFrame || this.look.lo !== null || this.look.hi !== null
        ? {}
        : { lo: tile.lo, hi: tile.hi };
    this.look = { ...this.look, ...held, tile };
    this.frameError = null;
    this.busy = request.index.join() !== this.look.index.join();
    this._changed.emit();
    if (!this.busy) {
      this.fetchNeighbour();
    }
  }

  private failed(error: unknown): void {
    if (error instanceof Error && error.name === 'AbortError') {
      return;
    }
    this.busy = false;
    this.frameError = reasonOf(error);
    this._changed.emit();
  }

  private fetchNeighbour(): void {
    const { index } = this.look;
    const axis = index.length - 1;
    const length = this.signal?.shape[axis] ?? 0;
    const next = (index[axis] ?? 0) + this.direction;
    if (axis < 0 || next < 0 || next >= length) {
      return;
    }
    const request = this.request([...index.slice(0, -1), next]);
    if (request) {
      this.tiles.prefetch(request);
    }
  }
}

export function reasonOf(error: unknown): string {
  if (error instanceof ServerError && error.status === 404) {
    return error.message || 'this does not exist any more';
  }
  return error instanceof Error ? error.message : `${error}`;
}
