/** In words, who watches a proposal also when nobody is logged in. */

import { IWatch } from '../types';
import { dateText } from './text';

export function watchedText(watches: IWatch[]): string {
  if (!watches.length) {
    return 'Watched only while a member is logged in';
  }
  const each = watches.map(
    ({ user, yours, since, state }) =>
      `${yours ? `you (${user})` : user} since ${dateText(since)}, ${state}`
  );
  return `Watched also when nobody is logged in, by ${each.join('; ')}`;
}
