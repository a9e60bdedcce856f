import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { IFeed, IFeedScan, IPage, IRun, IRunDetail } from '../types';
import { attention } from './attention';
import { FeedModel } from './feed';
import { CALM, LIVELY } from './refreshed';
import { proposalName, proposalOf, RunModel, RunsModel } from './runs';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  attention.here = true;
  vi.useRealTimers();
});

function runOf(part: Partial<IRun> = {}): IRun {
  return { path: 'run_001', state: 'done', words: '', ...part } as IRun;
}

function runsOf(items: IRun[]) {
  const page = { items, total: items.length, offset: 0 };
  const api = {
    runs: vi.fn((..._: [string, number, string]): Promise<IPage<IRun>> => {
      return Promise.resolve(page);
    })
  };
  return { api, page, model: new RunsModel(api) };
}

it('what is not seen is not asked for', async () => {
  const { api, model } = runsOf([]);
  model.proposal = 'data/x';
  await vi.advanceTimersByTimeAsync(60_000);
  expect(api.runs).not.toHaveBeenCalled();

  model.show(true);
  await vi.advanceTimersByTimeAsync(0);
  model.show(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(api.runs).toHaveBeenCalledTimes(1);
});

it('a page that the browser hides asks for nothing, and at once when it is back', async () => {
  const { api, model } = runsOf([runOf({ state: 'running' })]);
  model.proposal = 'data/x';
  model.show(true);
  await vi.advanceTimersByTimeAsync(0);

  attention.here = false;
  await vi.advanceTimersByTimeAsync(60_000);
  await model.refresh();
  expect(api.runs).toHaveBeenCalledTimes(1);

  attention.here = true;
  await vi.advanceTimersByTimeAsync(0);
  expect(api.runs).toHaveBeenCalledTimes(2);
  model.dispose();
  attention.here = false;
  attention.here = true;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(api.runs).toHaveBeenCalledTimes(2);
});

it('a running run is asked for every second, what is calm seldom', async () => {
  const { api, page, model } = runsOf([runOf({ state: 'running' })]);
  model.proposal = 'data/x';
  model.show(true);
  await vi.advanceTimersByTimeAsync(3 * LIVELY);
  expect(api.runs).toHaveBeenCalledTimes(4);

  page.items = [runOf()];
  await vi.advanceTimersByTimeAsync(LIVELY);
  await vi.advanceTimersByTimeAsync(CALM - 1);
  expect(api.runs).toHaveBeenCalledTimes(5);
  model.dispose();
});

it('what is wished during a request is one more afterwards', async () => {
  const { api, page, model } = runsOf([]);
  let answer: (page: IPage<IRun>) => void = () => undefined;
  api.runs.mockImplementation(() => new Promise(done => (answer = done)));
  model.proposal = 'data/x';
  model.show(true);
  void model.refresh();
  void model.refresh();
  expect(api.runs).toHaveBeenCalledTimes(1);

  answer(page);
  await vi.advanceTimersByTimeAsync(0);

  expect(api.runs).toHaveBeenCalledTimes(2);
});

it('an answer for the proposal before is not shown', async () => {
  const { api, model } = runsOf([]);
  const answers: ((page: IPage<IRun>) => void)[] = [];
  api.runs.mockImplementation(() => new Promise(done => answers.push(done)));
  model.proposal = 'data/x';
  model.show(true);
  model.proposal = 'data/y';
  answers[0]({ items: [runOf()], total: 1, offset: 0 });
  await vi.advanceTimersByTimeAsync(0);
  expect(model.items).toEqual([]);

  answers[1]({ items: [runOf(), runOf()], total: 2, offset: 0 });
  await vi.advanceTimersByTimeAsync(0);
  expect(model.items.length).toBe(2);
});

it('words find runs, and an answer for the words before is not shown', async () => {
  const { api, model } = runsOf([runOf()]);
  model.proposal = 'data/x';
  model.show(true);
  await vi.advanceTimersByTimeAsync(0);
  await model.more();
  const answers: ((page: IPage<IRun>) => void)[] = [];
  api.runs.mockImplementation(() => new Promise(done => answers.push(done)));

  model.filter = 'by:anna';
  model.filter = 'by:anna xrf';
  answers[0]({ items: [], total: 0, offset: 0 });
  await vi.advanceTimersByTimeAsync(0);

  expect(model.items.length).toBe(1);
  expect(api.runs).toHaveBeenLastCalledWith('data/x', 50, 'by:anna xrf');
  answers[1]({ items: [], total: 0, offset: 0 });
  await vi.advanceTimersByTimeAsync(0);
  expect(model.items).toEqual([]);
  model.dispose();
});

it('a failure is said, and what was there stays', async () => {
  const { api, model } = runsOf([runOf()]);
  model.proposal = 'data/x';
  model.show(true);
  await vi.advanceTimersByTimeAsync(0);
  api.runs.mockRejectedValueOnce(new Error('no connection'));

  await model.refresh();

  expect([model.error, model.items.length]).toEqual(['no connection', 1]);
  await model.refresh();
  expect(model.error).toBe('');
});

it('a run that is stopped says so at once, and one that cannot be why', async () => {
  const run = runOf({ state: 'running', words: 'running, 5 %' }) as IRunDetail;
  const stopped = { ...run, words: 'stopping', stopping: true };
  const api = {
    run: vi.fn(() => Promise.resolve(run)),
    stopRun: vi.fn(() => Promise.resolve(stopped as IRun)),
    goOn: vi.fn(() => Promise.resolve(run as IRun)),
    noteRun: vi.fn(() => Promise.resolve(run as IRun))
  };
  const model = new RunModel(api, run.path);
  model.show(true);
  await vi.advanceTimersByTimeAsync(0);
  const said: string[] = [];
  model.changed.connect(() => void said.push(model.run!.words));

  await model.stop();
  expect(said[0]).toBe('stopping');

  api.stopRun.mockRejectedValueOnce(new Error('it belongs to ben'));
  await model.stop();
  expect(model.refusal).toBe('it belongs to ben');
  model.dispose();
});

it('a run that is asked to go on waits, and one that does not says why', async () => {
  const run = runOf({ state: 'stopped' }) as IRunDetail;
  const api = {
    run: vi.fn(() => Promise.resolve(run)),
    stopRun: vi.fn(() => Promise.resolve(run as IRun)),
    goOn: vi.fn(() => Promise.resolve({ ...run, state: 'waiting' } as IRun)),
    noteRun: vi.fn(() => Promise.resolve(run as IRun))
  };
  const model = new RunModel(api, run.path);
  model.show(true);
  await vi.advanceTimersByTimeAsync(0);
  const said: string[] = [];
  model.changed.connect(() => void said.push(model.run!.state));

  await model.goOn();
  expect(said[0]).toBe('waiting');

  api.goOn.mockRejectedValueOnce(new Error('it is the run of ben'));
  await model.goOn();
  expect(model.refusal).toBe('it is the run of ben');
  model.dispose();
});

it('a note is changed where one may, and else it is said why not', async () => {
  const run = runOf({ note: 'before' }) as IRunDetail;
  const api = {
    run: vi.fn(() => Promise.resolve(run)),
    stopRun: vi.fn(() => Promise.resolve(run as IRun)),
    goOn: vi.fn(() => Promise.resolve(run as IRun)),
    noteRun: vi.fn((_: string, note: string) => {
      run.note = note;
      return Promise.resolve(run as IRun);
    })
  };
  const model = new RunModel(api, run.path);
  model.show(true);
  await vi.advanceTimersByTimeAsync(0);

  expect(await model.note('after')).toBe('');
  expect(model.run!.note).toBe('after');

  api.noteRun.mockRejectedValueOnce(new Error('it is the run of ben'));
  expect(await model.note('mine')).toBe('it is the run of ben');
  expect(model.run!.note).toBe('after');
  model.dispose();
});

it('the feed is lively while a rule is carried out, and has older scans', async () => {
  const item = { state: 'running', run: runOf({ state: 'running' }) };
  const scan = { name: 'a', items: [item] } as IFeedScan;
  const rules = { state: 'good' } as IFeed['rules'];
  const api = {
    feed: vi.fn((_: string, limit: number): Promise<IFeed> => {
      const items = Array.from({ length: Math.min(limit, 70) }, () => scan);
      return Promise.resolve({ items, total: 70, offset: 0, rules });
    }),
    writeRules: vi.fn(() => Promise.resolve(rules)),
    watches: () => Promise.resolve({ available: false, watches: [] }),
    keepWatch: vi.fn()
  };
  const model = new FeedModel(api, 'data/x');
  model.show(true);
  await vi.advanceTimersByTimeAsync(LIVELY);
  expect(api.feed).toHaveBeenCalledTimes(2);
  expect([model.scans.length, model.hasMore]).toEqual([50, true]);

  await model.more();

  expect([model.scans.length, model.hasMore]).toEqual([70, false]);
  model.dispose();
});

it('a run tells its proposal', () => {
  const path = 'data/B7/2026-0042/processed/tooth/run_001';
  expect(proposalName(runOf({ path }))).toBe('2026-0042');
  expect(proposalName(runOf({ path: '/home/a/runs/tooth/run_001' }))).toBe('');
});

it('the proposal at hand is that of what is shown, else the first', () => {
  const known = ['data/B7/1', 'data/B7/12'];
  expect(proposalOf('data/B7/12/raw/a.h5', known)).toBe('data/B7/12');
  expect(proposalOf('', known)).toBe('data/B7/1');
  expect(proposalOf('x', [])).toBe('');
});
