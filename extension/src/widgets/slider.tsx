/** The position on an axis that is not drawn, and a button that plays along it. */

import { caretRightIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { axisLabel, positionText } from '../model/axes';
import { speeds } from '../model/play';
import { ViewModel } from '../model/view';
import { FollowButton } from './live';

export function Slider(props: {
  model: ViewModel;
  axis: number;
}): React.ReactElement {
  const { model, axis } = props;
  const signal = model.signal!;
  const length = signal.shape[axis];
  const position = model.look.position[axis] ?? 0;
  const label = axisLabel(signal, axis);
  const value = positionText(signal.dimensions[axis], position);
  const told = `of ${length}${value && ` · ${value}`}`;
  const move = (event: React.ChangeEvent<HTMLInputElement>) => {
    model.play.stop();
    model.move(axis, Number(event.target.value));
  };
  return (
    <div className="jp-Daisy-toolRow jp-Daisy-slider">
      <label title={label}>{label}</label>
      <PlayButton model={model} axis={axis} label={label} />
      {axis === 0 && <FollowButton model={model} />}
      <input
        type="range"
        aria-label={label}
        min={0}
        max={Math.max(length - 1, 0)}
        value={position}
        disabled={length < 2}
        onChange={move}
      />
      <input
        type="number"
        className="jp-mod-styled"
        aria-label={`${label}, position`}
        min={0}
        max={Math.max(length - 1, 0)}
        value={position}
        onChange={move}
      />
      <span className="jp-Daisy-muted jp-Daisy-axisValue" title={told}>
        {told}
      </span>
      {model.play.axis === axis && <Speed model={model} />}
    </div>
  );
}

function PlayButton(props: {
  model: ViewModel;
  axis: number;
  label: string;
}): React.ReactElement {
  const { model, axis, label } = props;
  const playing = model.play.axis === axis;
  const Icon = playing ? stopIcon : caretRightIcon;
  const title = `${playing ? 'Stop' : 'Play'} ${label}`;
  return (
    <button
      className="jp-Daisy-iconButton"
      aria-label={title}
      title={title}
      disabled={model.signal!.shape[axis] < 2}
      onClick={() => model.togglePlay(axis)}
    >
      <Icon.react tag="span" />
    </button>
  );
}

function Speed({ model }: { model: ViewModel }): React.ReactElement {
  const { speed, loops } = model.play;
  return (
    <>
      <select
        className="jp-Daisy-select"
        aria-label="Frames per second, at most"
        title="Frames per second, at most: each one is waited for"
        value={speed}
        onChange={event => model.setPlay(Number(event.target.value), loops)}
      >
        {speeds.map(n => (
          <option key={n} value={n}>
            {n} / s
          </option>
        ))}
      </select>
      <label className="jp-Daisy-check">
        <input
          type="checkbox"
          checked={loops}
          onChange={event => model.setPlay(speed, event.target.checked)}
        />
        loop
      </label>
    </>
  );
}
