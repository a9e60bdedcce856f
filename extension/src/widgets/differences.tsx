/** A table of what two scans say differently of themselves. */

import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';
import { Api } from '../api';
import { fileName } from '../model/text';
import { reasonOf } from '../model/reason';
import { IDifference } from '../types';

export class Differences extends ReactWidget {
  constructor(
    private readonly api: Api,
    private readonly path: string,
    private readonly other: string
  ) {
    super();
    this.addClass('jp-Daisy-differences');
  }

  render(): React.ReactElement {
    return <Table api={this.api} path={this.path} other={this.other} />;
  }
}

function Table(props: {
  api: Api;
  path: string;
  other: string;
}): React.ReactElement {
  const { api, path, other } = props;
  const [found, setFound] = React.useState<IDifference | null>(null);
  const [error, setError] = React.useState('');
  const [filter, setFilter] = React.useState('');
  React.useEffect(() => {
    const controller = new AbortController();
    api
      .difference(path, other, controller.signal)
      .then(setFound)
      .catch(failure => {
        if (!controller.signal.aborted) {
          setError(reasonOf(failure));
        }
      });
    return () => controller.abort();
  }, [path, other]);

  if (error) {
    return (
      <div className="jp-Daisy-error" role="alert">
        {error}
      </div>
    );
  }
  if (!found) {
    return <div className="jp-Daisy-hint">Comparing…</div>;
  }
  const wanted = filter.toLowerCase();
  const rows = found.rows.filter(
    row => !wanted || JSON.stringify(row).toLowerCase().includes(wanted)
  );
  return (
    <>
      <div className="jp-Daisy-toolRow">
        <input
          type="search"
          className="jp-mod-styled"
          placeholder="Filter"
          aria-label="Filter differences"
          value={filter}
          onChange={event => setFilter(event.target.value)}
        />
        <span role="status" className="jp-Daisy-muted">
          {countText(found)}
        </span>
      </div>
      <div
        className="jp-Daisy-tableArea"
        tabIndex={0}
        role="region"
        aria-label="Differences"
      >
        <table className="jp-Daisy-differenceTable">
          <thead>
            <tr>
              <th scope="col">path</th>
              <th scope="col">{fileName(path)}</th>
              <th scope="col">{fileName(other)}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <tr key={row.path}>
                <th scope="row">
                  <code>{row.path}</code>
                </th>
                <Cell value={row.first} />
                <Cell value={row.second} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Cell({ value }: { value: string | null }): React.ReactElement {
  return (
    <td>{value ?? <span className="jp-Daisy-muted">is not there</span>}</td>
  );
}

function countText({ rows, same, complete }: IDifference): string {
  const differ = rows.length === 1 ? '1 differs' : `${rows.length} differ`;
  const part = complete ? '' : '; the files are large: not all was looked at';
  return `${differ}, ${same} are the same${part}`;
}
