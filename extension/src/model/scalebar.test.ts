import { describe, expect, it } from 'vitest';
import { ISignalData } from '../types';
import { pixelSizeOf, scaleBar } from './scalebar';

const signal = (part: object): ISignalData =>
  ({
    dimensions: [
      { name: null, units: null, values: null },
      { name: 'x', units: 'mm', values: [0, 0.5, 1, 1.5] },
      { name: 'y', units: 'mm', values: [0, 0.5, 3, 1.5] },
      { name: 'z', units: null, values: [0, 1, 2, 3] }
    ],
    ...part
  }) as unknown as ISignalData;

describe('scale bar', () => {
  it('is as long as it says', () => {
    const bar = scaleBar({ size: 75e-6, units: 'm' }, 0.5, 150);
    // 300 pixels of the detector, 22.5 mm: the next round length is 20 mm
    expect(bar.text).toBe('20 mm');
    expect(bar.length).toBeCloseTo((20e-3 / 75e-6) * 0.5);
  });

  it.each([
    [{ size: 75, units: 'um' }, '10 mm'],
    [{ size: 0.65, units: 'µm' }, '50 µm'],
    [{ size: 20, units: 'nm' }, '2 µm'],
    [{ size: 0.1, units: 'deg' }, '10 deg'],
    [{ size: 2, units: 'mm' }, '200 mm'],
    [{ size: 1, units: 'microns' }, '100 µm']
  ])('has round lengths in readable units: %o', (size, text) => {
    const bar = scaleBar(size, 1, 140);
    expect(bar.text).toBe(text);
    expect(bar.length).toBeGreaterThan(50);
    expect(bar.length).toBeLessThanOrEqual(140);
  });

  it('goes by the axis where that is even, else by the detector', () => {
    const pixels = [null, { size: 9, units: 'm' }, { size: 7, units: 'um' }];
    const made = signal({ pixels });
    expect(pixelSizeOf(made, 1)).toEqual({ size: 0.5, units: 'mm' });
    expect(pixelSizeOf(made, 2)).toEqual({ size: 7, units: 'um' });
    expect(pixelSizeOf(made, 0)).toBeNull();
    expect(pixelSizeOf(signal({}), 3)).toBeNull();
  });
});
