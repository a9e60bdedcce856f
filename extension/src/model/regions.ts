/** The regions of a view: which there are, which one is chosen, undo. */

import { Box, IRegionData } from '../types';
import { History } from './history';
import { brushed, IBrush, MOST_RUNS, pointsOf, runsOf } from './paint';
import {
  IRegion,
  isWhole,
  moved,
  pointsInMiddle,
  resized,
  ShapeKind,
  shapeKinds,
  tidy
} from './shapes';
import { IPoint } from './zoom';

export interface IRegionsOwner {
  regions: () => IRegion[];
  axes: () => [number, number];
  /** Rows and columns of the picture. */
  frame: () => [number, number];
  /** Take over a new list, and draw. */
  set: (regions: IRegion[]) => void;
}

export class Regions {
  /** The shape that is drawn next; null where none is. */
  tool: ShapeKind | null = null;
  /** Its points so far. */
  draft: IPoint[] = [];
  selected: number | null = null;
  brush: IBrush = { size: 1, erase: false };
  /** The last stroke was not painted: there would be too many runs. */
  full = false;
  /** One that was made by a key: it is to have the focus. */
  fresh: number | null = null;
  readonly history = new History<IRegion[]>();

  constructor(private readonly owner: IRegionsOwner) {}

  get all(): IRegion[] {
    return this.owner.regions();
  }

  /** Those on the axes that are drawn. */
  get shown(): IRegion[] {
    const axes = this.owner.axes().join();
    return this.all.filter(region => region.axes.join() === axes);
  }

  get current(): IRegion | null {
    return this.shown.find(region => region.id === this.selected) ?? null;
  }

  /** Of which the profile is drawn: the line that is chosen, else the last one. */
  get line(): IRegion | null {
    const lines = this.shown.filter(region => region.kind === 'line');
    const chosen = lines.find(region => region.id === this.selected);
    return chosen ?? lines.pop() ?? null;
  }

  /** Painted on further: those pixels that are chosen, else the last ones. */
  get painted(): IRegion | null {
    const painted = this.shown.filter(region => region.kind === 'pixels');
    const chosen = painted.find(region => region.id === this.selected);
    return chosen ?? painted.pop() ?? null;
  }

  private get next(): number {
    return Math.max(0, ...this.all.map(region => region.id)) + 1;
  }

  /** Take up a tool, or lay it down. */
  take(tool: ShapeKind | null): void {
    this.tool = this.tool === tool ? null : tool;
    this.draft = [];
    this.owner.set(this.all);
  }

  select(id: number | null): void {
    this.selected = id;
    this.owner.set(this.all);
  }

  /** Draw on: a point was set, or the last one is moved. */
  sketch(points: IPoint[]): void {
    this.draft = points;
    this.owner.set(this.all);
  }

  /** The draft becomes a region, if it is one. */
  finish(): IRegion | null {
    const { tool, draft } = this;
    this.tool = null;
    this.draft = [];
    if (!tool || !isWhole(tool, draft)) {
      this.owner.set(this.all);
      return null;
    }
    return this.add(tool, draft);
  }

  addInMiddle(kind: ShapeKind, box: Box): IRegion {
    this.tool = null;
    this.fresh = this.next;
    return this.add(kind, pointsInMiddle(kind, box));
  }

  /** The pixel of the picture that is nearest to one. */
  inFrame({ row, column }: IPoint): IPoint {
    const [rows, columns] = this.owner.frame();
    const clamp = (n: number, size: number) =>
      Math.min(Math.max(n, 0), size - 1);
    return { row: clamp(row, rows), column: clamp(column, columns) };
  }

  setBrush(brush: Partial<IBrush>): void {
    this.brush = { ...this.brush, ...brush };
    this.owner.set(this.all);
  }

  /** Paint, or rub out; strokes with the same label are taken back as one. */
  paint(from: IPoint, to: IPoint, label: string, brush = this.brush): void {
    const { painted } = this;
    const before = painted ? runsOf(painted.points) : [];
    const runs = brushed(before, from, to, brush, this.owner.frame());
    this.full = runs.length > MOST_RUNS;
    if (this.full) {
      this.owner.set(this.all);
    } else if (painted && runs.length) {
      this.selected = painted.id;
      this.change({ ...painted, points: pointsOf(runs) }, label);
    } else if (painted) {
      this.remove(painted.id, label);
    } else if (runs.length) {
      this.add('pixels', pointsOf(runs), label);
    }
  }

  add(kind: ShapeKind, points: IPoint[], label: string | null = null): IRegion {
    const id = this.next;
    const region: IRegion = {
      id,
      name: `${kind} ${id}`,
      kind,
      points: points.map(p => ({ row: tidy(p.row), column: tidy(p.column) })),
      width: 1,
      axes: this.owner.axes()
    };
    this.history.keep(this.all, label);
    this.selected = id;
    this.owner.set([...this.all, region]);
    return region;
  }

