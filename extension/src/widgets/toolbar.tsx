/** The controls above a picture. */

import {
  caretLeftIcon,
  caretRightIcon,
  linkIcon,
  notebookIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';
import { gradient, MapName, mapNames } from '../model/colormap';
import { fileName, numberText, shapeText } from '../model/text';
import { ViewModel } from '../model/view';
import { ITemplate, Scale } from '../types';
import { Against } from './against';
import { ExportButton, Handle } from './away';
import { CommittedField } from './committed';
import { detailsIcon, linkedIcon, templateIcon } from './icons';
import { LiveState } from './live';
import { Histogram } from './histogram';
import { IRegionActions } from './regionlist';
import { Slider } from './slider';
import { Views } from './views';

/** What the view asks of the application. */
export interface IActions extends IRegionActions {
  /** -1 is the scan before, 1 the one after; resolves to false at an end. */
  neighbour: (model: ViewModel, by: -1 | 1) => Promise<boolean>;
  /** Open the menu to copy, save and download below a button. */
  openExports: (button: HTMLElement) => void;
  /** The paths of the other scans that are open. */
  others: (model: ViewModel) => string[];
  /** Copy a link to what is shown. */
  copyLink: (model: ViewModel) => void;
  templatesFor: (technique: string) => Promise<ITemplate[]>;
  useTemplate: (template: ITemplate, model: ViewModel) => Promise<void>;
}

interface IProps {
  model: ViewModel;
  actions: IActions;
  panel: boolean;
  setPanel: (shown: boolean) => void;
}

export function Toolbar(props: IProps): React.ReactElement {
  const { model, actions, panel, setPanel } = props;
  const signal = model.signal;
  return (
    <div className="jp-Daisy-toolbar" role="toolbar" aria-label="Scan">
      <div className="jp-Daisy-toolRow">
        <Neighbours model={model} actions={actions} />
        {signal && <Handle code={() => model.code} title={model.code} />}
        <DatasetChoice model={model} />
        {signal && model.viewer?.name === 'Frames' && (
          <Against model={model} others={actions.others(model)} />
        )}
        <LiveState model={model} />
        <span className="jp-Daisy-space" />
        <Templates model={model} actions={actions} />
        <ExportButton open={button => actions.openExports(button)} />
        <button
          className="jp-mod-styled jp-Daisy-button jp-mod-accept"
          aria-label="Open in notebook"
          disabled={!signal}
          title={`Open in notebook: ${model.code}`}
          onClick={() => void actions.openInNotebook(model)}
        >
          <notebookIcon.react tag="span" />
          <span className="jp-Daisy-word">Open in notebook</span>
        </button>
        <button
          className="jp-Daisy-iconButton"
          aria-label="Copy link"
          title="Copy a link that opens this view, for anyone who may read the file"
          disabled={!signal}
          onClick={() => actions.copyLink(model)}
        >
          <linkIcon.react tag="span" />
        </button>
        {model.linked && (
          <button
            className="jp-mod-styled jp-Daisy-button"
            aria-label="Linked"
            aria-pressed="true"
            title={`Moved together with ${fileName(model.linked.partnerOf(model).path)}: a click sets both free`}
            onClick={() => model.linked?.end()}
          >
            <linkedIcon.react tag="span" className="jp-Daisy-sign" />
            <span className="jp-Daisy-word">Linked</span>
          </button>
        )}
        <button
          className="jp-Daisy-iconButton"
          aria-pressed={panel}
          aria-label="Details"
          title={`${panel ? 'Hide' : 'Show'} details (D)`}
          onClick={() => setPanel(!panel)}
        >
          <detailsIcon.react tag="span" />
        </button>
      </div>
      {signal && <Views model={model} />}
      {model.sliders.map(axis => (
        <Slider key={axis} model={model} axis={axis} />
      ))}
      {drawsPictures(model) && <Contrast model={model} />}
    </div>
  );
}

function Neighbours(props: {
  model: ViewModel;
  actions: IActions;
}): React.ReactElement {
  const { model, actions } = props;
  const [end, setEnd] = React.useState<number | null>(null);
  const button = (by: -1 | 1, label: string, icon: React.ReactNode) => (
    <button
      className="jp-Daisy-iconButton"
      aria-label={label}
      title={end === by ? `There is no ${label.toLowerCase()}` : label}
      disabled={end === by}
      onClick={() =>
        void actions.neighbour(model, by).then(found => {
          setEnd(found ? null : by);
        })
      }
    >
      {icon}
    </button>
  );
  return (
    <span className="jp-Daisy-pair">
      {button(-1, 'Previous scan', <caretLeftIcon.react tag="span" />)}
      {button(1, 'Next scan', <caretRightIcon.react tag="span" />)}
    </span>
  );
}

function DatasetChoice({ model }: { model: ViewModel }): React.ReactElement {
  const { plot, signal } = model;
  if (!plot || !signal) {
    return <span className="jp-Daisy-dataset" />;
  }
  const known = plot.signals.some(s => s.path === signal.path);
  const choices = known ? plot.signals : [signal, ...plot.signals];
  return (
    <span className="jp-Daisy-dataset">
      {choices.length > 1 ? (
        <select
          className="jp-Daisy-select"
          aria-label="Dataset"
          title={signal.path}
          value={signal.path}
          onChange={event => void model.choose(event.target.value)}
        >
          {choices.map(choice => (
            <option key={choice.path} value={choice.path}>
              {choice.path}
            </option>
          ))}
        </select>
      ) : (
        <code title={signal.path}>{signal.path}</code>
      )}
      <span className="jp-Daisy-muted">
        {shapeText(signal.shape)}, {signal.dtype}
      </span>
    </span>
  );
}

function Templates(props: {
  model: ViewModel;
  actions: IActions;
}): React.ReactElement | null {
  const { model, actions } = props;
  const technique = model.plot?.technique ?? '';
  const [found, setFound] = React.useState<ITemplate[]>([]);
  React.useEffect(() => {
    let here = true;
    if (technique) {
      void actions
        .templatesFor(technique)
        .then(templates => here && setFound(templates));
    }
    return () => {
      here = false;
    };
  }, [technique]);
  if (!found.length) {
    return null;
  }
  return (
    <button
      className="jp-mod-styled jp-Daisy-button"
      aria-label="Use template"
      title={`Use template: ${found[0].title}\n${found[0].description}`}
      onClick={() => void actions.useTemplate(found[0], model)}
    >
      <templateIcon.react tag="span" className="jp-Daisy-sign" />
      <span className="jp-Daisy-word">Use template</span>
    </button>
  );
}

function drawsPictures(model: ViewModel): boolean {
  return ['Frames', 'Map', 'Slices'].includes(model.viewer?.name ?? '');
}

function Contrast({ model }: { model: ViewModel }): React.ReactElement {
  const { look } = model;
  return (
    <div className="jp-Daisy-toolRow jp-Daisy-contrast">
      <label>contrast</label>
      {model.viewer?.name !== 'Map' && <Range model={model} />}
      <select
        className="jp-Daisy-select"
        aria-label="Scale"
        value={look.scale}
        onChange={event => model.setScale(event.target.value as Scale)}
      >
        <option value="linear">linear</option>
        <option value="log">log</option>
        <option value="sqrt">square root</option>
      </select>
      <select
        className="jp-Daisy-select"
        aria-label="Colours"
        value={look.map}
        onChange={event => model.setMap(event.target.value as MapName)}
      >
        {mapNames.map(name => (
          <option key={name}>{name}</option>
        ))}
      </select>
      {model.viewer?.name === 'Frames' && (
        <label
          className="jp-Daisy-check"
          title="Pixels that are masked or saturated have colours of their own"
        >
          <input
            type="checkbox"
            checked={look.marks}
            onChange={event => model.setMarks(event.target.checked)}
          />
          marks
        </label>
      )}
    </div>
  );
}

/** The ends of the contrast; a map has its own for each region. */
function Range({ model }: { model: ViewModel }): React.ReactElement {
  const { look } = model;
  const { lo, hi } = model.contrast;
  const framed = model.viewer?.name === 'Frames';
  return (
    <>
      <Bound
        name="Lower end of the contrast"
        value={lo}
        set={v => model.setContrast(v, hi)}
      />
      {framed ? (
        <Histogram model={model} />
      ) : (
        <span
          className="jp-Daisy-bar"
          style={{ background: gradient(look.map) }}
          aria-hidden="true"
        />
      )}
      <Bound
        name="Upper end of the contrast"
        value={hi}
        set={v => model.setContrast(lo, v)}
      />
      <button
        className="jp-mod-styled jp-Daisy-button"
        title="From the 0.5 to the 99.5 percent point of this frame"
        onClick={() => model.resetContrast()}
      >
        Auto
      </button>
      <label className="jp-Daisy-check" title="Choose it again for each frame">
        <input
          type="checkbox"
          aria-label="each frame"
          checked={look.eachFrame}
          onChange={event => model.setEachFrame(event.target.checked)}
        />
        <span className="jp-Daisy-word">each frame</span>
        <span className="jp-Daisy-sign">each</span>
      </label>
    </>
  );
}

function Bound(props: {
  name: string;
  value: number;
  set: (value: number) => void;
}): React.ReactElement {
  const { name, value, set } = props;
  return (
    <CommittedField
      label={name}
      text={numberText(value)}
      title={`${name}: ${value}`}
      className="jp-Daisy-bound"
      inputMode="decimal"
      commit={text => Number.isFinite(Number(text)) && set(Number(text))}
    />
  );
}
