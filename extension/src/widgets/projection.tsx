/** Several frames as one picture: maximum, mean, standard deviation or sum. */

import * as React from 'react';
import { axisLabel, othersOf } from '../model/axes';
import { hows, IProjection } from '../model/projection';
import { ViewModel } from '../model/view';
import { How } from '../types';
import { CommittedField } from './committed';

export function Projection({
  model
}: {
  model: ViewModel;
}): React.ReactElement | null {
  const signal = model.signal!;
  const { project } = model;
  const axis = othersOf(signal.shape.length, model.drawn)
    .filter(a => signal.shape[a] > 1)
    .pop();
  if (axis === undefined) {
    return null;
  }
  const length = signal.shape[axis];
  const choose = (how: string) =>
    model.setProject(
      how ? { first: 0, end: length, ...project, axis, how: how as How } : null
    );
  return (
    <>
      <select
        className="jp-Daisy-select"
        aria-label="Projection"
        title="Several frames as one picture: largest value, mean, standard deviation or sum"
        value={project?.how ?? ''}
        onChange={event => choose(event.target.value)}
      >
        <option value="">one {axisLabel(signal, axis)}</option>
        {hows.map(([how, name]) => (
          <option key={how} value={how}>
            {name}
          </option>
        ))}
      </select>
      {project && <Range model={model} project={project} length={length} />}
    </>
  );
}

function Range(props: {
  model: ViewModel;
  project: IProjection;
  length: number;
}): React.ReactElement {
  const { model, project, length } = props;
  const { first, end } = project;
  const set = (from: number, to: number) => {
    if (from >= 0 && from <= to && to < length) {
      model.setProject({ ...project, first: from, end: to + 1 });
    }
  };
  return (
    <span className="jp-Daisy-range">
      <End name="First" value={first} set={from => set(from, end - 1)} />
      to
      <End name="Last" value={end - 1} set={to => set(first, to)} />
    </span>
  );
}

/** Taken over when the field is left or with Enter: a stack is read for each. */
function End(props: {
  name: string;
  value: number;
  set: (value: number) => void;
}): React.ReactElement {
  const { name, value, set } = props;
  return (
    <CommittedField
      label={`${name} position of the projection`}
      text={`${value}`}
      inputMode="numeric"
      commit={text => /^\d+$/.test(text) && set(Number(text))}
    />
  );
}