  /** Change a region; steps with the same label are taken back as one. */
  change(region: IRegion, label: string | null = null): void {
    this.history.keep(this.all, label);
    this.owner.set(this.all.map(r => (r.id === region.id ? region : r)));
  }

  move(region: IRegion, rows: number, columns: number): void {
    this.change(moved(region, rows, columns), `move ${region.id}`);
  }

  resize(region: IRegion, rows: number, columns: number): void {
    this.change(resized(region, rows, columns), `resize ${region.id}`);
  }

  remove(id: number, label: string | null = null): void {
    this.history.keep(this.all, label);
    const left = this.all.filter(region => region.id !== id);
    this.selected = null;
    this.owner.set(left);
  }

  /** Add those of a file; they get numbers of their own. */
  load(regions: IRegion[]): void {
    const first = this.next;
    this.history.keep(this.all);
    const added = regions.map((region, i) => ({ ...region, id: first + i }));
    this.owner.set([...this.all, ...added]);
  }

  undo(): void {
    this.owner.set(this.history.undo(this.all));
  }

  redo(): void {
    this.owner.set(this.history.redo(this.all));
  }
}

/** A profile as a table for other programs. */
export function profileCsv(region: IRegion, data: IRegionData): string {
  const { x, y } = data.profile ?? { x: [], y: [] };
  const units = data.units ? ` (${data.units})` : '';
  const ends = region.points.map(p => `row ${p.row} column ${p.column}`);
  const lines = x.map((at, i) => `${at ?? ''},${y[i] ?? ''}`);
  return [
    `# ${region.name.replace(/\s+/g, ' ')}: from ${ends.join(' to ')}, ${region.width} wide`,
    `distance (pixels),value${units}`,
    ...lines,
    ''
  ].join('\n');
}

const FORMAT = 'daisy-regions';
const MOST = 1000;

/** A file of regions, with the scan and dataset that they were drawn on. */
export function regionsFile(
  scan: string,
  dataset: string,
  regions: IRegion[]
): string {
  const kept = regions.map(({ name, kind, points, width, axes }) => ({
    name,
    kind,
    points: points.map(p => [p.row, p.column]),
    ...(kind === 'line' ? { width } : {}),
    axes
  }));
  const about = 'row, column; the centre of the first pixel is at 0.5, 0.5';
  return `${JSON.stringify(
    { format: FORMAT, version: 1, scan, dataset, points: about, regions: kept },
    null,
    1
  )}\n`;
}

/** Read a file of regions; the error says what is wrong in it. */
export function regionsOf(text: string): IRegion[] {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw new Error(`this is not a file of regions: ${error}`);
  }
  const { format, regions } = (read ?? {}) as Record<string, unknown>;
  if (format !== FORMAT || !Array.isArray(regions)) {
    throw new Error(
      `this is not a file of regions: "format" is ${JSON.stringify(format) ?? 'missing'}, not "${FORMAT}"`
    );
  }
  if (regions.length > MOST) {
    throw new Error(`${regions.length} regions are more than ${MOST}`);
  }
  return regions.map((region, i) => regionOf(region, i));
}

function wanted(kind: ShapeKind): string {
  if (kind === 'pixels') {
    return 'pairs of points around pieces of single rows';
  }
  const count = kind === 'polygon' ? 'three or more' : 'two';
  return `${count} points of row and column`;
}

/** A region as it was read; the error names it. */
export function regionOf(read: unknown, i: number): IRegion {
  const found = (read ?? {}) as Record<string, unknown>;
  const kind = shapeKinds.find(name => name === found.kind);
  if (!kind) {
    throw new Error(
      `region ${i + 1} is of kind ${JSON.stringify(found.kind) ?? 'nothing'}: one of ${shapeKinds.join(', ')} is known`
    );
  }
  const given = Array.isArray(found.points) ? found.points : [];
  const points = given.map(pair => {
    const [row, column] = Array.isArray(pair) ? pair : [];
    return { row, column } as IPoint;
  });
  const finite = (n: unknown) => typeof n === 'number' && Number.isFinite(n);
  if (
    !isWhole(kind, points) ||
    !points.every(p => finite(p.row) && finite(p.column))
  ) {
    throw new Error(
      `region ${i + 1}, ${kind === 'pixels' ? 'painted pixels' : `a ${kind}`}, has no ${wanted(kind)}`
    );
  }
  const axes = Array.isArray(found.axes) ? found.axes : [];
  const width = finite(found.width) ? Math.round(found.width as number) : 1;
  return {
    id: i + 1,
    name: typeof found.name === 'string' ? found.name : `${kind} ${i + 1}`,
    kind,
    points,
    width: Math.min(Math.max(width, 1), 1001),
    axes: axes.length === 2 && axes.every(finite) ? [axes[0], axes[1]] : [0, 1]
  };
}
