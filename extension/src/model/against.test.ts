import { describe, expect, it } from 'vitest';
import { againstOf, againstText, codeOf, IAgainst, queryOf } from './against';

describe('what a frame is compared with', () => {
  it('comes back from a link', () => {
    const all: IAgainst[] = [
      { kind: 'flat' },
      { kind: 'minus', other: 'data/B7/p/raw/a: b.nxs' },
      { kind: 'over', other: '/srv/x.h5' }
    ];
    expect(all.map(one => againstOf(againstText(one)))).toEqual(all);
    expect([againstOf('times:x'), againstOf('minus:'), againstOf('')]).toEqual([
      null,
      null,
      null
    ]);
  });

  it('is asked for by kind and path', () => {
    expect(queryOf(null)).toEqual({});
    expect(queryOf({ kind: 'flat' })).toEqual({ against: 'flat' });
    expect(queryOf({ kind: 'over', other: 'x' })).toEqual({
      against: 'over',
      other: 'x'
    });
  });

  it('is named in code from the same folder', () => {
    const here = 'data/B7/p/raw/a.nxs';
    expect(codeOf('data/B7/q/raw/b.nxs', here, 'B7/p/raw/a.nxs')).toBe(
      'B7/q/raw/b.nxs'
    );
    expect(codeOf('/srv/x.h5', here, 'B7/p/raw/a.nxs')).toBe('/srv/x.h5');
    expect(codeOf('b.h5', 'a.h5', '/home/ada/a.h5')).toBe('b.h5');
  });
});
