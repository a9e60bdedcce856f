/** The regions of a view in the details: names, statistics, files. */

import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { Api } from '../api';
import { profileCsv } from '../model/regions';
import { describeRegion, IRegion } from '../model/shapes';
import { numberText } from '../model/text';
import { ViewModel } from '../model/view';
import { Exact, IRegionData } from '../types';
import { Handle } from './away';
import { MaskTool } from './masks';
import { useRegion } from '../viewers/regiondata';

export interface IRegionActions {
  /** Put code into the active notebook, or into a new one. */
  openInNotebook: (model: ViewModel, code?: string) => Promise<void>;
  saveRegions: (model: ViewModel) => Promise<void>;
  loadRegions: (model: ViewModel) => Promise<void>;
}

interface IProps {
  model: ViewModel;
  api: Api;
  actions: IRegionActions;
}

export function RegionList(props: IProps): React.ReactElement | null {
  const { model, actions } = props;
  const shown = model.regions.shown;
  if (model.viewer?.name !== 'Frames') {
    return null;
  }
  return (
    <section className="jp-Daisy-regions" aria-label="Regions">
      <h3>Regions</h3>
      {!shown.length && (
        <p className="jp-Daisy-muted">
          None. Draw one with the tools
          <br />
          beside the picture.
        </p>
      )}
      {shown.map(region => (
        <Region key={region.id} {...props} region={region} />
      ))}
      <div className="jp-Daisy-regionButtons">
        <button
          className="jp-mod-styled"
          disabled={!model.look.regions.length}
          title="Into a file of your home folder"
          onClick={() => void actions.saveRegions(model)}
        >
          Save…
        </button>
        <button
          className="jp-mod-styled"
          title="From a file that was saved before"
          onClick={() => void actions.loadRegions(model)}
        >
          Load…
        </button>
      </div>
      <MaskTool model={model} api={props.api} />
    </section>
  );
}

function Region(props: IProps & { region: IRegion }): React.ReactElement {
  const { model, api, region } = props;
  const { regions } = model;
  const { value, error, busy } = useRegion(api, model, region);
  const chosen = regions.selected === region.id;
  return (
    <div
      className={`jp-Daisy-regionItem ${chosen ? 'jp-mod-chosen' : ''}`}
      data-busy={busy}
      onFocus={() => chosen || regions.select(region.id)}
      onClick={() => chosen || regions.select(region.id)}
    >
      <div className="jp-Daisy-regionHead">
        <Handle
          code={() => model.codeOf(region)}
          title={`the code of ${region.name}`}
        />
        <input
          className="jp-mod-styled"
          aria-label={`Name of ${region.name}`}
          value={region.name}
          onChange={event =>
            regions.change(
              { ...region, name: event.target.value },
              `name ${region.id}`
            )
          }
        />
        <button
          className="jp-Daisy-iconButton"
          aria-label={`Remove ${region.name}`}
          title="Remove"
          onClick={event => {
            event.stopPropagation();
            regions.remove(region.id);
          }}
        >
          <closeIcon.react tag="span" />
        </button>
      </div>
      <div className="jp-Daisy-muted">{describeRegion(region)}</div>
      {error && <div className="jp-Daisy-error">{error}</div>}
      {value && <Statistics data={value} />}
      <div className="jp-Daisy-regionButtons">
        <button
          className="jp-mod-styled"
          aria-label={`Code of ${region.name}`}
          title="Put the lines that read it into the notebook"
          onClick={() =>
            void props.actions.openInNotebook(model, model.codeOf(region))
          }
        >
          Code
        </button>
        {region.kind === 'line' && <Line {...props} data={value} />}
      </div>
    </div>
  );
}

function Line(
  props: IProps & { region: IRegion; data: IRegionData | null }
): React.ReactElement {
  const { model, region, data } = props;
  const { regions } = model;
  return (
    <>
      <label title="Values are averaged across so many pixels">
        width{' '}
        <input
          type="number"
          className="jp-mod-styled"
          aria-label={`Width of ${region.name}`}
          min={1}
          max={1001}
          value={region.width}
          onChange={event => {
            const width = Math.round(Number(event.target.value)) || 1;
            const kept = Math.min(Math.max(width, 1), 1001);
            regions.change({ ...region, width: kept }, `width ${region.id}`);
          }}
        />
      </label>
      <button
        className="jp-mod-styled"
        disabled={!data?.profile}
        title="Download the profile as a table of distance and value"
        onClick={() =>
          data && download(`${region.name}.csv`, profileCsv(region, data))
        }
      >
        CSV
      </button>
    </>
  );
}

function Statistics({ data }: { data: IRegionData }): React.ReactElement {
  const units = data.units ? ` ${data.units}` : '';
  const rows: [string, Exact, string, string][] = [
    [
      'pixels',
      data.count,
      '',
      'Pixels of full resolution, without masked ones'
    ],
    ['mean', data.mean, units, ''],
    ['std', data.std, units, 'Standard deviation of these pixels'],
    ['median', data.median, units, ''],
    ['min', data.minimum, units, ''],
    ['max', data.maximum, units, ''],
    ['sum', data.sum, units, '']
  ];
  if (data.masked) {
    const told = 'Masked or without data: left out';
    rows.splice(1, 0, ['left out', data.masked, '', told]);
  }
  return (
    <dl>
      {rows.map(([name, value, unit, title]) => (
        <React.Fragment key={name}>
          <dt title={title || name}>{name}</dt>
          <dd title={value === null ? '' : `${value}`}>
            {numberText(value)}
            {value === null ? '' : unit}
          </dd>
        </React.Fragment>
      ))}
    </dl>
  );
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
