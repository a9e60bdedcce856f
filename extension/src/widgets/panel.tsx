/** What is known about a scan and the dataset that is shown. */

import * as React from 'react';
import { Api } from '../api';
import {
  fileName,
  numberText,
  shapeText,
  sizeText,
  storageText,
  valueText
} from '../model/text';
import { ViewModel } from '../model/view';
import { INode } from '../types';
import { Find } from './find';
import { IRegionActions, RegionList } from './regionlist';

interface IProps {
  model: ViewModel;
  api: Api;
  actions: IRegionActions;
}

export function Panel({ model, api, actions }: IProps): React.ReactElement {
  const plot = model.plot!;
  const { signal, tile } = model;
  const node = useNode(api, model);
  const attributes = node?.attributes ?? [];
  return (
    <aside className="jp-Daisy-panel" aria-label="Details">
      <Find model={model} api={api} />
      <RegionList model={model} api={api} actions={actions} />
      <Section
        title="Scan"
        rows={[
          ['file', fileName(model.path)],
          ['title', plot.title],
          ['technique', plot.technique],
          ['sample', plot.sample],
          ['started', plot.start_time.replace('T', ' ')],
          ['format', plot.format]
        ]}
      />
      {signal && (
        <Section
          title="Dataset"
          rows={[
            ['path', signal.path],
            ['shape', shapeText(signal.shape)],
            ['axes', signal.axes.map(a => a ?? '–').join(', ')],
            ['type', signal.dtype],
            ['units', signal.units],
            ['size', sizeText(signal.bytes)],
            ['on disk', signal.stored === null ? '' : sizeText(signal.stored)],
            ['storage', storageText(signal)],
            [
              'range',
              tile
                ? `${numberText(tile.minimum)} … ${numberText(tile.maximum)}`
                : ''
            ]
          ]}
        />
      )}
      {attributes.length > 0 && (
        <Section
          title="Attributes"
          rows={attributes.map(a => [a.name, valueText(a.value)])}
        />
      )}
      {plot.missing.length > 0 && (
        <section>
          <h3>Missing</h3>
          <ul>
            {plot.missing.map(problem => (
              <li key={problem.path}>
                <code>{problem.path}</code>
                <div>{problem.reason}</div>
              </li>
            ))}
          </ul>
        </section>
      )}
    </aside>
  );
}

function Section(props: {
  title: string;
  rows: [string, string | null][];
}): React.ReactElement {
  return (
    <section>
      <h3>{props.title}</h3>
      <dl>
        {props.rows
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <React.Fragment key={name}>
              <dt title={name}>{name}</dt>
              <dd>{value}</dd>
            </React.Fragment>
          ))}
      </dl>
    </section>
  );
}

/** Attributes come after the picture: they are not needed for it. */
function useNode(api: Api, model: ViewModel): INode | null {
  const [node, setNode] = React.useState<INode | null>(null);
  const [wanted, setWanted] = React.useState<string | null>(null);
  const name = model.signal?.path ?? null;
  if (name !== wanted && !model.busy) {
    setWanted(name);
  }
  React.useEffect(() => {
    if (!wanted) {
      return;
    }
    const controller = new AbortController();
    api
      .node(model.path, wanted, controller.signal)
      .then(setNode)
      .catch(() => undefined);
    return () => controller.abort();
  }, [wanted]);
  return node?.path === name ? node : null;
}
