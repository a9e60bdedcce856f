import { describe, expect, it, vi } from 'vitest';
import { Api } from '../api';
import { IScan, ServerError } from '../types';
import { TreeModel } from './tree';

const scan = (name: string): IScan => ({
  name,
  path: `data/B7/p/raw/${name}`,
  area: 'raw',
  kind: 'hdf5',
  size: 1,
  mtime: 0,
  title: '',
  technique: '',
  sample: '',
  problem: ''
});

function tree(scans: IScan[], total = scans.length, proposals = 1) {
  const api = {
    proposals: async () => ({
      root: '/home/a/data',
      user: 'ada',
      proposals: Array.from({ length: proposals }, (_, i) => ({
        beamline: 'B7',
        name: `p${i}`,
        path: `data/B7/p${i}`,
        title: '',
        problem: ''
      }))
    }),
    scans: vi.fn(async (_: string, offset: number) => ({
      items: scans.slice(offset, offset + 2),
      total,
      offset
    })),
    children: async (path: string) => {
      if (path.endsWith('cut.h5')) {
        throw new ServerError(422, 'FileDamaged', 'cut.h5: it is truncated');
      }
      return {
        total: 2,
        offset: 0,
        items: [
          { name: 'data', path: 'data', kind: 'dataset', detail: '3' },
          {
            name: 'gone',
            path: 'gone',
            kind: 'missing',
            detail: 'no such file'
          }
        ]
      };
    }
  };
  return { model: new TreeModel(api as unknown as Api), api };
}

const labels = (model: TreeModel) =>
  model.rows().map(row => `${row.level} ${row.kind} ${row.label}`);

describe('tree', () => {
  it('takes in new scans without closing what is open', async () => {
    const scans = [scan('a.h5'), scan('b.h5')];
    const { model } = tree(scans, 3);
    await model.refresh();
    await model.toggle('data/B7/p/raw/a.h5');
    const before = labels(model);
    scans.unshift(scan('new.h5'));

    await model.refreshProposal('data/B7/p0');

    expect(labels(model)).toEqual([
      before[0],
      '2 scan new.h5',
      ...before.slice(1, 4),
      '2 more Show more'
    ]);
    expect(model.proposals).toEqual(['data/B7/p0']);
  });

  it('opens the first proposal, and shows more on demand', async () => {
    const { model } = tree(['c', 'b', 'a'].map(scan));

    await model.refresh();
    const first = labels(model);
    await model.more('data/B7/p0');

    expect(first).toEqual([
      '1 proposal p0',
      '2 scan c',
      '2 scan b',
      '2 more Show more'
    ]);
    expect(labels(model)).toContain('2 scan a');
    expect(labels(model)).not.toContain('2 more Show more');
  });

  it('says why it is empty and what to do', async () => {
    const { model } = tree([]);
    await model.refresh();
    expect(labels(model)[1]).toContain('No scan yet');

    const none = tree([], 0, 0).model;
    await none.refresh();
    expect([none.empty, none.user]).toEqual([true, 'ada']);
  });

  it('shows a damaged file below its scan and the rest as before', async () => {
    const { model } = tree([scan('cut.h5'), scan('good.h5')]);
    await model.refresh();

    await model.toggle('data/B7/p/raw/cut.h5');
    await model.toggle('data/B7/p/raw/good.h5');

    expect(labels(model)).toEqual([
      '1 proposal p0',
      '2 scan cut.h5',
      '3 error cut.h5: it is truncated',
      '2 scan good.h5',
      '3 dataset data',
      '3 missing gone'
    ]);
    expect(model.rows()[1].problem).toBe(true);
  });

  it('keeps what is open over a refresh', async () => {
    const { model } = tree([scan('good.h5')]);
    await model.refresh();
    await model.toggle('data/B7/p/raw/good.h5');

    await model.refresh();

    expect(labels(model)).toContain('3 dataset data');
  });

  it('drops the answer to an older filter', async () => {
    const { model, api } = tree([scan('a')]);
    await model.refresh();
    let late: (value: never) => void = () => undefined;
    api.scans.mockImplementationOnce(
      () => new Promise(resolve => (late = resolve as typeof late))
    );

    const old = model.setFilter('x');
    const now = model.setFilter('a');
    late({ items: [scan('x')], total: 1, offset: 0 } as never);
    await Promise.all([old, now]);

    expect(labels(model)).toContain('2 scan a');
    expect(labels(model)).not.toContain('2 scan x');
  });
});
