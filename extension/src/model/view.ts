/** What a view shows: the scan, the dataset, the position and the contrast. */

import { ISignal, Signal } from '@lumino/signaling';
import { Api } from '../api';
import { codeOf, IAgainst, IAgainstQuery, queryOf } from './against';
import {
  Box,
  How,
  IPlot,
  ITile,
  ITileRequest,
  Scale,
  ServerError
} from '../types';
import {
  clamped,
  firstPosition,
  indexOf,
  isSquare,
  othersOf,
  withAxis
} from './axes';
import { MapName } from './colormap';
import { IContrast } from './contrast';
import { lineOfCode } from './code';
import { firstStep } from './cost';
import { ISharedLook, Linked } from './linked';
import { Live } from './live';
import { Play } from './play';
import { IPlotted } from './plotted';
import { IProjection, within } from './projection';
import { keyOf, Tiles } from './tiles';
import { Regions } from './regions';
import { IViewerRule, ruleFor, ViewerName } from './rules';
import { IRegion } from './shapes';
import { Work } from './work';
import { IPoint, ITurn, UPRIGHT } from './zoom';

/** What goes along to the next scan. */
export interface ILook {
  node: string;
  /** One that was chosen by hand; null is the default of the dataset. */
  viewer: ViewerName | null;
  /** The axes of rows and of columns. */
  axes: [number, number];
  /** The axis along which a curve runs; null is the best one. */
  along: number | null;
  /** Where each axis stands, also those that are drawn. */
  position: number[];
  /** Whether pixels are as wide as high; null where the axes decide. */
  square: boolean | null;
  lo: number | null;
  hi: number | null;
  eachFrame: boolean;
  scale: Scale;
  map: MapName;
  /** Whether masked and saturated pixels have colours of their own. */
  marks: boolean;
  /** How the picture is turned on the screen. */
  turn: ITurn;
  box: Box | null;
  /** So many pixels each way are shown as their mean. */
  bin: number;
  /** Several frames as one; null is one frame. */
  project: IProjection | null;
  /** What the frame is compared with; null for the counts as they are. */
  against: IAgainst | null;
  /** Drawn on the picture, on whichever axes. */
  regions: IRegion[];
  /** The old picture, kept until the new one is there. */
  tile: ITile | null;
}

const NO_AXES: [number, number] = [0, 0];

export const freshLook: ILook = {
  node: '',
  viewer: null,
  axes: NO_AXES,
  along: null,
  position: [],
  square: null,
  lo: null,
  hi: null,
  eachFrame: false,
  scale: 'linear',
  map: 'grey',
  marks: true,
  turn: UPRIGHT,
  box: null,
  bin: 1,
  project: null,
  against: null,
  regions: [],
  tile: null
};

/** Device pixels. */
const GRID = 64;
const PREVIEW = 256;

export class ViewModel {
  plot: IPlot | null = null;
  error: string | null = null;
  frameError: string | null = null;
  busy = true;
  look: ILook;
  readonly play: Play;
  readonly live: Live;
  readonly regions: Regions;
  /** The picture that is waited for. */
  readonly work = new Work(() => this._changed.emit());
  /** As it looked when the last picture was there. */
  private settled: ILook | null = null;
  /** The view that goes along with this one. */
  linked: Linked | null = null;
  /** Where the pointer is in the picture of that one. */
  remote: IPoint | null = null;
  /** The curves that are drawn now, if any. */
  plotted: IPlotted | null = null;
  private direction = 1;
  private moved: number | null = null;
  private max: [number, number] | null = null;
  private readonly tiles: Tiles;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _pointed = new Signal<this, IPoint | null>(this);
  private opening = new AbortController();
  private keepNode: boolean;

