/** A bar that says how long something is in the file's units. */

import { IAxis, ISignalData } from '../types';

export interface IPixelSize {
  size: number;
  units: string;
}

export interface IScaleBar {
  /** Screen pixels. */
  length: number;
  text: string;
}

/** Metres: names as they are found in files. */
const LENGTHS: Record<string, number> = {
  m: 1,
  metre: 1,
  meter: 1,
  cm: 1e-2,
  mm: 1e-3,
  millimeter: 1e-3,
  um: 1e-6,
  µm: 1e-6,
  μm: 1e-6,
  micron: 1e-6,
  microns: 1e-6,
  micrometer: 1e-6,
  nm: 1e-9,
  nanometer: 1e-9
};

const PREFIXES: [number, string][] = [
  [1, 'm'],
  [1e-3, 'mm'],
  [1e-6, 'µm'],
  [1e-9, 'nm'],
  [1e-12, 'pm']
];

/** The step from one position of an axis to the next, where it is always the same. */
function stepOf(axis: IAxis | undefined): IPixelSize | null {
  const { values, units } = axis ?? {};
  if (!units || !values || values.length < 2) {
    return null;
  }
  const [first, last] = [values[0], values[values.length - 1]];
  if (first === null || last === null) {
    return null;
  }
  const step = (last - first) / (values.length - 1);
  const even = values.every(
    (value, i) =>
      value !== null &&
      Math.abs(value - first - i * step) < Math.abs(step) * 0.02
  );
  return even && step ? { size: Math.abs(step), units } : null;
}

/** How far it is from one pixel to the next: by the axis, else by the detector. */
export function pixelSizeOf(
  signal: ISignalData,
  axis: number
): IPixelSize | null {
  return stepOf(signal.dimensions[axis]) ?? signal.pixels?.[axis] ?? null;
}

/** A round length of about `wanted` screen pixels. */
export function scaleBar(
  { size, units }: IPixelSize,
  zoom: number,
  wanted: number
): IScaleBar {
  const metres = LENGTHS[units.trim().replace(/s$/, '')] ?? LENGTHS[units];
  const perPixel = size / zoom;
  const length = rounded(perPixel * wanted);
  const text =
    metres === undefined
      ? `${tidy(length)} ${units}`
      : lengthText(rounded(perPixel * wanted * metres));
  const shown =
    metres === undefined
      ? length
      : rounded(perPixel * wanted * metres) / metres;
  return { length: shown / perPixel, text };
}

/** 1, 2 or 5 times a power of ten, not above the value. */
function rounded(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = [5, 2, 1].find(n => n * power <= value * (1 + 1e-9)) ?? 1;
  return digit * power;
}

function lengthText(metres: number): string {
  const [unit, name] =
    PREFIXES.find(([size]) => metres >= size * (1 - 1e-9)) ??
    PREFIXES[PREFIXES.length - 1];
  return `${tidy(metres / unit)} ${name}`;
}

function tidy(value: number): number {
  return Number(value.toPrecision(6));
}
