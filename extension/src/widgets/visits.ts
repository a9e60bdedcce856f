/** Remembers in the user's home when a page was open. */

import { IStateDB } from '@jupyterlab/statedb';
import { attention } from '../model/attention';
import { IVisits, visited } from '../model/visits';

const KEY = 'daisy-lab:visits';
const EVERY = 60_000; // milliseconds

/** Tell when the visit before this one ended, and write down that this one goes on. */
export async function followVisits(
  state: IStateDB,
  told: (before: number) => void
): Promise<void> {
  const write = async () => {
    const known = (await state.fetch(KEY)) as IVisits | undefined;
    const now = visited(known ?? null, Date.now() / 1000);
    await state.save(KEY, { ...now });
    return now;
  };
  const { before } = await write();
  if (before !== null) {
    told(before);
  }
  setInterval(() => {
    if (attention.here) {
      void write();
    }
  }, EVERY);
}
