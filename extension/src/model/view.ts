/** What a view shows: the scan, the dataset, the position and the contrast. */

import { ISignal, Signal } from '@lumino/signaling';
import { Api } from '../api';
import { Box, How, IPlot, ITile, Scale } from '../types';
import { codeOf, IAgainst, IAgainstQuery, queryOf } from './against';
import { clamped, indexOf, isSquare, othersOf, withAxis } from './axes';
import { IShown, lineOfCode } from './code';
import { MapName } from './colormap';
import { IContrast } from './contrast';
import { Linked } from './linked';
import { Live } from './live';
import { freshLook, ILook, ISharedLook, lookAt, lookLike } from './look';
import { Pictures } from './pictures';
import { Play } from './play';
import { IPlotted } from './plotted';
import { IProjection, within } from './projection';
import { reasonOf } from './reason';
import { codeOfRegion } from './regioncode';
import { Regions } from './regions';
import { IViewerRule, ruleFor, ViewerName } from './rules';
import { IRegion } from './shapes';
import { Work } from './work';
import { IPoint, ITurn, UPRIGHT } from './zoom';

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
  /** The view that goes along with this one. */
  linked: Linked | null = null;
  /** Where the pointer is in the picture of that one. */
  remote: IPoint | null = null;
  /** The curves that are drawn now, if any. */
  plotted: IPlotted | null = null;
  private readonly pictures: Pictures;
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
    this.pictures = new Pictures(api, this, () => this._changed.emit());
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
    return this.viewer?.name === 'Frames'
      ? this.codeWith({})
      : lineOfCode(scan, node, this.selection);
  }

  /** The lines that give the pixels of a region in a notebook. */
  codeOf(region: IRegion): string {
    const plain = { turn: UPRIGHT, bin: 1, array: true };
    const frame = (box: Box | null) => this.codeWith({ ...plain, box });
    return codeOfRegion(region, frame, this.frame);
  }

  private codeWith(part: Partial<IShown>): string {
    const scan = this.plot?.code ?? this.path;
    const node = this.signal?.path ?? '';
    const { look, project, against } = this;
    const other =
      against && against.kind !== 'flat'
        ? codeOf(against.other, this.path, scan)
        : '';
    const compared = against && { kind: against.kind, other };
    const given = { ...look, frame: this.frame, project, against: compared };
    const shown = { ...given, ...part };
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
    this.pictures.forget();
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
    this.pictures.resize(height, width);
  }

  /** Go to a position; false where there is none further. */
  move(axis: number, position: number): boolean {
    const length = this.signal?.shape[axis] ?? 0;
    const to = clamped(position, length);
    const from = this.look.position[axis] ?? 0;
    if (Number.isNaN(to) || to === from || length === 0) {
      return false;
    }
    this.pictures.stepped(axis, to > from ? 1 : -1);
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
  lookLike(other: ISharedLook): void {
    this.look = lookLike(this.look, other, this.signal?.shape ?? []);
    this.fetch();
  }

  setBox(box: Box | null): void {
    this.look = { ...this.look, box };
    this.fetch();
  }

  /** Stop reading, and show again what was shown before. */
  cancel(): void {
    this.play.stop();
    this.pictures.cancel();
  }

  dispose(): void {
    this.linked?.end();
    this.opening.abort();
    this.play.stop();
    this.pictures.dispose();
    Signal.clearData(this);
  }

  /** The part of a request that says how much had been written. */
  get of(): number | undefined {
    return this.writtenAt(this.index);
  }

  /** The same for another position. */
  writtenAt(index: number[]): number | undefined {
    return this.live.mark(this.taken.includes(0) ? null : (index[0] ?? null));
  }

  private grow(shape: number[], position: number | null): boolean {
    if (!this.plot || !this.signal) {
      return false;
    }
    const from = this.look.position[0];
    this.plot = { ...this.plot, signal: { ...this.signal, shape } };
    if (position !== null) {
      this.pictures.stepped(0);
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
    this.look = lookAt(this.look, signal, same);
    if (this.viewer?.name === 'Frames') {
      this.fetch();
    } else {
      this.look.tile = null;
      this.busy = false;
      this._changed.emit();
    }
  }

  private fetch(): void {
    this.pictures.fetch();
  }
}
