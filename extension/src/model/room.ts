/** What home, results and clusters take of what they may. */

import { IHours, IPlaceRoom, IRoom } from '../types';
import { sizeText } from './text';

/** From this part of a quota on it is said before one asks. */
export const NEARLY = 0.9;
/** Below this it is said too: bytes left on the disk. */
export const LITTLE = 1e9;

export type Level = 'fine' | 'nearly' | 'full';

export interface IBar {
  name: string;
  /** Of 1; null where nothing bounds it. */
  part: number | null;
  text: string;
  level: Level;
}

export function placeBar(place: IPlaceRoom): IBar {
  const used = (place.partial ? 'more than ' : '') + sizeText(place.used);
  const part = place.quota === null ? null : share(place.used, place.quota);
  const most = place.quota === null ? '' : ` of ${sizeText(place.quota)}`;
  const isTight = place.free < LITTLE;
  const left = `${sizeText(place.free)} left on the disk`;
  return {
    name: place.name,
    part,
    text: isTight || part === null ? `${used}${most}, ${left}` : used + most,
    level:
      place.free < LITTLE / 10 ? 'full' : isTight ? 'nearly' : levelOf(part)
  };
}

export function hoursBar(hours: IHours): IBar {
  const part = hours.most === null ? null : share(hours.hours, hours.most);
  const used =
    hours.hours < 10 ? hours.hours.toFixed(1) : `${Math.round(hours.hours)}`;
  const most = hours.most === null ? '' : ` of ${hours.most}`;
  return {
    name: hours.who,
    part,
    text: `${used}${most} core hours`,
    level: levelOf(part)
  };
}

/** What the status bar says of the home, in few words. */
export function homeText({ home }: IRoom): string {
  const { level, part } = placeBar(home);
  if (level === 'full') {
    return 'Home is full';
  }
  return part === null
    ? `Home ${sizeText(home.used)}`
    : `Home ${Math.floor(part * 100)} %`;
}

/** What to do where something is nearly or quite full; "" where nothing is. */
export function advice(room: IRoom): string {
  const home = placeBar(room.home).level;
  if (home !== 'fine') {
    return 'Move results to processed of their proposal, and delete what is not needed: a full home keeps notebooks from being saved.';
  }
  return room.processed.some(place => placeBar(place).level !== 'fine')
    ? 'Delete runs that are not needed, or ask the beamline for more room.'
    : '';
}

function share(used: number, most: number): number {
  return most > 0 ? used / most : 1;
}

function levelOf(part: number | null): Level {
  return part === null || part < NEARLY ? 'fine' : part < 1 ? 'nearly' : 'full';
}
