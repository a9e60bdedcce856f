import { describe, expect, it } from 'vitest';
import { IShown, lineOfCode } from './code';
import { ITurn, UPRIGHT } from './zoom';

const shown = (part: Partial<IShown>): IShown => ({
  axes: [1, 2],
  box: null,
  turn: UPRIGHT,
  ...part
});
const turn = (quarters: ITurn['quarters'], mirrored = false) => ({
  turn: { quarters, mirrored }
});

describe('the line of code', () => {
  const line = (index: (number | null)[], part: Partial<IShown>) =>
    lineOfCode('a.nxs', 'd', index, shown(part)).replace(
      'daisy.open("a.nxs")["d"]',
      ''
    );

  it('reads only the part that is in sight', () => {
    expect(line([12, null, null], { box: [3, 8, 0, 9] })).toBe(
      '[12, 3:8, 0:9]'
    );
    expect(line([null, 4, null], { axes: [0, 2], box: [1, 2, 3, 4] })).toBe(
      '[1:2, 4, 3:4]'
    );
  });

  it('turns and mirrors as the picture is turned, also where axes are exchanged', () => {
    expect(line([12, null, null], turn(1))).toBe('[12].T[:, ::-1]');
    expect(line([12, null, null], turn(2))).toBe('[12][::-1, ::-1]');
    expect(line([12, null, null], turn(3, true))).toBe('[12][:, ::-1].T[::-1]');
    expect(line([12, null, null], { axes: [2, 1] })).toBe('[12].T');
    expect(line([null, null], { axes: [0, 1], ...turn(1) })).toBe(
      '[:].T[:, ::-1]'
    );
    expect(line([12, null, null], {})).toBe('[12]');
  });

  it('takes the means of whole cells where the picture is binned', () => {
    const frame: [number, number] = [10, 12];
    expect(line([3, null, null], { frame, bin: 4 })).toBe(
      '[3, 0:8, 0:12].reshape(2, 4, 3, 4).mean(axis=(1, 3))'
    );
    expect(line([3, null, null], { frame: [8, 12], bin: 4 })).toBe(
      '[3].reshape(2, 4, 3, 4).mean(axis=(1, 3))'
    );
    const part: Partial<IShown> = { frame, bin: 2, box: [3, 9, 1, 4] };
    expect(line([3, null, null], part)).toBe(
      '[3, 2:10, 0:4].reshape(4, 2, 2, 2).mean(axis=(1, 3))'
    );
    expect(line([3, null, null], { ...part, axes: [2, 1], ...turn(2) })).toBe(
      '[3, 0:4, 2:10].reshape(2, 2, 4, 2).mean(axis=(1, 3)).T[::-1, ::-1]'
    );
    expect(line([3, null, null], { frame: [3, 3], bin: 4 })).toBe('[3]');
    expect(line([null, null], { axes: [0, 1], frame: [4, 4], bin: 2 })).toBe(
      '[:].reshape(2, 2, 2, 2).mean(axis=(1, 3))'
    );
  });

  it('takes a projection of the part while it reads', () => {
    const project = { how: 'max' as const, axis: 0, first: 2, end: 9 };
    expect(line([3, null, null], { project })).toBe(
      '.reduce("max", axis=0, selection=(slice(2, 9),))["max"]'
    );
    const std = { how: 'std' as const, axis: 1, first: 0, end: 4 };
    const part = { axes: [2, 3] as [number, number], project: std };
    expect(
      line([5, 0, null, null], { ...part, box: [1, 2, 3, 4], ...turn(2) })
    ).toBe(
      '(.reduce("var", axis=0, selection=(5, slice(0, 4), slice(1, 2), slice(3, 4),))["var"] ** 0.5)[::-1, ::-1]'
    );
  });

  it('compares with another scan in floats, and turns what comes out', () => {
    const against = { kind: 'minus' as const, other: 'b.nxs' };
    expect(line([12, null, null], { against })).toBe(
      '[12].astype(float) - daisy.open("b.nxs")["d"][12]'
    );
    const over = { kind: 'over' as const, other: 'b.nxs' };
    expect(
      line([null, null], { axes: [0, 1], against: over, ...turn(2) })
    ).toBe('([:] / daisy.open("b.nxs")["d"][:])[::-1, ::-1]');
  });

  it('takes the same part of the flat field', () => {
    const against = { kind: 'flat' as const, other: '' };
    const [first, second] = lineOfCode(
      'a.nxs',
      'd',
      [12, null, null],
      shown({ against, box: [3, 8, 0, 9] })
    ).split('\n');
    expect(first).toBe(
      'beam = daisy.apps.tomography.load(daisy.open("a.nxs")).references()'
    );
    expect(second).toBe(
      '(daisy.open("a.nxs")["d"][12, 3:8, 0:9] - beam.dark_field[3:8, 0:9])' +
        ' / (beam.flat_before[3:8, 0:9] - beam.dark_field[3:8, 0:9])'
    );
    const sinogram = lineOfCode(
      'a.nxs',
      'd',
      [null, 20, null],
      shown({ against, axes: [0, 2] })
    );
    expect(sinogram).toContain('beam.dark_field[20, :]');
  });
});
