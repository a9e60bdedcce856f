import { expect, it } from 'vitest';
import { IPlaceRoom, IRoom } from '../types';
import { advice, homeText, hoursBar, placeBar } from './room';

function place(used: number, quota: number | null, free = 5e11): IPlaceRoom {
  return { name: 'Home', used, quota, free, partial: false };
}

function room(home: IPlaceRoom, ...processed: IPlaceRoom[]): IRoom {
  return { home, processed, clusters: null };
}

it('a place without a quota says what is left on its disk', () => {
  const bar = placeBar(place(3.2e9, null));

  expect(bar.text).toBe('3.2 GB, 500 GB left on the disk');
  expect([bar.part, bar.level]).toEqual([null, 'fine']);
});

it('a quota is near from nine tenths on, and reached at its end', () => {
  const levels = [0.5, 0.9, 0.999, 1, 1.2].map(
    part => placeBar(place(part * 1e10, 1e10)).level
  );

  expect(levels).toEqual(['fine', 'nearly', 'nearly', 'full', 'full']);
  expect(placeBar(place(5e9, 1e10)).text).toBe('5.0 GB of 10 GB');
});

it('a full disk is said whatever the quota is', () => {
  const bar = placeBar(place(1e6, 1e10, 5e7));

  expect(bar.level).toBe('full');
  expect(bar.text).toContain('50 MB left on the disk');
  expect(homeText(room(place(1e6, 1e10, 5e7)))).toBe('Home is full');
});

it('the home is a part where there is a quota, else a size', () => {
  expect(homeText(room(place(9.96e9, 1e10)))).toBe('Home 99 %');
  expect(homeText(room(place(3.2e9, null)))).toBe('Home 3.2 GB');
});

it('what was not seen whole is said to be more', () => {
  expect(placeBar({ ...place(1e12, null), partial: true }).text).toContain(
    'more than 1.0 TB'
  );
});

it('core hours are told with what a month has', () => {
  expect(hoursBar({ who: 'You', hours: 0.25, most: 100 })).toEqual({
    name: 'You',
    part: 0.0025,
    text: '0.3 of 100 core hours',
    level: 'fine'
  });
  expect(hoursBar({ who: 'You', hours: 250, most: null }).part).toBeNull();
  expect(hoursBar({ who: 'You', hours: 100, most: 100 }).level).toBe('full');
  expect(hoursBar({ who: 'You', hours: 0, most: 0 }).level).toBe('full');
});

it('there is advice where something is tight, and none where nothing is', () => {
  expect(advice(room(place(1, 100), place(1, 100)))).toBe('');
  expect(advice(room(place(99, 100)))).toContain('Move results');
  expect(advice(room(place(1, 100), place(99, 100)))).toContain('Delete runs');
});
