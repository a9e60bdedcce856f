/** Makes a mask of regions, bounds and the detector's own mask, and saves it. */

import * as React from 'react';
import { Api } from '../api';
import { reasonOf } from '../model/reason';
import { ViewModel } from '../model/view';
import { IMaskRequest, IMaskRules } from '../types';
import { useAnswer } from '../viewers/answer';

export function MaskTool(props: {
  model: ViewModel;
  api: Api;
}): React.ReactElement {
  const [open, setOpen] = React.useState(false);
  return (
    <details
      className="jp-Daisy-mask"
      open={open}
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary>Mask</summary>
      {open && <Maker {...props} />}
    </details>
  );
}

function Maker(props: { model: ViewModel; api: Api }): React.ReactElement {
  const { model, api } = props;
  const [inside, setInside] = React.useState(true);
  const [detector, setDetector] = React.useState(true);
  const [below, setBelow] = React.useState('');
  const [above, setAbove] = React.useState('');
  const [saved, setSaved] = React.useState<string | null>(null);
  const [error, setError] = React.useState('');
  const shown = model.regions.shown;
  const rules: IMaskRules = {
    drawn: inside
      ? shown.map(({ kind, points, width }) => ({
          kind,
          points: points.flatMap(p => [p.row, p.column]),
          width
        }))
      : [],
    below: boundOf(below),
    above: boundOf(above),
    detector
  };
  const request: IMaskRequest = {
    path: model.path,
    node: model.signal?.path ?? '',
    index: model.index,
    axes: model.look.axes,
    rules
  };
  const key = JSON.stringify(request);
  const count = useAnswer(key, signal => api.mask(request, signal));
  React.useEffect(() => setSaved(null), [key]);

  const save = async () => {
    setError('');
    try {
      setSaved((await api.mask({ ...request, save: true })).file ?? '');
    } catch (failure) {
      setError(`The mask was not saved: ${reasonOf(failure)}`);
    }
  };
  const check = (
    label: string,
    value: boolean,
    set: (value: boolean) => void
  ) => (
    <label className="jp-Daisy-check">
      <input
        type="checkbox"
        checked={value}
        onChange={event => set(event.target.checked)}
      />
      {label}
    </label>
  );
  const { value } = count;
  return (
    <>
      {check(`pixels in the regions (${shown.length})`, inside, setInside)}
      <button
        className="jp-mod-styled jp-Daisy-button"
        aria-pressed={model.regions.tool === 'pixels'}
        title="Drag on the picture; what is painted is a region like others"
        onClick={() => model.regions.take('pixels')}
      >
        Paint single pixels
      </button>
      {check("the detector's own mask", detector, setDetector)}
      <Bound label="below" value={below} set={setBelow} />
      <Bound label="above" value={above} set={setAbove} />
      <p role="status" className="jp-Daisy-muted">
        {value
          ? `${value.masked} of ${value.pixels} pixels are masked`
          : count.busy
            ? 'counting…'
            : ''}
      </p>
      {(count.error || error) && (
        <div className="jp-Daisy-error" role="alert">
          {error || count.error}
        </div>
      )}
      <button
        className="jp-mod-styled jp-Daisy-button"
        disabled={!value?.masked}
        title="As a NeXus pixel_mask, into the folder daisy-masks of your home"
        onClick={() => void save()}
      >
        Save mask
      </button>
      {saved && (
        <p role="status">
          Saved as <code>{saved}</code>
        </p>
      )}
    </>
  );
}

function Bound(props: {
  label: string;
  value: string;
  set: (value: string) => void;
}): React.ReactElement {
  const { label, value, set } = props;
  const wrong = value.trim() !== '' && boundOf(value) === null;
  return (
    <label className="jp-Daisy-maskBound">
      values {label}{' '}
      <input
        type="text"
        inputMode="decimal"
        className="jp-mod-styled"
        aria-label={`Mask values ${label}`}
        aria-invalid={wrong}
        title={wrong ? `“${value}” is not a number` : ''}
        value={value}
        onChange={event => set(event.target.value)}
      />
    </label>
  );
}

function boundOf(text: string): number | null {
  const number = Number(text);
  return text.trim() && Number.isFinite(number) ? number : null;
}
