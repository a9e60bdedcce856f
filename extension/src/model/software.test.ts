import { expect, it } from 'vitest';
import { SoftwareNews } from './software';

function newsOf(...answers: (string | Error)[]) {
  let kept: string | undefined;
  const api = {
    otherSoftware: () => {
      const next = answers.shift();
      return next instanceof Error
        ? Promise.reject(next)
        : Promise.resolve(next ?? '');
    }
  };
  return new SoftwareNews(api, {
    told: () => Promise.resolve(kept),
    remember: name => {
      kept = name;
      return Promise.resolve();
    }
  });
}

it('other software is told once, and the next one once more', async () => {
  const news = newsOf('user-2', 'user-2', '', 'user-3');

  const told = [];
  for (let i = 0; i < 4; i++) {
    told.push(await news.look());
  }

  expect(told).toEqual([true, false, false, true]);
});

it('the same software, and an answer that does not come, are no news', async () => {
  const news = newsOf('', new Error('away'), 'user-2');

  expect(await news.look()).toBe(false);
  expect(await news.look()).toBe(false);
  expect(await news.look()).toBe(true);
});
