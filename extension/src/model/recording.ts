/** What a banner says about a run whose page had gone. */

import { IRecordings } from '../types';
import { dateText } from './text';

export function recordingText(told: IRecordings): string {
  const time = (iso: string | null) =>
    iso ? dateText(new Date(iso).getTime() / 1000) : '';
  const began = time(told.started);
  if (told.running) {
    const left = told.cells.filter(
      cell => cell.state === 'running' || cell.state === 'queued'
    ).length;
    if (!left) {
      return `Just finished on the server, started ${began}: the last outputs are being written.`;
    }
    const cells = left === 1 ? '1 cell is' : `${left} cells are`;
    return `Still running on the server, started ${began}: ${cells} not finished. Outputs appear here as they come.`;
  }
  const how = told.failed ? 'stopped with an error' : 'finished';
  return `This notebook ${how} while the page was closed: started ${began}, ended ${time(told.finished)}. Its outputs are below and saved.`;
}

interface ICell<T> {
  id?: unknown;
  cell_type: unknown;
  source: string | string[];
  outputs?: T[];
  execution_count?: unknown;
}

interface INotebook<T> {
  cells: ICell<T>[];
}

/** Whether two notebooks have the same cells, outputs left aside. */
export function sameSources(
  a: INotebook<unknown>,
  b: INotebook<unknown>
): boolean {
  const plain = (notebook: INotebook<unknown>) =>
    JSON.stringify(
      notebook.cells.map(cell => [cell.id, cell.cell_type, text(cell.source)])
    );
  return plain(a) === plain(b);
}

/** The outputs of the cells that have run. */
export function outputsById<T>(
  notebook: INotebook<T>
): Map<string, { outputs: T[]; count: number }> {
  const found = new Map<string, { outputs: T[]; count: number }>();
  for (const { id, outputs, execution_count: count } of notebook.cells) {
    if (Array.isArray(outputs) && typeof count === 'number') {
      found.set(`${id}`, { outputs, count });
    }
  }
  return found;
}

function text(source: string | string[]): string {
  return Array.isArray(source) ? source.join('') : source;
}
