/** Tell a page that came back what its notebook did, or still does, without it. */

import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';
import { Api } from '../api';
import { recordingText } from '../model/recording';
import { IRecordings } from '../types';

const POLL = 1000;

export function followRecordings(api: Api, notebooks: INotebookTracker): void {
  notebooks.widgetAdded.connect((_, panel) => {
    void panel.context.ready.then(() => follow(api, panel));
  });
}

async function follow(api: Api, panel: NotebookPanel): Promise<void> {
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
    if (!banner.parent) {
      panel.contentHeader.addWidget(banner);
    }
    banner.show(told);
    const { context } = panel;
    // what the user has typed since is worth more than the newest line
    if (seen !== null && seen !== told.revision && !context.model.dirty) {
      await context.revert();
    }
    seen = told.revision;
    if (!told.running) {
      return;
    }
    await new Promise(resolve => setTimeout(resolve, POLL));
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

  show(told?: IRecordings): void {
    super.show();
    if (told) {
      this.text.textContent = recordingText(told);
      this.toggleClass('jp-mod-running', told.running);
    }
  }
}
