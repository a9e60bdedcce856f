import { expect, it } from 'vitest';
import { IConsent } from '../types';
import { addressOf, bannerText } from './consent';

const NOW = new Date(2026, 10, 30, 14, 0);
const UNTIL = NOW.getTime() / 1000 + 1800;
const MINE: IConsent = {
  available: true,
  mine: true,
  owner: 'anna',
  until: UNTIL,
  here: []
};

it('without consent there is no banner, and none after its end', () => {
  expect(bannerText({ ...MINE, until: null }, NOW)).toBe('');
  expect(bannerText({ ...MINE, until: UNTIL - 1800 }, NOW)).toBe('');
  expect(bannerText({ ...MINE, available: false }, NOW)).toBe('');
});

it('the owner is told who looks, and until when', () => {
  expect(bannerText(MINE, NOW)).toContain(
    'Support may look into your Lab until 14:30'
  );
  expect(bannerText({ ...MINE, here: ['cora', 'dan'] }, NOW)).toContain(
    'cora, dan look into your Lab'
  );
});

it('a guest is told whose Lab it is, and that nothing can be changed', () => {
  const text = bannerText({ ...MINE, mine: false }, NOW);

  expect(text).toContain('the Lab of anna');
  expect(text).toContain('change and run nothing');
});

it('support is sent the address of the Lab, without what the owner looks at', () => {
  expect(addressOf('https://hub/user/anna/lab/tree/x.ipynb?reset')).toBe(
    'https://hub/user/anna/lab'
  );
  expect(addressOf('https://hub/user/anna/lab')).toBe(
    'https://hub/user/anna/lab'
  );
});
