/** Every attribute of a dataset and of the groups above it, as the file has it. */

import * as React from 'react';
import { shapeText } from '../model/text';
import { useAnswer } from './answer';
import { IViewerProps } from './props';

export function AttributesView(props: IViewerProps): React.ReactElement {
  const { model, api } = props;
  const node = model.signal!.path;
  const { value, error } = useAnswer(`${model.path} ${node}`, signal =>
    api.attributes(model.path, node, signal)
  );
  return (
    <div className="jp-Daisy-text jp-Daisy-attributes" tabIndex={0}>
      {error && <div className="jp-Daisy-error">{error}</div>}
      {value?.map(({ path, attributes }) => (
        <section key={path}>
          <h3>{path}</h3>
          {!attributes.length && <p className="jp-Daisy-muted">none</p>}
          {attributes.length > 0 && (
            <table>
              <tbody>
                {attributes.map(attribute => (
                  <tr key={attribute.name}>
                    <th scope="row">{attribute.name}</th>
                    <td>{attribute.value}</td>
                    <td className="jp-Daisy-muted">
                      {attribute.dtype}, {shapeText(attribute.shape)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      ))}
    </div>
  );
}
