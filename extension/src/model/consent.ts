/** Whether support may look into this server, and how that is said. */

import { IConsent } from '../types';
import { dateText } from './text';

export interface IChoice {
  label: string;
  minutes: number;
}

export const CHOICES: IChoice[] = [
  { label: '30 minutes', minutes: 30 },
  { label: '2 hours', minutes: 120 },
  { label: '8 hours', minutes: 480 }
];

/** The banner's words; "" where there is none to show. */
export function bannerText(consent: IConsent, now = new Date()): string {
  const { available, mine, owner, until, here } = consent;
  if (!available || until === null || until * 1000 <= now.getTime()) {
    return '';
  }
  const end = dateText(until, now);
  if (!mine) {
    return `You look into the Lab of ${owner}, who agreed until ${end}. You can change and run nothing.`;
  }
  const looks = here.length > 1 ? 'look' : 'looks';
  const who = here.length ? `${here.join(', ')} ${looks}` : 'Support may look';
  return `${who} into your Lab until ${end}: your files, notebooks and data. They can change and run nothing.`;
}

/** What support is to be sent. */
export function addressOf(page: string): string {
  return page.replace(/\/lab\b.*$/, '/lab');
}
