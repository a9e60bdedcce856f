import { expect, it, vi } from 'vitest';
import { ICluster, IClusters } from '../types';
import { ClustersModel, isChanging, workersText } from './clusters';

const UP: ICluster = {
  name: 'abc',
  state: 'running',
  workers: 2,
  wanted: 2,
  most: 4,
  started: 0,
  page: ''
};

function told(clusters: ICluster[], note = ''): IClusters {
  return { available: true, note, clusters };
}

function modelOf(items: ICluster[]) {
  const api = {
    clusters: vi.fn(() => Promise.resolve(told(items))),
    scaleCluster: vi.fn((_: string, wanted: number) =>
      Promise.resolve(told([{ ...UP, wanted }]))
    ),
    stopCluster: vi.fn(() => Promise.resolve(told([])))
  };
  return { api, model: new ClustersModel(api) };
}

it('a wish shows at once, before the workers are there', async () => {
  const { model } = modelOf([UP]);

  await model.scale('abc', 3);

  expect(model.items[0].wanted).toBe(3);
  expect(workersText(model.items[0])).toBe('2 of 3 workers');
  expect(isChanging(model.items[0])).toBe(true);
});

it('what the gateway says of a wish is told, and so is a refusal', async () => {
  const { api, model } = modelOf([UP]);
  api.scaleCluster.mockResolvedValueOnce(told([UP], 'Scaling to 2 instead'));
  await model.scale('abc', 9);
  expect(model.note).toBe('Scaling to 2 instead');

  api.stopCluster.mockRejectedValueOnce(new Error('it does not answer'));
  await model.stop('abc');

  expect(model.note).toContain('it does not answer');
  expect(model.items).toEqual([UP]);
});

it('workers are counted in words', () => {
  expect(workersText({ ...UP, workers: 1, wanted: 1 })).toBe('1 worker');
  expect(workersText({ ...UP, workers: null })).toBe('');
  expect(workersText({ ...UP, workers: 0, wanted: 0 })).toBe('0 workers');
});
