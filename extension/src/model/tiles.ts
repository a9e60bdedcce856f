/**
 * Which tile to fetch next.
 *
 * No debounce: what is wanted first is asked for at once. While it is on its way
 * only the latest wish is kept; a slow answer is aborted for it, a quick one is
 * shown on the way. When nothing is wanted, the neighbours are fetched.
 */

import { ITile, ITileRequest } from '../types';
import { ByteCache } from './cache';

export type FetchTile = (
  request: ITileRequest,
  signal: AbortSignal,
  previewed: (tile: ITile) => void
) => Promise<ITile>;

/** An answer that takes longer than this is not waited for. */
const PATIENCE = 250;
const CACHE_BYTES = 128 * 2 ** 20;

interface IFlight {
  key: string;
  request: ITileRequest;
  promise: Promise<ITile>;
  preview: ITile | null;
  controller: AbortController;
  started: number;
}

export class Tiles {
  private readonly cache = new ByteCache<ITile>(CACHE_BYTES);
  private flight: IFlight | null = null;
  private ahead: IFlight | null = null;
  private wanted: ITileRequest | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly fetch: FetchTile,
    private readonly shown: (tile: ITile, request: ITileRequest) => void,
    private readonly failed: (error: unknown, request: ITileRequest) => void,
    private readonly previewed: (
      tile: ITile,
      request: ITileRequest
    ) => void = () => undefined
  ) {}

  /** Show this next. */
  want(request: ITileRequest): void {
    const key = keyOf(request);
    const known = this.cache.get(key);
    if (known) {
      this.wanted = null;
      this.drop();
      this.shown(known, request);
      return;
    }
    if (this.flight?.key === key) {
      this.wanted = null;
      return;
    }
    if (!this.flight) {
      this.start(request);
      return;
    }
    this.wanted = request;
    const left = this.flight.started + PATIENCE - Date.now();
    this.timer ??= setTimeout(() => this.next(), Math.max(left, 0));
  }

  /** Whether this can be shown without asking. */
  has(request: ITileRequest): boolean {
    return this.cache.has(keyOf(request));
  }

  /** Fetch this while nothing else is wanted. */
  prefetch(request: ITileRequest): void {
    const key = keyOf(request);
    if (this.flight || this.cache.has(key) || this.ahead?.key === key) {
      return;
    }
    this.ahead?.controller.abort();
    const flight = this.launch(request);
    this.ahead = flight;
    const done = () => {
      if (this.ahead === flight) {
        this.ahead = null;
      }
    };
    flight.promise.then(done, done);
  }

  dispose(): void {
    this.drop();
    this.ahead?.controller.abort();
    this.ahead = null;
    this.wanted = null;
  }

  private start(request: ITileRequest): void {
    let flight = this.ahead;
    this.ahead = null;
    if (flight?.key !== keyOf(request)) {
      flight?.controller.abort();
      flight = this.launch(request);
    }
    this.flight = flight;
    if (flight.preview) {
      this.previewed(flight.preview, request);
    }
    flight.promise.then(
      tile => this.landed(flight, () => this.shown(tile, request)),
      error => this.landed(flight, () => this.failed(error, request))
    );
  }

  private landed(flight: IFlight, tell: () => void): void {
    if (this.flight !== flight) {
      return;
    }
    this.flight = null;
    tell();
    this.next();
  }

  private next(): void {
    const request = this.wanted;
    this.wanted = null;
    if (request) {
      this.drop();
      this.start(request);
    } else if (this.timer) {
      clearTimeout(this.timer);
      this.timer = null;
    }
  }

  private drop(): void {
    if (this.timer) {
      clearTimeout(this.timer);
      this.timer = null;
    }
    this.flight?.controller.abort();
    this.flight = null;
  }

  private launch(request: ITileRequest): IFlight {
    const key = keyOf(request);
    const controller = new AbortController();
    const started = Date.now();
    const flight = { key, request, controller, started, preview: null } as Omit<
      IFlight,
      'promise'
    > as IFlight;
    const previewed = (tile: ITile) => {
      flight.preview = tile;
      if (this.flight === flight) {
        this.previewed(tile, request);
      }
    };
    flight.promise = this.fetch(request, controller.signal, previewed).then(
      tile => {
        this.cache.set(key, tile, tile.codes.length + 4096);
        return tile;
      }
    );
    return flight;
  }
}

export function keyOf(request: ITileRequest): string {
  return JSON.stringify(request);
}
