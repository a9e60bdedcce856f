/** What the server says of a region: asked for once it stays where it is. */

import { Api } from '../api';
import { IRegion } from '../model/shapes';
import { ViewModel } from '../model/view';
import { IRegionData, IRegionRequest } from '../types';
import { IAnswer, useAnswer } from './answer';

const REST = 80; // milliseconds
const MOST = 100;

/** Answers by request, as long as a file stays open as it was. */
const known = new WeakMap<object, Map<string, Promise<IRegionData>>>();

export function useRegion(
  api: Api,
  model: ViewModel,
  region: IRegion | null
): IAnswer<IRegionData> {
  const request = region && requestOf(model, region);
  const key = request ? JSON.stringify(request) : '';
  return useAnswer(key, signal =>
    request && model.plot
      ? asked(api, request, key, model.plot, signal)
      : new Promise<IRegionData>(() => undefined)
  );
}

function requestOf(model: ViewModel, region: IRegion): IRegionRequest {
  const { path, index } = model;
  return {
    path,
    node: model.signal?.path ?? '',
    axes: model.look.axes,
    index,
    kind: region.kind,
    points: region.points.flatMap(p => [p.row, p.column]),
    width: region.width,
    ...model.computed
  };
}

async function asked(
  api: Api,
  request: IRegionRequest,
  key: string,
  opened: object,
  signal: AbortSignal
): Promise<IRegionData> {
  const answers = known.get(opened) ?? new Map<string, Promise<IRegionData>>();
  known.set(opened, answers);
  const there = answers.get(key);
  if (there) {
    return there;
  }
  await new Promise(resolve => setTimeout(resolve, REST));
  if (signal.aborted) {
    throw new DOMException('no longer wanted', 'AbortError');
  }
  const answer = answers.get(key) ?? api.region(request);
  answers.set(key, answer);
  answer.catch(() => answers.delete(key));
  for (const oldest of answers.keys()) {
    if (answers.size <= MOST) {
      break;
    }
    answers.delete(oldest);
  }
  return answer;
}
