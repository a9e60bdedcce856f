/** Tell a page that came back what its notebook did, or still does, without it. */

import { INotebookContent } from '@jupyterlab/nbformat';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Contents } from '@jupyterlab/services';
import { Widget } from '@lumino/widgets';
import { Api } from '../api';
import { outputsById, recordingText, sameSources } from '../model/recording';
import { IRecordings } from '../types';

const POLL = 1000;

export function followRecordings(
  api: Api,
  contents: Contents.IManager,
  notebooks: INotebookTracker
): void {
  notebooks.widgetAdded.connect((_, panel) => {
    void panel.context.ready
      .then(() => follow(api, contents, panel))
      .catch(() => undefined); // the page works without
  });
}

async function follow(
  api: Api,
  contents: Contents.IManager,
  panel: NotebookPanel
): Promise<void> {
  const banner = new Banner();
  let seen: number | null = null;
  for (;;) {
    const told = await api.recordings(panel.context.path).catch(() => null);
    if (panel.isDisposed || !told) {
      return;
    }
    if (!told.started) {
      banner.dispose();
      return;
    }
    if (!banner.isDisposed) {
      if (!banner.parent) {
        panel.contentHeader.addWidget(banner);
      }
      banner.tell(told);
    }
    if (seen !== told.revision) {
      await update(contents, panel, !told.running);
      seen = told.revision;
    }
    if (!told.running) {
      return;
    }
    await new Promise(resolve => setTimeout(resolve, POLL));
  }
}

/**
 * Show the outputs that the server wrote.
 *
 * While cells run they are put into the page in place, so that nothing jumps.
 * At the end the file is taken over whole, unless the user has typed since.
 */
async function update(
  contents: Contents.IManager,
  panel: NotebookPanel,
  finished: boolean
): Promise<void> {
  const { context } = panel;
  const file = await contents.get(context.path, { content: true });
  const notebook = file.content as INotebookContent;
  if (panel.isDisposed || !context.model) {
    return;
  }
  const page = context.model.toJSON() as INotebookContent;
  const untouched = sameSources(page, notebook);
  if (finished && untouched) {
    await context.revert();
    return;
  }
  const found = outputsById(notebook);
  for (const cell of panel.content.widgets) {
    const written = found.get(cell.model.id);
    const shared = cell.model.sharedModel;
    if (written && shared.cell_type === 'code') {
      const code = shared as typeof shared & {
        setOutputs(outputs: unknown[]): void;
        execution_count: number | null;
      };
      code.setOutputs(written.outputs);
      code.execution_count = written.count;
    }
  }
  if (untouched) {
    // the file has it already: there is nothing to save
    context.model.dirty = false;
  }
}

class Banner extends Widget {
  private readonly text = document.createElement('span');

  constructor() {
    super();
    this.addClass('jp-Daisy-recording');
    const close = document.createElement('button');
    close.className = 'jp-Daisy-iconButton';
    close.title = 'Close';
    close.setAttribute('aria-label', 'Close');
    close.textContent = '×';
    close.onclick = () => this.dispose();
    this.node.setAttribute('role', 'status');
    this.node.append(this.text, close);
  }

  tell(told: IRecordings): void {
    this.text.textContent = recordingText(told);
    this.toggleClass('jp-mod-running', told.running);
  }
}
