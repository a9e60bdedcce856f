/** Which viewer shows the dataset, and which of its axes are drawn. */

import * as React from 'react';
import { axisLabel } from '../model/axes';
import { bins, binText } from '../model/bins';
import { ViewModel } from '../model/view';
import { rulesFor, ViewerName } from '../model/rules';
import { viewerIcons } from './icons';
import { Projection } from './projection';

export function Views({ model }: { model: ViewModel }): React.ReactElement {
  return (
    <div className="jp-Daisy-toolRow jp-Daisy-views">
      <Tabs model={model} />
      <Axes model={model} />
    </div>
  );
}

/** What stands for the name of a viewer in a narrow view. */
function Sign({ name }: { name: ViewerName }): React.ReactElement {
  const Icon = viewerIcons[name];
  return <Icon.react tag="span" className="jp-Daisy-sign" />;
}

function Tabs({ model }: { model: ViewModel }): React.ReactElement {
  const names = rulesFor(model.signal!).map(rule => rule.name);
  const chosen = model.viewer?.name;
  const keys = (event: React.KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) {
      const at = names.findIndex(name => name === chosen) + by;
      const next = names[(at + names.length) % names.length];
      model.setViewer(next);
      const tabs = event.currentTarget.querySelectorAll('button');
      tabs[names.indexOf(next)]?.focus();
      event.preventDefault();
      event.stopPropagation();
    }
  };
  return (
    <div
      className="jp-Daisy-tabs"
      role="tablist"
      aria-label="Viewers"
      onKeyDown={keys}
    >
      {names.map(name => (
        <button
          key={name}
          role="tab"
          aria-label={name}
          title={name}
          aria-selected={name === chosen}
          tabIndex={name === chosen ? 0 : -1}
          onClick={() => model.setViewer(name)}
        >
          <Sign name={name} />
          <span className="jp-Daisy-word">{name}</span>
        </button>
      ))}
    </div>
  );
}

/** Any two axes can be rows and columns; a curve runs along any one. */
function Axes({ model }: { model: ViewModel }): React.ReactElement | null {
  const signal = model.signal!;
  const viewer = model.viewer?.name;
  if (signal.shape.length < 2) {
    return null;
  }
  if (viewer === 'Line') {
    const set = (axis: number) => model.setAlong(axis);
    const [along] = model.drawn;
    return (
      <AxisChoice
        model={model}
        label="Along"
        sign="↔"
        value={along}
        set={set}
      />
    );
  }
  if (viewer !== 'Frames' && viewer !== 'Table' && viewer !== 'Map') {
    return null;
  }
  const framesOfMap = viewer === 'Map' && signal.spectral === null;
  return (
    <>
      {!framesOfMap && (
        <>
          <AxisChoice
            model={model}
            label="Rows"
            sign="↕"
            value={model.look.axes[0]}
            set={axis => model.setAxis(0, axis)}
          />
          <AxisChoice
            model={model}
            label="Columns"
            sign="↔"
            value={model.look.axes[1]}
            set={axis => model.setAxis(1, axis)}
          />
        </>
      )}
      {viewer === 'Frames' && (
        <>
          <Projection model={model} />
          <BinChoice model={model} />
        </>
      )}
      {viewer !== 'Table' && (
        <label className="jp-Daisy-check" title="A pixel as wide as it is high">
          <input
            type="checkbox"
            aria-label="square pixels"
            checked={model.square}
            onChange={event => model.setSquare(event.target.checked)}
          />
          <span className="jp-Daisy-word">square pixels</span>
          <span className="jp-Daisy-sign">1:1</span>
        </label>
      )}
    </>
  );
}

function BinChoice({ model }: { model: ViewModel }): React.ReactElement {
  return (
    <select
      className="jp-Daisy-select"
      aria-label="Binning"
      title="So many pixels each way as their mean"
      value={model.look.bin}
      onChange={event => model.setBin(Number(event.target.value))}
    >
      {bins.map(bin => (
        <option key={bin} value={bin}>
          {bin === 1 ? 'not binned' : `bin ${binText(bin)}`}
        </option>
      ))}
    </select>
  );
}

function AxisChoice(props: {
  model: ViewModel;
  label: string;
  /** Stands for the label in a narrow view. */
  sign: string;
  value: number;
  set: (axis: number) => void;
}): React.ReactElement {
  const { model, label, sign, value, set } = props;
  const signal = model.signal!;
  const inMap = model.viewer?.name === 'Map';
  return (
    <label
      className="jp-Daisy-choice"
      title={`${label}: ${axisLabel(signal, value)} (${signal.shape[value]})`}
    >
      <span className="jp-Daisy-word">{label}</span>
      <span className="jp-Daisy-sign">{sign}</span>
      <select
        className="jp-Daisy-select"
        aria-label={label}
        value={value}
        onChange={event => set(Number(event.target.value))}
      >
        {signal.shape.map((length, axis) =>
          inMap && axis === signal.spectral ? null : (
            <option key={axis} value={axis}>
              {axisLabel(signal, axis)} ({length})
            </option>
          )
        )}
      </select>
    </label>
  );
}
