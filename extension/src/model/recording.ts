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
    const cells = left === 1 ? '1 cell is' : `${left} cells are`;
    return `Still running on the server, started ${began}: ${cells} not finished. Outputs appear here as they come.`;
  }
  const how = told.failed ? 'stopped with an error' : 'finished';
  return `This notebook ${how} while the page was closed: started ${began}, ended ${time(told.finished)}. Its outputs are below and saved.`;
}
