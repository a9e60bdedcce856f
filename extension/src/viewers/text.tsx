/** Scalars, texts and small tables, written out. */

import * as React from 'react';
import { Api } from '../api';
import { shapeText, valueText } from '../model/text';
import { reasonOf, ViewModel } from '../model/view';
import { INode, Value } from '../types';

export function TextView(props: {
  model: ViewModel;
  api: Api;
}): React.ReactElement {
  const { model, api } = props;
  const [node, setNode] = React.useState<INode | null>(null);
  const [error, setError] = React.useState<string | null>(null);
  const name = model.signal?.path ?? '';

  React.useEffect(() => {
    const controller = new AbortController();
    api
      .node(model.path, name, controller.signal)
      .then(setNode)
      .catch(reason => {
        if (!controller.signal.aborted) {
          setError(reasonOf(reason));
        }
      });
    return () => controller.abort();
  }, [model.path, name]);

  if (error) {
    return <div className="jp-Daisy-error">{error}</div>;
  }
  return (
    <div className="jp-Daisy-text">
      {node && <Values value={node.value ?? null} node={node} />}
    </div>
  );
}

function Values(props: { value: Value; node: INode }): React.ReactElement {
  const { value, node } = props;
  if (value === null) {
    return (
      <p>
        {`${shapeText(node.shape ?? [])} values of type ${node.dtype}: too many to list. Open it in a notebook to work with them.`}
      </p>
    );
  }
  if (!Array.isArray(value)) {
    return (
      <p className="jp-Daisy-scalar">
        {valueText(value)} {node.units ?? ''}
      </p>
    );
  }
  const total = (node.shape ?? []).length ? node.shape![0] : value.length;
  return (
    <table>
      <tbody>
        {value.map((item, i) => (
          <tr key={i}>
            <th>{i}</th>
            <td>{valueText(item)}</td>
          </tr>
        ))}
        {total > value.length && (
          <tr>
            <th>…</th>
            <td>{total - value.length} more</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
