import { Box } from '../types';
import { IProjection } from './projection';
import { ITurn, UPRIGHT } from './zoom';

/** A position, a part from its first position to its end, or null for a whole axis. */
export type Part = number | [number, number] | null;

/** How a picture differs from the frame as it is stored. */
export interface IShown {
  /** The axes of rows and of columns. */
  axes: [number, number];
  box: Box | null;
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
  const parts = cropped(index, shown);
  const lying = axes[0] > axes[1] ? '.T' : '';
  const mirror = turn.mirrored ? '[:, ::-1]' : '';
  const after = `${lying}${mirror}${turns[turn.quarters]}`;
  const read = (from: string) =>
    project
      ? projected(lineOfPart(from, node, []), parts, project)
      : lineOfPart(from, node, parts);
  // a dataset itself is read before something is done with it
  const whole = !project && parts.every(part => part === null) ? '[:]' : '';
  if (!against) {
    return `${read(scan)}${after && whole}${after}`;
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

/** Only what is in sight, where the picture is zoomed. */
function cropped(index: (number | null)[], { axes, box }: IShown): Part[] {
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
