import { expect, it } from 'vitest';
import { IStep, STEPS, Walk } from './steps';

const steps = ['a', 'b', 'c'].map(at => ({ title: at, text: '', at }) as IStep);

it('what is not on the page is left out, both ways', async () => {
  const walk = new Walk(steps, step => Promise.resolve(step.at !== 'b'));
  expect((await walk.go(1))?.at).toBe('a');
  expect((await walk.go(1))?.at).toBe('c');
  expect((await walk.go(-1))?.at).toBe('a');
});

it('it stays at the first step, and ends behind the last', async () => {
  const walk = new Walk(steps, () => Promise.resolve(true));
  await walk.go(1);
  expect((await walk.go(-1))?.at).toBe('a');
  await walk.go(1);
  await walk.go(1);
  expect([await walk.go(1), walk.number, walk.count]).toEqual([null, 3, 3]);
});

it('three minutes are enough to read it', () => {
  const words = STEPS.flatMap(step => `${step.title} ${step.text}`.split(' '));
  expect(words.length).toBeLessThan(3 * 150);
});
