import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Attention } from './attention';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function isOver(pause: Promise<void>): Promise<boolean> {
  let over = false;
  void pause.then(() => (over = true));
  await vi.advanceTimersByTimeAsync(0);
  return over;
}

it('a pause lasts as long as it says while the page is seen', async () => {
  const pause = new Attention().pause(1000);
  await vi.advanceTimersByTimeAsync(999);
  expect(await isOver(pause)).toBe(false);

  await vi.advanceTimersByTimeAsync(1);

  expect(await isOver(pause)).toBe(true);
});

it('a pause lasts until a hidden page is seen again', async () => {
  const attention = new Attention();
  attention.here = false;
  const pause = attention.pause(1000);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await isOver(pause)).toBe(false);

  attention.here = true;

  expect(await isOver(pause)).toBe(true);
});

it('only a change is told', () => {
  const attention = new Attention();
  const told = vi.fn();
  attention.changed.connect(told);

  attention.here = true;
  attention.here = false;
  attention.here = false;

  expect(told).toHaveBeenCalledTimes(1);
});