  constructor(
    private readonly api: Api,
    readonly path: string,
    look: Partial<ILook> = {}
  ) {
    this.look = { ...freshLook, ...look };
    this.keepNode = !!look.node;
    this.tiles = new Tiles(
      (request, signal, previewed) =>
        // only what is read of many frames tells how far it has come
        api.tile(request, signal, previewed, request.how && this.work.ask()),
      (tile, request) => this.landed(tile, request),
      error => this.failed(error),
      (tile, request) => this.previewed(tile, request)
    );
    this.regions = new Regions({
      regions: () => this.look.regions,
      axes: () => this.look.axes,
      frame: () => this.frame,
      set: regions => {
        this.look = { ...this.look, regions };
        this._changed.emit();
      }
    });
    this.play = new Play({
      advance: axis => this.move(axis, (this.look.position[axis] ?? 0) + 1),
      rewind: axis => void this.move(axis, 0)
    });
    this.live = new Live(
      {
        open: () => void this.open(),
        shown: () => this.signal,
        grow: (shape, position) => this.grow(shape, position),
        reread: () => void this.reread(),
        changed: () => this._changed.emit()
      },
      !look.position?.length
    );
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The pointer is at a pixel of the picture, or at none. */
  get pointed(): ISignal<this, IPoint | null> {
    return this._pointed;
  }

  get signal(): IPlot['signal'] {
    return this.plot?.signal ?? null;
  }

  get tile(): ITile | null {
    return this.look.tile;
  }

  get viewer(): IViewerRule | null {
    return this.signal && ruleFor(this.signal, this.look.viewer);
  }

  /** The axes that the viewer draws. */
  get drawn(): number[] {
    const { signal, viewer, look } = this;
    return signal && viewer ? viewer.drawn(signal, look.axes, look.along) : [];
  }

  /** The axes that have a slider. */
  get sliders(): number[] {
    return othersOf(this.signal?.shape.length ?? 0, this.taken);
  }

  /** The frames that are shown as one, where that fits what is drawn. */
  get project(): IProjection | null {
    const { project } = this.look;
    const fits =
      this.viewer?.name === 'Frames' &&
      project &&
      !this.drawn.includes(project.axis);
    return fits ? within(project, this.signal!.shape) : null;
  }

  /** What the frames are compared with, where that fits what is drawn. */
  get against(): IAgainst | null {
    const { against } = this.look;
    const fits =
      this.viewer?.name === 'Frames' &&
      (against?.kind === 'flat'
        ? this.signal?.flat
        : against?.other !== this.path);
    return fits ? against : null;
  }

  /** What the server is asked for where no frame is shown as it is. */
  get computed(): { sum?: number[]; how?: How } & IAgainstQuery {
    const against = queryOf(this.against);
    if (!this.project) {
      return against;
    }
    const { axis, first, end, how } = this.project;
    return { sum: [axis, first, end], how, ...against };
  }

  /** The axes that are drawn or become one picture. */
  private get taken(): number[] {
    const { drawn, project } = this;
    return project ? [...drawn, project.axis] : drawn;
  }

  /** The position on the axes that are not drawn. */
  get index(): number[] {
    return indexOf(this.look.position, this.taken);
  }

  /** The ends of the contrast: those chosen, else those of the picture. */
  get contrast(): IContrast {
    const { lo, hi, tile } = this.look;
    return { lo: lo ?? tile?.lo ?? 0, hi: hi ?? tile?.hi ?? 1 };
  }

  /** Rows and columns of the whole picture. */
  get frame(): [number, number] {
    const shape = this.signal?.shape ?? [];
    const [rows, columns] = this.look.axes;
    return [shape[rows] ?? 1, shape[columns] ?? 1];
  }

  get square(): boolean {
    const { signal, look } = this;
    return look.square ?? (!signal || isSquare(signal, look.axes));
  }

  /** The part that is shown: a position for each axis, null for a whole one. */
  get selection(): (number | null)[] {
    return this.look.position.map((at, axis) =>
      this.drawn.includes(axis) ? null : at
    );
  }

  get code(): string {
    const scan = this.plot?.code ?? this.path;
    const node = this.signal?.path ?? '';
    if (this.viewer?.name !== 'Frames') {
      return lineOfCode(scan, node, this.selection);
    }
    const { look, project, against } = this;
    const other =
      against && against.kind !== 'flat'
        ? codeOf(against.other, this.path, scan)
        : '';
    const compared = against && { kind: against.kind, other };
    const shown = { ...look, frame: this.frame, project, against: compared };
    return lineOfCode(scan, node, this.selection, shown);
  }

  /** Read what the file holds, then the first picture. */
  async open(node = this.look.node): Promise<void> {
    this.opening.abort();
    this.play.stop();
    this.opening = new AbortController();
    const { signal } = this.opening;
    this.live.opening();
    this.busy = true;
    this.settled = null;
    this.work.end();
    this.error = null;
    this._changed.emit();
    try {
      const plot = await this.api.plot(this.path, node, signal);
      const same = this.keepNode && plot.signal?.path === this.look.node;
      this.plot = plot;
      this.adopt(same);
      this.live.opened();
    } catch (error) {
      if (!signal.aborted) {
        this.busy = false;
        this.error = reasonOf(error);
        this.live.opened();
        this._changed.emit();
      }
    }
  }

  /** Show what a link says. */
  show(look: Partial<ILook>): Promise<void> {
    this.look = { ...freshLook, tile: this.look.tile, ...look };
    this.keepNode = !!look.node;
    return this.open(look.node ?? '');
  }

  /** Show another dataset of the same file. */
  choose(node: string): Promise<void> {
    this.keepNode = false;
    const viewer = null;
    const anew = { lo: null, hi: null, box: null, against: null };
    this.look = { ...this.look, node, viewer, ...anew };
    return this.open(node);
  }

  /** Show the same dataset in another way. */
  setViewer(viewer: ViewerName): void {
    this.play.stop();
    this.look = { ...this.look, viewer };
    this.fetch();
  }

  /** Choose the axis of rows (0) or of columns (1). */
  setAxis(place: 0 | 1, axis: number): void {
    this.play.stop();
    const axes = withAxis(this.look.axes, place, axis);
    const anew = { lo: null, hi: null, box: null, square: null, tile: null };
    this.look = { ...this.look, ...anew, axes };
    this.fetch();
  }

  setAlong(along: number): void {
    this.play.stop();
    this.look = { ...this.look, along };
    this._changed.emit();
  }

  setSquare(square: boolean): void {
    this.look = { ...this.look, square };
    this._changed.emit();
  }

  togglePlay(axis: number): void {
    if (this.play.axis === axis) {
      this.play.stop();
    } else {
      this.play.start(axis);
    }
    this._changed.emit();
  }

  /** Follow the frame that was written last, or stay at this one. */
  follow(following: boolean): void {
    this.play.stop();
    if (following) {
      this.live.resume();
    } else {
      this.live.pause();
    }
    this._changed.emit();
  }

  setPlay(speed: number, loops: boolean): void {
    this.play.speed = speed;
    this.play.loops = loops;
    this._changed.emit();
  }

  /** A viewer tells that the position asked for is on the screen. */
  onScreen(): void {
    if (!this.busy) {
      this.play.drawn();
      this.live.onScreen();
    }
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

  /** Go to a position; false where there is none further. */
  move(axis: number, position: number): boolean {
    const length = this.signal?.shape[axis] ?? 0;
    const to = clamped(position, length);
    const from = this.look.position[axis] ?? 0;
    if (Number.isNaN(to) || to === from || length === 0) {
      return false;
    }
    this.direction = to > from ? 1 : -1;
    this.moved = axis;
    if (axis === 0) {
      this.live.pause();
    }
    this.place({ [axis]: to });
    return true;
  }

  /** Go to a place on several axes at once. */
  place(at: Record<number, number>): void {
    const position = this.look.position.map((old, axis) =>
      axis in at ? clamped(at[axis], this.signal!.shape[axis]) : old
    );
    this.look = { ...this.look, position };
    this.fetch();
  }

  step(by: number): void {
    const axis = this.sliders.pop();
    if (axis !== undefined) {
      this.play.stop();
      this.move(axis, this.look.position[axis] + by);
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

  setMarks(marks: boolean): void {
    this.look = { ...this.look, marks };
    this.fetch();
  }

  setTurn(turn: ITurn): void {
    this.look = { ...this.look, turn };
    this._changed.emit();
  }

  setMap(map: MapName): void {
    this.look = { ...this.look, map };
    this._changed.emit();
  }

  setProject(project: IProjection | null): void {
    this.play.stop();
    // a sum has another contrast than a mean
    this.look = { ...this.look, project, lo: null, hi: null };
    this.fetch();
  }

  setAgainst(against: IAgainst | null): void {
    this.play.stop();
    // a ratio has another contrast than counts
    this.look = { ...this.look, against, lo: null, hi: null };
    this.fetch();
  }

  setBin(bin: number): void {
    this.look = { ...this.look, bin };
    this.fetch();
  }

  point(at: IPoint | null): void {
    this._pointed.emit(at);
  }

  setLinked(linked: Linked | null): void {
    this.linked = linked;
    this.remote = null;
    this._changed.emit();
  }

  showPoint(at: IPoint | null): void {
    if (at?.row !== this.remote?.row || at?.column !== this.remote?.column) {
      this.remote = at;
      this._changed.emit();
    }
  }

  /** Look as another view does, as far as the data allow. */
  lookLike(look: ISharedLook): void {
    const shape = this.signal?.shape ?? [];
    const { axes, position, box, ...rest } = look;
    if (position.length !== shape.length || !fits(axes, shape.length)) {
      this.look = { ...this.look, ...rest };
    } else {
      const [rows, columns] = axes.map(axis => shape[axis]);
      const inside = !box || (box[1] <= rows && box[3] <= columns);
      this.look = {
        ...this.look,
        ...rest,
        axes,
        position: position.map((at, axis) => clamped(at, shape[axis])),
        ...(inside ? { box } : {})
      };
    }
    this.fetch();
  }

  setBox(box: Box | null): void {
    this.look = { ...this.look, box };
    this.fetch();
  }

  /** Stop reading, and show again what was shown before. */
  cancel(): void {
    this.play.stop();
    this.tiles.dispose();
    this.work.end();
    this.busy = false;
    const { look, settled } = this;
    if (settled) {
      const { map, turn, regions } = look;
      this.look = { ...settled, map, turn, regions };
    } else {
      this.frameError = 'The reading was stopped.';
    }
    this._changed.emit();
  }

  dispose(): void {
    this.linked?.end();
    this.opening.abort();
    this.play.stop();
    this.tiles.dispose();
    Signal.clearData(this);
  }

  /** The part of a request that says how much had been written. */
  get of(): number | undefined {
    return this.ofIndex(this.index);
  }

  private ofIndex(index: number[]): number | undefined {
    return this.live.mark(this.taken.includes(0) ? null : (index[0] ?? null));
  }

  private grow(shape: number[], position: number | null): boolean {
    if (!this.plot || !this.signal) {
      return false;
    }
    const from = this.look.position[0];
    this.plot = { ...this.plot, signal: { ...this.signal, shape } };
    if (position !== null) {
      this.moved = 0;
      this.place({ 0: position });
    } else {
      this.fetch();
    }
    return this.drawn.includes(0) || this.look.position[0] !== from;
  }

  /** Read again what comes with the data, and keep what is shown. */
  private async reread(): Promise<void> {
    const { signal } = this.opening;
    try {
      const plot = await this.api.plot(this.path, this.look.node, signal);
      if (!signal.aborted && plot.signal?.path === this.signal?.path) {
        this.plot = plot;
        this._changed.emit();
      }
    } catch {
      // the file has gone meanwhile, which is told by itself
    }
  }

  private adopt(same: boolean): void {
    const { signal } = this;
    this.live.begin(!!this.plot?.growing);
    if (!signal) {
      this.busy = false;
      this._changed.emit();
      return;
    }
    const first = firstPosition(signal);
    const position = first.map((start, axis) =>
      clamped(this.look.position[axis] ?? start, signal.shape[axis])
    );
    const [rows, columns] = signal.picture;
    const begun: Partial<ILook> = {
      viewer: null,
      along: null,
      axes: [rows ?? 0, columns ?? 0],
      square: null,
      lo: null,
      hi: null,
      box: null,
      bin: 1
    };
    const known = same && fits(this.look.axes, signal.shape.length);
    const kept = known ? {} : { ...begun, ...(same ? this.carried : {}) };
    this.look = { ...this.look, ...kept, node: signal.path, position };
    this.look.box = boxWithin(this.look.box, signal.shape, this.look.axes);
    if (this.viewer?.name === 'Frames') {
      this.fetch();
    } else {
      this.look.tile = null;
      this.busy = false;
      this._changed.emit();
    }
  }

  private get carried(): Partial<ILook> {
    const { lo, hi, box, bin, viewer } = this.look;
    return { lo, hi, box, bin, viewer };
  }

  private request(index: number[], step = 1): ITileRequest | null {
    if (!this.max || this.viewer?.name !== 'Frames') {
      return null;
    }
    const { node, axes, lo, hi, scale, box } = this.look;
    const { max, path } = this;
    const of = this.ofIndex(index);
    const shown = {
      path,
      node,
      axes,
      index,
      of,
      step,
      max,
      lo,
      hi,
      scale,
      box
    };
    const marks = this.look.marks ? 1 : 0;
    const binned = this.look.bin > 1 ? { bin: this.look.bin } : {};
    return { ...shown, ...this.computed, ...binned, preview: PREVIEW, marks };
  }

  private fetch(): void {
    const { signal, look } = this;
    const single = !look.box && !this.project;
    const quick = signal && single ? firstStep(signal, look.axes) : 1;
    const whole = this.request(this.index);
    if (whole) {
      this.busy = true;
      this.work.begin();
      const known = quick === 1 || this.tiles.has(whole);
      this.tiles.want(known ? whole : { ...whole, step: quick });
    } else if (this.viewer?.name !== 'Frames') {
      this.busy = false;
      this.work.end();
    }
    this._changed.emit();
  }

  private landed(tile: ITile, request: ITileRequest): void {
    if (this.viewer?.name !== 'Frames') {
      return; // it came after another viewer had been chosen
    }
    const chosen =
      this.look.eachFrame || this.look.lo !== null || this.look.hi !== null;
    // a frame without any data says nothing of the contrast
    const empty = typeof tile.minimum === 'string' && tile.minimum === 'nan';
    const held = chosen || empty ? {} : { lo: tile.lo, hi: tile.hi };
    const asked = request.axes.join() === this.look.axes.join();
    this.frameError = null;
    this.busy = tile.step > 1 || !this.isWanted(request);
    if (asked) {
      this.look = { ...this.look, ...(tile.step > 1 ? {} : held), tile };
    }
    if (this.busy) {
      this.work.begin();
    } else {
      this.work.end();
      this.settled = this.look;
    }
    this._changed.emit();
    if (tile.step > 1 && asked) {
      const whole = this.request(request.index);
      if (whole) {
        this.tiles.want(whole);
      }
    } else if (!this.busy) {
      this.fetchNeighbour();
    }
  }

  /** Whether an answer is for what is wanted now, in every respect. */
  private isWanted(request: ITileRequest): boolean {
    const wanted = this.request(this.index, request.step);
    // one that left the contrast to the server was asked before there was one
    const { lo, hi } = request;
    const left = lo === null && hi === null ? { lo, hi } : {};
    return !!wanted && keyOf({ ...wanted, ...left }) === keyOf(request);
  }

  /** A first look, until the whole picture is here. */
  private previewed(tile: ITile, request: ITileRequest): void {
    const wanted =
      this.viewer?.name === 'Frames' &&
      request.axes.join() === this.look.axes.join() &&
      request.index.join() === this.index.join();
    if (wanted) {
      this.look = { ...this.look, tile };
      this._changed.emit();
    }
  }

  private failed(error: unknown): void {
    if (error instanceof Error && error.name === 'AbortError') {
      return;
    }
    this.play.stop();
    this.busy = false;
    this.work.end();
    this.frameError = reasonOf(error);
    this._changed.emit();
  }

  private fetchNeighbour(): void {
    const { sliders, look, signal } = this;
    const axis = sliders.includes(this.moved ?? -1)
      ? this.moved!
      : sliders.pop();
    const costly = !signal || this.project || firstStep(signal, look.axes) > 1;
    if (axis === undefined || costly) {
      return;
    }
    const next = look.position[axis] + this.direction;
    if (next < 0 || next >= signal.shape[axis]) {
      return;
    }
    const position = look.position.map((at, a) => (a === axis ? next : at));
    const request = this.request(indexOf(position, this.drawn));
    if (request) {
      this.tiles.prefetch(request);
    }
  }
}

/** A part that another scan does not have is not shown. */
function boxWithin(
  box: Box | null,
  shape: number[],
  [rows, columns]: [number, number]
): Box | null {
  return box && box[1] <= shape[rows] && box[3] <= shape[columns] ? box : null;
}

function fits([rows, columns]: [number, number], ndim: number): boolean {
  return ndim < 2 || (rows !== columns && Math.max(rows, columns) < ndim);
}

export function reasonOf(error: unknown): string {
  if (error instanceof ServerError && error.status === 404) {
    return error.message || 'this does not exist any more';
  }
  return error instanceof Error ? error.message : `${error}`;
}
