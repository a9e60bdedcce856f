/** Tell a page that came back what its notebook did, or still does, without it. */

import { ICodeCellModel } from '@jupyterlab/cells';
import { DocumentRegistry } from '@jupyterlab/docregistry';
import { INotebookContent, IOutput } from '@jupyterlab/nbformat';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Contents } from '@jupyterlab/services';
import { JSONExt } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import { Api } from '../api';
import { attention } from '../model/attention';
import { outputsById, recordingText, sameSources } from '../model/recording';
import { IRecordings, ServerError } from '../types';

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
    const told = await api.recordings(panel.context.path).catch(unreachable);
    if (panel.isDisposed || told === 'refused') {
      return;
    }
    if (told !== 'unreachable') {
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
        const shown = await update(contents, panel, !told.running).then(
          () => true,
          () => false // a file that is just being written: look again
        );
        seen = shown ? told.revision : seen;
      }
      if (!told.running && seen === told.revision) {
        return;
      }
    }
    await attention.pause(POLL);
  }
}

/** A server that says no is not asked again; one that is away is. */
function unreachable(error: unknown): 'refused' | 'unreachable' {
  return error instanceof ServerError ? 'refused' : 'unreachable';
}

/**
 * Show the outputs that the server wrote.
 *
 * They are put into the page in place, so that nothing jumps and no plot that still
 * waits for its library loses the element it is to be drawn in.
 */
async function update(
  contents: Contents.IManager,
  panel: NotebookPanel,
  finished: boolean
): Promise<void> {
  const { context } = panel;
  const file = await contents.get(context.path, {
    content: true,
    hash: true
  });
  const notebook = file.content as INotebookContent;
  if (panel.isDisposed || !context.model) {
    return;
  }
  const page = context.model.toJSON() as INotebookContent;
  const untouched = sameSources(page, notebook);
  const found = outputsById(notebook);
  for (const cell of context.model.cells) {
    const written = found.get(cell.id);
    if (written && cell.type === 'code') {
      show(cell as ICodeCellModel, written.outputs, written.count);
    }
  }
  if (untouched) {
    // the file has it already: there is nothing to save
    context.model.dirty = false;
    if (finished && !isOf(context, file)) {
      await takeOver(context, file);
    }
  }
}

/** Whether the page was read from, or saved as, this very state of the file. */
function isOf(
  context: DocumentRegistry.Context,
  file: Contents.IModel
): boolean {
  const known = context.contentsModel;
  return (
    known?.last_modified === file.last_modified && known.hash === file.hash
  );
}

/**
 * Make the file's state the one that the page was read from: saving asks nothing then.
 *
 * The context has no public way to do so but to read everything again, which draws
 * every cell anew; that way is taken where its own one is missing.
 */
async function takeOver(
  context: DocumentRegistry.Context,
  file: Contents.IModel
): Promise<void> {
  const own = context as unknown as {
    _updateContentsModel?: (model: Contents.IModel) => void;
  };
  if (own._updateContentsModel) {
    own._updateContentsModel(file);
  } else {
    await context.revert();
  }
}

/** Change only what differs: a long output must not flicker. */
function show(cell: ICodeCellModel, written: IOutput[], count: number): void {
  const { outputs } = cell;
  if (outputs.length > written.length) {
    outputs.clear();
  }
  written.forEach((output, i) => {
    if (i >= outputs.length) {
      outputs.add(output);
    } else if (!JSONExt.deepEqual(outputs.get(i).toJSON(), output)) {
      outputs.set(i, output);
    }
  });
  cell.executionCount = count;
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
