import { describe, expect, it, vi } from 'vitest';
import { Api } from '../api';
import { ISample, IScan, IScansRequest, PAGE, ServerError } from '../types';
import { COUNTED, TreeModel } from './tree';

const scan = (name: string, mtime = 0, sample = ''): IScan => ({
  name,
  path: `data/B7/p/raw/${name}`,
  area: 'raw',
  kind: 'hdf5',
  size: 1,
  mtime,
  title: '',
  technique: '',
  sample,
  start_time: '',
  users: [],
  instrument: '',
  detectors: [],
  shape: [],
  axes: [],
  energy_kev: null,
  problem: '',
  code: `B7/p/raw/${name}`
});

const many = (count: number) =>
  Array.from({ length: count }, (_, i) => scan(`s${i}`));

function tree(
  scans: IScan[],
  {
    total = -1,
    proposals = 1,
    samples = [] as ISample[],
    members = 2,
    beamline = 'B7'
  } = {}
) {
  const api = {
    proposals: async () => ({
      root: '/home/a/data',
      user: 'ada',
      proposals: Array.from({ length: proposals }, (_, i) => ({
        beamline,
        name: `p${i}`,
        path: `data/B7/p${i}`,
        title: '',
        problem: ''
      }))
    }),
    samples: async () => ({ samples, techniques: ['xrf'], pending: 0 }),
    scans: vi.fn(async ({ offset, sample }: IScansRequest) => {
      const found = scans.filter(s => sample === null || s.sample === sample);
      const items = found.slice(offset, offset + PAGE);
      return { items, total: total < 0 ? found.length : total, offset };
    }),
    children: vi.fn(async (path: string, _: string, offset: number) => {
      if (path.endsWith('cut.h5')) {
        throw new ServerError(422, 'FileDamaged', 'cut.h5: it is truncated');
      }
      const length = Math.min(PAGE, members - offset);
      const items = Array.from({ length }, (_, i) => ({
        name: i + offset ? `d${i + offset}` : 'data',
        path: `d${i + offset}`,
        kind: i + offset === 1 ? 'missing' : 'dataset',
        detail: '3',
        link: i + offset === 2 ? 'soft link to /entry/data' : ''
      }));
      return { total: members, offset, items };
    })
  };
  return { model: new TreeModel(api as unknown as Api), api };
}

const labels = (model: TreeModel) =>
  model.rows().map(row => `${row.level} ${row.kind} ${row.label}`);
const GOOD = 'data/B7/p/raw/good.h5';

it('an account that sees nothing but examples is a guest', async () => {
  const guests = await Promise.all(
    ['Public', 'B7'].map(async beamline => {
      const { model } = tree([], { beamline });
      await model.refresh();
      return model.isGuest;
    })
  );
  expect(guests).toEqual([true, false]);
});

