/** Why something failed, for a reader. */

import { ServerError } from '../types';

export function reasonOf(error: unknown): string {
  if (error instanceof ServerError && error.status === 404) {
    return error.message || 'this does not exist any more';
  }
  return error instanceof Error ? error.message : `${error}`;
}
