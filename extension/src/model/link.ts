/** What a view shows as the fragment of a link, and back. */

import { Box, Scale } from '../types';
import { binOf } from './bins';
import { againstOf, againstText } from './against';
import { MapName, mapNames } from './colormap';
import { projectionOf, projectionText } from './projection';
import { regionOf } from './regions';
import { rules, ViewerName } from './rules';
import { IRegion, ShapeKind } from './shapes';
import type { ILook } from './look';
import { ITurn } from './zoom';

const scales: Scale[] = ['linear', 'log', 'sqrt'];

export interface ILinkState {
  look: ILook;
  viewer: ViewerName | null;
  drawn: number[];
}

/** `path=entry/data&i=12&lo=…`: only what is not as it would be anyway. */
export function fragmentOf({ look, viewer, drawn }: ILinkState): string {
  const query = new URLSearchParams();
  const put = (name: string, value: unknown, unless: unknown = null) => {
    if (value !== unless && value !== null && value !== '') {
      query.append(name, `${value}`);
    }
  };
  put('path', look.node && `/${look.node}`);
  put('i', positionText(look.position, drawn));
  put('viewer', viewer);
  put('axes', look.axes.join());
  put('along', look.along);
  put('lo', look.lo);
  put('hi', look.hi);
  put('each', look.eachFrame ? 1 : 0, 0);
  put('scale', look.scale, 'linear');
  put('map', look.map, 'grey');
  put('marks', look.marks ? 1 : 0, 1);
  put('square', look.square === null ? null : Number(look.square));
  put('turn', turnText(look.turn));
  put('box', look.box?.join() ?? null);
  put('against', look.against && againstText(look.against));
  put('bin', look.bin, 1);
  put('project', look.project && projectionText(look.project));
  for (const region of look.regions) {
    put('region', regionText(region));
  }
  // a reader's eye and most programs take these as they are
  return query
    .toString()
    .replace(/%2C/g, ',')
    .replace(/%2F/g, '/')
    .replace(/%3A/g, ':');
}

/** Positions up to the last axis that has a slider. */
function positionText(position: number[], drawn: number[]): string {
  const last = position.reduce(
    (found, _, axis) => (drawn.includes(axis) ? found : axis),
    -1
  );
  return position.slice(0, last + 1).join();
}

function turnText({ quarters, mirrored }: ITurn): string {
  return quarters || mirrored ? `${quarters}${mirrored ? 'm' : ''}` : '';
}

function regionText({ kind, width, axes, points, name }: IRegion): string {
  const numbers = [width, ...axes, ...points.flatMap(p => [p.row, p.column])];
  return `${kind}:${numbers.join()}:${name}`;
}

/** What a link says; what it says wrong is left out and told. */
export function lookOf(fragment: string): {
  look: Partial<ILook>;
  problems: string[];
} {
  const query = new URLSearchParams(fragment.replace(/^#/, ''));
  const look: Partial<ILook> = {};
  const problems: string[] = [];
  const read = <T>(
    name: string,
    parse: (text: string) => T | null,
    take: (value: T) => void
  ) => {
    const text = query.get(name);
    const value = text === null ? null : parse(text);
    if (value !== null) {
      take(value);
    } else if (text !== null) {
      problems.push(`${name}=${text}`);
    }
  };
  read(
    'path',
    text => text.replace(/^\/+/, ''),
    node => (look.node = node)
  );
  read('i', counts, position => (look.position = position));
  read(
    'viewer',
    text => rules.find(rule => rule.name === text)?.name ?? null,
    viewer => (look.viewer = viewer)
  );
  read('axes', pair, axes => (look.axes = axes));
  read('along', count, along => (look.along = along));
  read('lo', finite, lo => (look.lo = lo));
  read('hi', finite, hi => (look.hi = hi));
  read('each', flag, each => (look.eachFrame = each));
  read('scale', oneOf(scales), scale => (look.scale = scale));
  read('map', oneOf<MapName>(mapNames), map => (look.map = map));
  read('marks', flag, marks => (look.marks = marks));
  read('square', flag, square => (look.square = square));
  read('turn', turnOf, turn => (look.turn = turn));
  read('box', boxOf, box => (look.box = box));
  read('against', againstOf, against => (look.against = against));
  read('bin', binOf, bin => (look.bin = bin));
  read('project', projectionOf, project => (look.project = project));
  look.regions = query.getAll('region').flatMap((text, i) => {
    try {
      return [regionFrom(text, i)];
    } catch {
      problems.push(`region=${text}`);
      return [];
    }
  });
  return { look, problems };
}

const finite = (text: string): number | null =>
  text.trim() && Number.isFinite(Number(text)) ? Number(text) : null;

const count = (text: string): number | null =>
  /^\d{1,15}$/.test(text) ? Number(text) : null;

const flag = (text: string): boolean | null =>
  text === '1' || text === '0' ? text === '1' : null;

function oneOf<T extends string>(all: T[]): (text: string) => T | null {
  return text => all.find(name => name === text) ?? null;
}

function counts(text: string): number[] | null {
  const all = text.split(',').map(count);
  return all.includes(null) ? null : (all as number[]);
}

function pair(text: string): [number, number] | null {
  const all = counts(text);
  return all?.length === 2 && all[0] !== all[1] ? [all[0], all[1]] : null;
}

function boxOf(text: string): Box | null {
  const all = counts(text);
  const whole = all?.length === 4 && all[0] < all[1] && all[2] < all[3];
  return whole ? (all as Box) : null;
}

function turnOf(text: string): ITurn | null {
  const found = /^([0-3])(m?)$/.exec(text);
  return (
    found && {
      quarters: Number(found[1]) as ITurn['quarters'],
      mirrored: !!found[2]
    }
  );
}

function regionFrom(text: string, i: number): IRegion {
  const [kind, numbers, ...name] = text.split(':');
  const [width, rows, columns, ...rest] = numbers.split(',').map(Number);
  const points = rest.flatMap((value, k) =>
    k % 2 ? [[rest[k - 1], value]] : []
  );
  const given = { kind: kind as ShapeKind, width, axes: [rows, columns] };
  return regionOf({ ...given, points, name: name.join(':') }, i);
}

export interface IPlace {
  origin: string;
  /** Of this server, `/user/NAME/` behind a hub. */
  base: string;
  /** `/hub/` behind a hub, else empty. */
  hub: string;
}

/** A link for anyone who may read the file; behind a hub to the reader's own server. */
export function linkTo(
  { origin, base, hub }: IPlace,
  path: string,
  folder: boolean,
  fragment: string
): string {
  const server = hub ? `${hub}user-redirect/` : base;
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const page = folder
    ? `lab?daisy=${encodeURIComponent(path)}`
    : `lab/tree/${encoded}`;
  return `${origin}${server}${page}#${fragment}`;
}

/** The path that an address of the page names, decoded; null where it names none. */
export function pathIn(
  address: string
): { path: string; folder: boolean } | null {
  const [before] = address.split('#');
  const folder = /[?&]daisy=([^&]+)/.exec(before);
  const file = /\/tree\/([^?]+)/.exec(before);
  const found = folder ?? file;
  try {
    return (
      found && {
        path: decodeURIComponent(found[1].replace(/\+/g, '%20')),
        folder: !!folder
      }
    );
  } catch {
    return null; // a lone percent sign
  }
}
