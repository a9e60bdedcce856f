import { describe, expect, it } from 'vitest';
import { PAUSE, visited } from './visits';

describe('visits', () => {
  it('knows of no earlier one at first', () => {
    expect(visited(null, 100)).toEqual({ before: null, last: 100 });
  });

  it('takes a page that is opened again soon for the same visit', () => {
    const known = { before: 5, last: 100 };
    expect(visited(known, 100 + PAUSE)).toEqual({
      before: 5,
      last: 100 + PAUSE
    });
  });

  it('begins another one after a pause', () => {
    const now = 101 + PAUSE;
    expect(visited({ before: 5, last: 100 }, now)).toEqual({
      before: 100,
      last: now
    });
  });
});
