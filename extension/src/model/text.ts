/** How numbers, sizes and values are written for a reader. */

import { IDescription, Value } from '../types';

export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** A result by its scan and run; the file of a run has the same name everywhere. */
export function resultName(name: string): string {
  const [scan, run, file, ...deeper] = name.split('/');
  return file && !deeper.length ? `${scan} · ${run}` : name;
}

export function shapeText(shape: number[]): string {
  return shape.length ? shape.join(' × ') : 'scalar';
}

/** Four significant digits, and no exponent where it can be read without. */
export function numberText(value: number | string | null): string {
  if (value === null || typeof value === 'string') {
    return value ?? '–';
  }
  if (Number.isInteger(value) && Math.abs(value) < 1e7) {
    return `${value}`;
  }
  const size = Math.abs(value);
  return size >= 1e6 || size < 1e-3
    ? value.toExponential(3)
    : `${Number(value.toPrecision(4))}`;
}

export function dateText(seconds: number, today = new Date()): string {
  const date = new Date(seconds * 1000);
  const pad = (n: number) => `${n}`.padStart(2, '0');
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  if (date.toDateString() === today.toDateString()) {
    return time;
  }
  const day = dayText(date);
  return `${day} ${time}`;
}

/** The time for today, else the day, without the year if it is this one. */
export function shortDateText(seconds: number, today = new Date()): string {
  const date = new Date(seconds * 1000);
  if (date.toDateString() === today.toDateString()) {
    return dateText(seconds, today);
  }
  const day = dayText(date);
  const thisYear = date.getFullYear() === today.getFullYear();
  return thisYear ? day.slice(5) : day;
}

function dayText(date: Date): string {
  const pad = (n: number) => `${n}`.padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

export function valueText(value: Value): string {
  if (value === null) {
    return '–';
  }
  if (Array.isArray(value)) {
    return `[${value.map(valueText).join(', ')}]`;
  }
  if (typeof value === 'object') {
    const parts = Object.entries(value).map(
      ([k, v]) => `${k}: ${valueText(v)}`
    );
    return `{${parts.join(', ')}}`;
  }
  return `${value}`;
}

export function storageText(node: IDescription): string {
  const packed = node.filters.length ? node.filters.join(', ') : 'no filter';
  const chunks = node.chunks
    ? `chunks of ${shapeText(node.chunks)}`
    : 'contiguous';
  return `${chunks}, ${packed}`;
}

export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
