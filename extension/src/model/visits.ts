/** When the user was last here: what was written since then is new. */

export interface IVisits {
  /** Seconds since 1970: the end of the visit before this one. */
  before: number | null;
  /** When this visit was last noticed. */
  last: number;
}

/** A page that is opened again after less than this is the same visit, seconds. */
export const PAUSE = 1800;

/** Go on with a visit, or begin another. */
export function visited(known: IVisits | null, now: number): IVisits {
  if (!known) {
    return { before: null, last: now };
  }
  const other = now - known.last > PAUSE;
  return { before: other ? known.last : known.before, last: now };
}
