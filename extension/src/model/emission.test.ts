import { describe, expect, it } from 'vitest';
import {
  channelsOf,
  electronvolts,
  emissions,
  emissionsIn,
  widthAt
} from './emission';

const energyOf = (element: string, line: string) =>
  emissions.find(e => e.element === element && e.line === line)?.energy ?? 0;

describe('emission lines', () => {
  it('are those of the X-ray Data Booklet, within 10 eV up to zinc', () => {
    const booklet: [string, string, number][] = [
      ['Ca', 'Kα', 3692],
      ['Fe', 'Kα', 6404],
      ['Fe', 'Kβ', 7058],
      ['Cu', 'Kα', 8048],
      ['Zn', 'Kα', 8639],
      ['Zn', 'Kβ', 9572]
    ];
    for (const [element, line, energy] of booklet) {
      expect(Math.abs(energyOf(element, line) - energy)).toBeLessThan(10);
    }
    expect(Math.abs(energyOf('Pb', 'Lα') - 10552)).toBeLessThan(15);
  });

  it('are as wide as a silicon drift detector sees them', () => {
    expect(widthAt(5895)).toBeGreaterThan(125);
    expect(widthAt(5895)).toBeLessThan(150);
  });

  it('are offered where the spectrum reaches', () => {
    const names = emissionsIn(6000, 8000).map(e => `${e.element} ${e.line}`);
    expect(names).toContain('Fe Kα');
    expect(names).not.toContain('Zn Kα');
  });

  it('become channels of an axis in eV or keV', () => {
    const keV = Array.from({ length: 1000 }, (_, i) => i * 0.02);
    const [first, end] = channelsOf(6404, keV, electronvolts('keV')!)!;
    expect(keV[first]).toBeCloseTo(6.26, 1);
    expect(keV[end - 1]).toBeCloseTo(6.54, 1);
    expect(channelsOf(6404, [1, 2], 1)).toBeNull();
    expect(electronvolts('mm')).toBeNull();
  });
});
