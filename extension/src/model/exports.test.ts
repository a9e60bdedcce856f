import { expect, it } from 'vitest';
import { ISignalData } from '../types';
import { axesOf, bytesOf, curvesWish, formatsFor, shownPart } from './exports';
import { ViewModel } from './view';

const signal = {
  shape: [24, 256, 384],
  dtype: 'uint16',
  bytes: 2 * 24 * 256 * 384
} as ISignalData;

function model(parts: object): ViewModel {
  const look = { axes: [1, 2], box: null };
  return {
    signal,
    viewer: { name: 'Frames' },
    selection: [3, null, null],
    project: null,
    look,
    ...parts
  } as unknown as ViewModel;
}

it('what is shown is a frame, and only its box after a zoom', () => {
  const axes = [1, 2];
  const box = [10.2, 20.4, -3, 999];
  expect(shownPart(model({}))).toBe('3,:,:');
  expect(shownPart(model({ look: { axes, box } }))).toBe('3,10:21,0:384');
  expect(shownPart(model({ look: { axes: [2, 1], box: [0, 9, 5, 7] } }))).toBe(
    '3,5:7,0:9'
  );
  const project = { how: 'max', axis: 0, first: 2, end: 9 };
  expect(shownPart(model({ project }))).toBe('2:9,:,:');
  expect(
    shownPart(model({ viewer: { name: 'Line' }, look: { axes, box } }))
  ).toBe('3,:,:');
});

it('frames that are shown as one go away as frames', () => {
  const project = { how: 'mean', axis: 0, first: 2, end: 9 };
  expect(shownPart(model({ project }))).toBe('2:9,:,:');
});

it('all of it needs no selection', () => {
  expect(shownPart(model({ selection: [null, null, null] }))).toBe('');
});

it('the size is that of the numbers', () => {
  expect(bytesOf(signal, '')).toBe(signal.bytes);
  expect(bytesOf(signal, '3,:,:')).toBe(2 * 256 * 384);
  expect(bytesOf(signal, '3,10:21,5')).toBe(22);
  expect(axesOf(signal, '3,10:21,5')).toBe(1);
});

it('a line is no picture, a stack no text, and complex numbers no pixels', () => {
  const complex = { ...signal, dtype: 'complex128' };
  expect(formatsFor(signal, '3,:,5')).toEqual(['npy', 'csv', 'h5']);
  expect(formatsFor(signal, '')).toEqual([
    'tiff',
    'tiff8',
    'tiff16',
    'npy',
    'h5'
  ]);
  expect(formatsFor(complex, '3,:,:')).toEqual(['npy', 'csv', 'h5']);
});

it('curves go away as they are drawn: which, over what, and in which range', () => {
  const curves = [{ node: 'entry/mu', index: [3], label: 'frame 3' }];
  const drawn = { curves, axis: 1, x: '', over: 'entry/mu', offset: 0.5 };
  const wish = curvesWish('raw/a.nxs', { ...drawn, within: [7100.5, 7200] });
  expect(JSON.parse(`${wish.curves}`)).toEqual(curves);
  expect(wish).toMatchObject({
    path: 'raw/a.nxs',
    format: 'csv',
    axis: 1,
    over: 'entry/mu',
    offset: 0.5,
    within: '7100.5,7200'
  });
  expect(curvesWish('a', { ...drawn, within: null }).within).toBeUndefined();
});
