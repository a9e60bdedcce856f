/** Several frames as one: along which axis, from where to where, and how. */

import { How } from '../types';

export interface IProjection {
  how: How;
  axis: number;
  first: number;
  end: number;
}

export const hows: [How, string][] = [
  ['max', 'maximum'],
  ['mean', 'mean'],
  ['std', 'std. deviation'],
  ['sum', 'sum']
];

/** What another scan has of the range; null where that is nothing. */
export function within(
  project: IProjection,
  shape: number[]
): IProjection | null {
  const length = shape[project.axis] ?? 0;
  const end = Math.min(project.end, length);
  return project.first < end ? { ...project, end } : null;
}

/** `max:0:3:10` in a link. */
export function projectionText({ how, axis, first, end }: IProjection): string {
  return [how, axis, first, end].join(':');
}

export function projectionOf(text: string): IProjection | null {
  const found = /^(max|mean|std|sum):(\d+):(\d+):(\d+)$/.exec(text);
  if (!found || Number(found[3]) >= Number(found[4])) {
    return null;
  }
  const [axis, first, end] = found.slice(2).map(Number);
  return { how: found[1] as How, axis, first, end };
}
