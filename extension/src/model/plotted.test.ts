import { expect, it } from 'vitest';
import { ticksOf } from './plotted';

it('ticks are round numbers, without the noise of adding them up', () => {
  expect(ticksOf([0, 1], 'linear', 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(ticksOf([7110.2, 7131], 'linear', 5)).toEqual([
    7115, 7120, 7125, 7130
  ]);
  expect(ticksOf([-3e-7, 2e-7], 'linear', 5)).toEqual([
    -3e-7, -2e-7, -1e-7, 0, 1e-7, 2e-7
  ]);
});

it('a logarithmic axis has powers of ten, and more of them where it is short', () => {
  expect(ticksOf([0.5, 3e5], 'log')).toEqual([1, 10, 100, 1000, 1e4, 1e5]);
  expect(ticksOf([15, 300], 'log')).toEqual([20, 50, 100, 200]);
});
