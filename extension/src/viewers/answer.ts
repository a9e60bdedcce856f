/** An answer of the server as React state. */

import * as React from 'react';
import { reasonOf } from '../model/reason';

export interface IAnswer<T> {
  /** The last answer; also while the next one is on its way. */
  value: T | null;
  error: string | null;
  busy: boolean;
}

/** Ask again whenever the key changes; what nobody waits for is cancelled. */
export function useAnswer<T>(
  key: string,
  ask: (signal: AbortSignal) => Promise<T>
): IAnswer<T> {
  const [state, setState] = React.useState({
    value: null as T | null,
    error: null as string | null,
    key: ''
  });
  React.useEffect(() => {
    const controller = new AbortController();
    ask(controller.signal).then(
      value => {
        if (!controller.signal.aborted) {
          setState({ value, error: null, key });
        }
      },
      reason => {
        if (!controller.signal.aborted) {
          setState({ value: null, error: reasonOf(reason), key });
        }
      }
    );
    return () => controller.abort();
  }, [key]);
  return { value: state.value, error: state.error, busy: state.key !== key };
}
