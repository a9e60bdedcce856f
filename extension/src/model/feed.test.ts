import { expect, it, vi } from 'vitest';
import { IFeed, IWatches } from '../types';
import { FeedModel } from './feed';
import { CALM, LIVELY } from './refreshed';
import { watchedText } from './watches';

const NOBODY: IWatches = { available: true, watches: [] };
const ANNA = { user: 'anna', since: 0, state: 'server up', yours: true };

function feedOf(busy = false) {
  const items = busy ? [{ run: { state: 'running' } }] : [];
  const feed = { items: [{ items }], total: 1, rules: null };
  const api = {
    feed: vi.fn(() => Promise.resolve(feed as unknown as IFeed)),
    writeRules: vi.fn(),
    watches: vi.fn(() => Promise.resolve(NOBODY)),
    keepWatch: vi.fn((_: string, keep: boolean) =>
      Promise.resolve({ available: true, watches: keep ? [ANNA] : [] })
    )
  };
  return { api, model: new FeedModel(api, 'data/x') };
}

it('the hub is asked seldom, also while a run is followed each second', async () => {
  vi.useFakeTimers();
  const { api, model } = feedOf(true);
  model.show(true);
  await vi.advanceTimersByTimeAsync(CALM - LIVELY);
  expect(api.watches).toHaveBeenCalledTimes(1);
  expect(api.feed.mock.calls.length).toBeGreaterThan(5);

  await vi.advanceTimersByTimeAsync(2 * LIVELY);

  expect(api.watches).toHaveBeenCalledTimes(2);
  model.dispose();
  vi.useRealTimers();
});

it('a choice shows at once, and its end too', async () => {
  const { model } = feedOf();
  await model.keepWatch(true);
  expect(model.watches?.watches).toEqual([ANNA]);

  await model.keepWatch(false);

  expect(model.watches?.watches).toEqual([]);
});

it('a choice that is refused says why, and what was known stays', async () => {
  const { api, model } = feedOf();
  await model.keepWatch(true);
  api.keepWatch.mockRejectedValueOnce(new Error('ben is no member'));

  await model.keepWatch(false);

  expect(model.watchProblem).toContain('ben is no member');
  expect(model.watches?.watches).toEqual([ANNA]);
});

it('an answer for the proposal before is not shown for the next one', async () => {
  const { api, model } = feedOf();
  let answer: (found: IWatches) => void = () => undefined;
  api.keepWatch.mockReturnValueOnce(new Promise(done => (answer = done)));
  const choosing = model.keepWatch(true);
  model.proposal = 'data/y';

  answer({ available: true, watches: [ANNA] });
  await choosing;

  expect(model.watches).toBeNull();
});

it('a list that was asked for before a choice does not undo it', async () => {
  const { api, model } = feedOf();
  let answer: (found: IWatches) => void = () => undefined;
  api.watches.mockReturnValueOnce(new Promise(done => (answer = done)));
  model.show(true);
  await model.keepWatch(true);

  answer(NOBODY);
  await new Promise(done => setTimeout(done));

  expect(model.watches?.watches).toEqual([ANNA]);
  model.dispose();
});

it('all who watch are named, with since when and how their servers are', () => {
  const ben = { user: 'ben', since: 0, state: 'server stopped', yours: false };

  expect(watchedText([])).toContain('only while');
  expect(watchedText([ANNA, ben])).toMatch(
    /by you \(anna\) since .*, server up; ben since .*, server stopped$/
  );
});