describe('tree', () => {
  it('opens the first proposal', async () => {
    const { model } = tree(['c', 'b', 'a'].map(name => scan(name)));

    await model.refresh();

    expect(labels(model)).toEqual([
      '1 proposal p0',
      '2 scan c',
      '2 scan b',
      '2 scan a'
    ]);
    expect(model.techniques).toEqual(['xrf']);
  });

  it('groups by sample where there are several, and opens the last one', async () => {
    const samples = [
      { name: 'tooth', scans: 1, newest: 9 },
      { name: '', scans: 70, newest: 5 }
    ];
    const { model } = tree([scan('s0', 9, 'tooth'), ...many(70)], { samples });

    await model.refresh();
    await model.need(0, model.count);

    expect(labels(model)).toEqual([
      '1 proposal p0',
      '2 sample tooth',
      '3 scan s0',
      '2 sample no sample named'
    ]);
    await model.choose({ text: 's' });
    expect(labels(model).slice(0, 2)).toEqual(['1 proposal p0', '2 scan s0']);
  });

  it('opens a sample that comes in, and leaves closed what was closed', async () => {
    const samples = [{ name: 'tooth', scans: 30, newest: 9 }];
    samples.push({ name: 'bone', scans: 30, newest: 5 });
    const { model } = tree([scan('a', 0, 'new')], { samples });
    await model.refresh();
    await model.toggle('data/B7/p0?tooth');

    samples.unshift({ name: 'new', scans: 1, newest: 10 });
    await model.refreshProposal('data/B7/p0');
    await model.need(0, model.count);

    expect(labels(model)).toEqual([
      '1 proposal p0',
      '2 sample new',
      '3 scan a',
      '2 sample tooth',
      '2 sample bone'
    ]);
  });

  it('opens all samples of a few scans', async () => {
    const samples = ['tooth', 'bone'].map(name => ({
      name,
      scans: 1,
      newest: 9
    }));
    const scans = [scan('a', 0, 'tooth'), scan('b', 0, 'bone')];
    const { model } = tree(scans, { samples });

    await model.refresh();

    expect(model.rows().map(row => row.expanded)).toEqual([
      true,
      true,
      null,
      true,
      null
    ]);
  });

  it('reads only the pages of a long list that are looked at', async () => {
    const { model, api } = tree(many(5000));
    await model.refresh();

    expect(model.count).toBe(5001);
    expect(model.row(4001).kind).toBe('waiting');
    await model.need(4001, 4003);
    await model.need(4001, 4003);

    expect([model.row(4001).label, model.row(4002).label]).toEqual([
      's4000',
      's4001'
    ]);
    expect([model.row(4001).place, model.row(4001).count]).toEqual([
      4001, 5000
    ]);
    expect(api.scans.mock.calls.map(([asked]) => asked.offset)).toEqual([
      0, 4000
    ]);
  });

  it('reads again what is open of a scan that grows, now and then', async () => {
    const { model, api } = tree([scan('good.h5')]);
    await model.refresh();
    await model.toggle(GOOD);
    const looks = async () => {
      await model.need(0, model.count);
      return api.children.mock.calls.length;
    };
    const before = await looks();

    model.grew(GOOD);
    expect(await looks()).toBe(before + 1);
    model.grew(GOOD);
    model.grew('data/B7/p/raw/other.h5');
    expect(await looks()).toBe(before + 1);
    expect(labels(model)).toContain('3 dataset data');
  });

  it('says where a link leads', async () => {
    const { model } = tree([scan('good.h5')], { members: 3 });
    await model.refresh();
    await model.toggle(GOOD);

    const { detail, title } = model.row(4);
    expect([detail, title]).toEqual(['↪ 3', 'd2: 3\nsoft link to /entry/data']);
  });

  it('finds its lines below and behind what is open', async () => {
    const { model } = tree([scan('a'), scan('good.h5'), scan('z')], {
      members: 450
    });
    await model.refresh();
    await model.toggle(GOOD);
    await model.need(0, 300);

    expect(model.count).toBe(1 + 3 + 450);
    for (const index of [0, 1, 2, 3, 150, 250, 453]) {
      const { id, kind } = model.row(index);
      expect(model.indexOf(id)).toBe(kind === 'waiting' ? -1 : index);
    }
    expect(model.row(453).label).toBe('z');
    expect(model.row(3).above).toBe(2);
    expect(model.row(2).above).toBe(0);
  });

  it('says where a list ends before the scans do', async () => {
    const { model } = tree(many(300), { total: COUNTED + 1 });

    await model.refresh();

    expect(model.count).toBe(1 + COUNTED + 1);
    expect(model.row(COUNTED + 1).label).toContain('search for the others');
    expect(model.tall).toEqual([COUNTED + 1]);
  });

  it('takes in new scans without closing what is open', async () => {
    const scans = [scan('good.h5'), scan('b.h5')];
    const { model } = tree(scans);
    await model.refresh();
    await model.toggle(GOOD);
    const before = labels(model);
    scans.unshift(scan('new.h5'));

    await model.refreshProposal('data/B7/p0');

    expect(labels(model)).toEqual([
      before[0],
      '2 scan new.h5',
      ...before.slice(1)
    ]);
    expect(model.proposals).toEqual(['data/B7/p0']);
  });

  it('takes in a change that is told while it reads', async () => {
    const scans = [scan('a')];
    const { model, api } = tree(scans);
    await model.refresh();
    let late: (value: never) => void = () => undefined;
    api.scans.mockImplementationOnce(
      () => new Promise(resolve => (late = resolve as typeof late))
    );

    const first = model.refreshProposal('data/B7/p0');
    await vi.waitFor(() => expect(api.scans).toHaveBeenCalledTimes(2));
    scans.unshift(scan('new'));
    const second = model.refreshProposal('data/B7/p0');
    late({ items: [scan('a')], total: 1, offset: 0 } as never);
    await Promise.all([first, second]);

    expect(labels(model)).toContain('2 scan new');
  });

  it('keeps what is open, and what was closed, over a refresh', async () => {
    const samples = ['tooth', 'bone'].map((name, i) => ({
      name,
      scans: 1,
      newest: 9 - i
    }));
    const scans = [scan('a', 0, 'tooth'), scan('good.h5', 0, 'bone')];
    const { model } = tree(scans, { samples });
    await model.refresh();
    await model.need(0, model.count);
    await model.toggle('data/B7/p0?tooth');
    await model.toggle(GOOD);
    const before = labels(model);

    await model.refresh();
    await model.need(0, model.count);

    expect(labels(model)).toEqual(before);
    expect(before).toContain('4 dataset data');
    expect(before).toContain('2 sample tooth');
  });

  it('says why it is empty and what to do', async () => {
    const { model } = tree([]);
    await model.refresh();
    expect(labels(model)[1]).toContain('No scan yet');
    await model.choose({ text: 'tooth', technique: 'xrf' });
    expect(labels(model)[1]).toContain('“tooth technique:"xrf"”');

    const none = tree([], { proposals: 0 }).model;
    await none.refresh();
    expect([none.empty, none.user, none.count]).toEqual([true, 'ada', 0]);
  });

  it('shows a damaged file below its scan and the rest as before', async () => {
    const { model } = tree([scan('cut.h5'), scan('good.h5')]);
    await model.refresh();

    await model.toggle('data/B7/p/raw/cut.h5');
    await model.toggle(GOOD);

    expect(labels(model)).toEqual([
      '1 proposal p0',
      '2 scan cut.h5',
      '3 error cut.h5: it is truncated',
      '2 scan good.h5',
      '3 dataset data',
      '3 missing d1'
    ]);
    expect(model.row(1).problem).toBe(true);
    expect(model.tall).toEqual([2]);
  });

  it('drops the answer to an older search', async () => {
    const { model, api } = tree([scan('a')]);
    await model.refresh();
    let late: (value: never) => void = () => undefined;
    api.scans.mockImplementationOnce(
      () => new Promise(resolve => (late = resolve as typeof late))
    );

    const old = model.choose({ text: 'x' });
    await vi.waitFor(() => expect(api.scans).toHaveBeenCalledTimes(2));
    const now = model.choose({ text: 'a' });
    late({ items: [scan('x')], total: 1, offset: 0 } as never);
    await Promise.all([old, now]);

    expect(labels(model)).toContain('2 scan a');
    expect(labels(model)).not.toContain('2 scan x');
  });

  it('marks what was written since the last visit until it is opened', async () => {
    const { model } = tree([scan('b', 20), scan('a', 10)]);
    model.markSince(15);
    await model.refresh();

    expect(model.rows().map(row => row.isNew)).toEqual([false, true, false]);
    model.select('data/B7/p/raw/b');
    expect(model.row(1).isNew).toBe(false);
  });

  it('gives the line of code that opens a line', async () => {
    const { model } = tree([scan('good.h5')]);
    await model.refresh();
    await model.toggle(GOOD);

    expect(model.codeOf(GOOD)).toBe('daisy.open("B7/p/raw/good.h5")');
    expect(model.codeOf(`${GOOD}#d0`)).toBe(
      'daisy.open("B7/p/raw/good.h5")["d0"]'
    );
    expect(model.codeOf('data/B7/p0')).toBe('');
  });

  it('goes to the next line that begins with a letter', async () => {
    const { model } = tree(['alpha', 'beta', 'Bone'].map(name => scan(name)));
    await model.refresh();

    expect(model.startingWith('b', 0)).toBe(2);
    expect(model.startingWith('b', 2)).toBe(3);
    expect(model.startingWith('b', 3)).toBe(2);
    expect(model.startingWith('x', 0)).toBe(-1);
  });
});
