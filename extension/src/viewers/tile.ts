/**
 * A tile as React state: the latest that was asked for, the old one until then.
 *
 * Where it is slow, some of its rows are asked for first.
 */

import * as React from 'react';
import { Api } from '../api';
import { keyOf, Tiles } from '../model/tiles';
import { reasonOf } from '../model/reason';
import { ITile, ITileRequest } from '../types';

interface IState {
  tile: ITile | null;
  error: string | null;
  /** The request that the tile answers. */
  key: string;
}

export function useTile(
  api: Api,
  request: ITileRequest | null,
  firstStep = 1
): { tile: ITile | null; error: string | null; busy: boolean } {
  const [state, setState] = React.useState<IState>({
    tile: null,
    error: null,
    key: ''
  });
  const tiles = React.useRef<Tiles | null>(null);
  const wanted = request ? keyOf(request) : '';

  React.useEffect(() => {
    const made = new Tiles(
      (asked, signal) => api.tile(asked, signal),
      (tile, asked) => {
        const whole = wholeOf(asked);
        setState({ tile, error: null, key: keyOf(asked) });
        if (whole !== asked) {
          made.want(whole);
        }
      },
      (error, asked) => {
        if (!(error instanceof Error && error.name === 'AbortError')) {
          const key = keyOf(asked);
          setState(old => ({ ...old, error: reasonOf(error), key }));
        }
      }
    );
    tiles.current = made;
    return () => made.dispose();
  }, [api]);

  React.useEffect(() => {
    const known = request && tiles.current?.has(request);
    if (request) {
      const some = firstStep > 1 && !known;
      tiles.current?.want(some ? { ...request, step: firstStep } : request);
    }
  }, [wanted]);

  const { tile, error, key } = state;
  return { tile, error, busy: key !== wanted };
}

function wholeOf(request: ITileRequest): ITileRequest {
  const { step, ...rest } = request;
  return step && step > 1 ? rest : request;
}
