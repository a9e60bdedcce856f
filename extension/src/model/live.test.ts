import { expect, it } from 'vitest';
import { IGrowth } from '../types';
import { Live } from './live';

function followed(shape = [5, 8, 9], free = true) {
  const view = {
    shape,
    positions: [] as (number | null)[],
    opened: 0,
    read: 0
  };
  const live = new Live(
    {
      open: () => void (view.opened += 1),
      shown: () => ({ path: 'd', shape: view.shape }),
      grow: (grown, position) => {
        view.shape = grown;
        view.positions.push(position);
        return position !== null;
      },
      reread: () => void (view.read += 1),
      changed: () => undefined
    },
    free
  );
  live.begin(true);
  return { live, view };
}

function grown(written: number, more: Partial<IGrowth> = {}): IGrowth {
  const news = { event: 'grew', path: 'f', node: 'd', dataset: 'd' } as const;
  const shape = [written, 8, 9];
  return { ...news, shape, written, growing: true, ...more };
}

it('the last frame is followed once one has come', () => {
  const { live, view } = followed();
  live.hear(grown(5));
  live.hear(grown(6));
  expect(view.positions).toEqual([null, 5]);
  expect([live.following, live.written]).toEqual([true, 6]);
});

it('frames that are only foreseen are not followed', () => {
  const { live, view } = followed([10, 8, 9]);
  live.hear(grown(4, { shape: [10, 8, 9] }));
  expect(view.positions).toEqual([3]);
});

it('frames that come before the first news are followed too', () => {
  const { live, view } = followed([0, 8, 9]);
  live.hear(grown(2));
  expect(view.positions).toEqual([1]);
});

it('a file that was finished a moment ago stays where it was opened', () => {
  const { live, view } = followed();
  live.hear(grown(5));
  live.hear(grown(5, { growing: false }));
  expect([live.following, live.state, view.read]).toEqual([
    false,
    'settled',
    1
  ]);
});

it('whoever goes elsewhere stays there, and the frames are still counted', () => {
  const { live, view } = followed();
  live.hear(grown(6, { shape: [7, 8, 9] }));
  live.onScreen();
  live.pause();
  live.hear(grown(7));
  expect(view.positions).toEqual([5, null]);
  live.resume();
  expect(view.positions).toEqual([5, null, 6]);
});

it('a view that was opened at a place stays there', () => {
  const { live, view } = followed([5, 8, 9], false);
  live.hear(grown(5));
  live.hear(grown(6));
  expect(view.positions).toEqual([null, null]);
});

it('news wait for the picture before them, and only the last ones count', () => {
  const { live, view } = followed();
  live.hear(grown(5));
  [6, 7, 8, 9].forEach(n => live.hear(grown(n)));
  expect(view.positions).toEqual([null, 5]);
  live.onScreen();
  expect(view.positions).toEqual([null, 5, 8]);
});

it('an answer from before is not used for what was not written then', () => {
  const { live } = followed();
  const first = live.mark(4);
  live.hear(grown(4, { shape: [9, 8, 9] }));
  const beyond = live.mark(4);
  live.onScreen();
  live.hear(grown(5, { shape: [9, 8, 9] }));
  expect(live.mark(4)).toBeUndefined();
  expect(new Set([first, beyond, live.mark(5)]).size).toBe(3);
  expect(live.mark(null)).toBe(live.mark(5));
});

it('another file, and another kind of data, are opened anew', () => {
  const { live, view } = followed();
  live.hear(grown(5, { event: 'replaced' }));
  live.hear(grown(5, { shape: [5, 2, 8, 9] }));
  live.hear(grown(5, { dataset: null, shape: null }));
  expect(view.opened).toBe(2);
});

it('a file that vanishes is a state, and it may come back', () => {
  const { live, view } = followed();
  live.hear(grown(6));
  live.hear({ event: 'lost', path: 'f', node: 'd' });
  expect([live.state, live.following, view.opened]).toEqual(['lost', false, 0]);
  live.onScreen();
  live.hear(grown(6, { growing: false }));
  expect(live.state).toBe('settled');
});

it('news that come while the file is read are heard when that has ended', () => {
  const { live, view } = followed();
  live.opening();
  live.hear(grown(7, { dataset: 'other' }));
  live.hear(grown(6));
  expect([view.opened, view.positions]).toEqual([0, []]);
  live.opened();
  expect([view.opened, live.written]).toEqual([0, 6]);
});
