/** What a frame is compared with: its flat field, or the same part of another scan. */

import { fileName } from './text';

export type IAgainst =
  { kind: 'flat' } | { kind: 'minus' | 'over'; other: string };

export interface IAgainstQuery {
  against?: 'flat' | 'minus' | 'over';
  /** The path of the other scan. */
  other?: string;
}

/** What is done, for a reader. */
export function againstName(against: IAgainst): string {
  if (against.kind === 'flat') {
    return 'through the flat field';
  }
  const sign = against.kind === 'minus' ? 'minus' : 'divided by';
  return `${sign} ${fileName(against.other)}`;
}

/** How the server is asked for it. */
export function queryOf(against: IAgainst | null): IAgainstQuery {
  if (!against) {
    return {};
  }
  return against.kind === 'flat'
    ? { against: 'flat' }
    : { against: against.kind, other: against.other };
}

/** `minus:data/B7/2026-0042/raw/scan.nxs` in a link. */
export function againstText(against: IAgainst): string {
  return against.kind === 'flat' ? 'flat' : `${against.kind}:${against.other}`;
}

export function againstOf(text: string): IAgainst | null {
  if (text === 'flat') {
    return { kind: 'flat' };
  }
  const found = /^(minus|over):(.+)$/.exec(text);
  return found && { kind: found[1] as 'minus' | 'over', other: found[2] };
}

/**
 * How a line of code names another scan.
 *
 * Both are named from the same folder: what the page puts before this one's name, it
 * puts before the other's.
 */
export function codeOf(other: string, path: string, code: string): string {
  const before = path.endsWith(code)
    ? path.slice(0, path.length - code.length)
    : '';
  return other.startsWith(before) ? other.slice(before.length) : other;
}
