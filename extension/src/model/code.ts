import { Box } from '../types';
import { wholeCells } from './bins';
import { IProjection } from './projection';
import { ITurn, UPRIGHT } from './zoom';

/** A position, a part from its first position to its end, or null for a whole axis. */
export type Part = number | [number, number] | null;

/** How a picture differs from the frame as it is stored. */
export interface IShown {
  /** The axes of rows and of columns. */
  axes: [number, number];
  box: Box | null;
  /** Rows and columns of the whole picture; they tell how many cells there are. */
  frame?: [number, number];
  bin?: number;
  /** What is read is an array also where it is the whole dataset. */
  array?: boolean;
  turn: ITurn;
  /** Several frames as one. */
  project?: IProjection | null;
  /** What it is compared with; `other` as code names it. */
  against?: { kind: 'flat' | 'minus' | 'over'; other: string } | null;
}

const asStored: IShown = { axes: [0, 1], box: null, turn: UPRIGHT };

/** Without a library, so that the line works in every notebook. */
const turns = ['', '.T[:, ::-1]', '[::-1, ::-1]', '.T[::-1]'];

/** The line of code that reads what the page shows. */
export function lineOfCode(
  scan: string,
  node: string,
  index: (number | null)[],
  shown: IShown = asStored
): string {
  const { axes, turn, project, against } = shown;
  const box = boxOf(shown);
  const parts = cropped(index, axes, box);
  const lying = axes[0] > axes[1] ? '.T' : '';
  const mirror = turn.mirrored ? '[:, ::-1]' : '';
  const means = meansOf(shown, box);
  const after = `${means}${lying}${mirror}${turns[turn.quarters]}`;
  const read = (from: string) =>
    project
      ? projected(lineOfPart(from, node, []), parts, project)
      : lineOfPart(from, node, parts);
  // a dataset itself is read before something is done with it
  const whole = !project && parts.every(part => part === null) ? '[:]' : '';
  if (!against) {
    return `${read(scan)}${after || shown.array ? whole : ''}${after}`;
  }
  const first = `${read(scan)}${whole}`;
  if (against.kind === 'flat') {
    return throughFlat(first, scan, parts, after);
  }
  const second = `${read(against.other)}${whole}`;
  // counts are unsigned: a difference is one of floats
  const line =
    against.kind === 'minus'
      ? `${first}.astype(float) - ${second}`
      : `${first} / ${second}`;
  return after ? `(${line})${after}` : line;
}

/** Two lines: the flat field of the scan, and the picture through it. */
function throughFlat(
  picture: string,
  scan: string,
  parts: Part[],
  after: string
): string {
  const sides = parts.slice(-2);
  const whole = sides.every(part => part === null);
  const place = whole ? '' : `[${sides.map(partText).join(', ')}]`;
  const dark = `beam.dark_field${place}`;
  const flat = `beam.flat_before${place}`;
  const line = `(${picture} - ${dark}) / (${flat} - ${dark})`;
  return [
    `beam = daisy.apps.tomography.load(daisy.open(${JSON.stringify(scan)})).references()`,
    after ? `(${line})${after}` : line
  ].join('\n');
}

/** A projection of the part, added up while it is read. */
function projected(
  dataset: string,
  parts: Part[],
  { how, axis, first, end }: IProjection
): string {
  const all = parts.map((part, i): Part => (i === axis ? [first, end] : part));
  while (all[all.length - 1] === null) {
    all.pop();
  }
  // axes of a single position are gone when the axis is counted
  const gone = all.slice(0, axis).filter(part => typeof part === 'number');
  const place = all.map(sliceText).join(', ');
  const operation = how === 'std' ? 'var' : how;
  const root = how === 'std' ? ' ** 0.5' : '';
  const given = `"${operation}", axis=${axis - gone.length}, selection=(${place},)`;
  const line = `${dataset}.reduce(${given})["${operation}"]${root}`;
  return root ? `(${line})` : line;
}

function sliceText(part: Part): string {
  if (part === null) {
    return 'slice(None)';
  }
  return Array.isArray(part) ? `slice(${part.join(', ')})` : `${part}`;
}

/** What is in sight; of a binned picture, its whole cells. */
function boxOf({ box, frame, bin = 1 }: IShown): Box | null {
  if (bin === 1 || !frame) {
    return box;
  }
  const cells = wholeCells(box, frame, bin);
  const all = !box && cells?.[1] === frame[0] && cells[3] === frame[1];
  return all ? null : (cells ?? box);
}

/** The means of cells, as NumPy has them. */
function meansOf({ axes, frame, bin = 1 }: IShown, box: Box | null): string {
  if (bin === 1 || !frame) {
    return '';
  }
  const [top, end, left, right] = box ?? [0, frame[0], 0, frame[1]];
  const counts = [(end - top) / bin, (right - left) / bin];
  if (!counts.every(n => Number.isInteger(n))) {
    return ''; // smaller than one cell
  }
  const [first, second] = axes[0] > axes[1] ? counts.reverse() : counts;
  return `.reshape(${first}, ${bin}, ${second}, ${bin}).mean(axis=(1, 3))`;
}

/** Only what is in sight, where the picture is zoomed. */
function cropped(
  index: (number | null)[],
  axes: [number, number],
  box: Box | null
): Part[] {
  const parts: Part[] = [...index];
  if (box) {
    parts[axes[0]] = [box[0], box[1]];
    parts[axes[1]] = [box[2], box[3]];
  }
  return parts;
}

function lineOfPart(scan: string, node: string, index: Part[]): string {
  const field = node ? `[${JSON.stringify(node)}]` : '';
  const parts = [...index];
  while (parts.length && parts[parts.length - 1] === null) {
    parts.pop();
  }
  const place = parts.map(partText).join(', ');
  const position = parts.length ? `[${place}]` : '';
  return `daisy.open(${JSON.stringify(scan)})${field}${position}`;
}

function partText(part: Part): string {
  return Array.isArray(part) ? part.join(':') : `${part ?? ':'}`;
}

/** Whether a template is made for a technique. */
export function fits(template: string, technique: string): boolean {
  const [a, b] = [template.toLowerCase(), technique.toLowerCase()];
  return !!a && !!b && (a.startsWith(b) || b.startsWith(a));
}
