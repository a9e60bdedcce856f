/** Exact values, page by page: scalars, lists, compounds, arrays of any size. */

import * as React from 'react';
import { axisLabel } from '../model/axes';
import {
  COLUMN_WIDTH,
  firstRow,
  IWindow,
  ROW_HEIGHT,
  scrollHeight,
  windowOf
} from '../model/pages';
import { ITable } from '../types';
import { useAnswer } from './answer';
import { IViewerProps } from './props';

const BEGINNING: IWindow = { rows: [0, 200], columns: [0, 20] };

export function TableView({ model, api }: IViewerProps): React.ReactElement {
  const signal = model.signal!;
  const [part, setPart] = React.useState<IWindow>(BEGINNING);
  const { path, index, drawn, of } = model;
  const axes = signal.shape.length > 1 ? drawn : [];
  const request = { path, node: signal.path, axes, index, of, ...part };
  const { value, error, busy } = useAnswer(JSON.stringify(request), signal =>
    api.values(request, signal)
  );
  React.useEffect(() => {
    if (!busy) {
      model.onScreen();
    }
  }, [busy]);
  if (error) {
    return (
      <div className="jp-Daisy-text jp-Daisy-error" role="alert">
        {error}
      </div>
    );
  }
  if (!value) {
    return <div className="jp-Daisy-text" />;
  }
  if (!signal.shape.length && !value.fields) {
    return (
      <div className="jp-Daisy-text">
        <p className="jp-Daisy-scalar">
          {value.items[0]?.[0]} {signal.units ?? ''}
        </p>
      </div>
    );
  }
  const [down, across] = axes.map(axis => axisLabel(signal, axis));
  const corner = across ? `${down} \\ ${across}` : '';
  return <Grid table={value} corner={corner} show={setPart} />;
}

function Grid(props: {
  table: ITable;
  corner: string;
  show: (part: IWindow) => void;
}): React.ReactElement {
  const { table, corner, show } = props;
  const [rows, columns] = table.shape;
  const area = React.useRef<HTMLDivElement>(null);
  const [sight, setSight] = React.useState({ first: 0, height: 600, top: 0 });

  const look = () => {
    if (!area.current) {
      return; // a last message about a table that is closed
    }
    const { scrollTop, scrollLeft, clientHeight, clientWidth } = area.current;
    const height = clientHeight - ROW_HEIGHT;
    const first = firstRow(scrollTop, height, rows);
    setSight({ first, height, top: scrollTop });
    show(windowOf(first, rows, scrollLeft, clientWidth, columns));
  };
  React.useEffect(() => {
    const observer = new ResizeObserver(look);
    observer.observe(area.current!);
    return () => observer.disconnect();
  }, [rows, columns]);

  const count = Math.ceil(sight.height / ROW_HEIGHT) + 1;
  const shown = Array.from(
    { length: Math.min(count, rows - sight.first) },
    (_, i) => sight.first + i
  );
  const named = Array.from(
    { length: table.columns[1] - table.columns[0] },
    (_, i) => table.columns[0] + i
  );
  const only = columns === 1 && !table.fields;
  return (
    <div
      className="jp-Daisy-grid-area"
      ref={area}
      onScroll={look}
      tabIndex={0}
      role="region"
      aria-label="Values"
      style={{ ['--jp-daisy-column' as string]: `${COLUMN_WIDTH}px` }}
    >
      <div
        style={{
          height: scrollHeight(rows) + ROW_HEIGHT,
          width: only ? undefined : (columns + 1) * COLUMN_WIDTH
        }}
      >
        <table
          aria-rowcount={rows}
          aria-colcount={columns}
          style={{
            top: sight.top,
            left: named.length ? named[0] * COLUMN_WIDTH : 0
          }}
        >
          <thead>
            <tr>
              <th>{corner}</th>
              {named.map(column => (
                <th key={column} scope="col">
                  {table.fields?.[column] ?? (only ? 'value' : column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(row => (
              <tr key={row}>
                <th scope="row">{row}</th>
                {named.map((column, i) => {
                  const text = table.items[row - table.rows[0]]?.[i] ?? '…';
                  return (
                    <td key={column} title={text}>
                      {text}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
