/** Share a notebook with the members of a proposal, and bring a copy up to date. */

import { JupyterFrontEnd } from '@jupyterlab/application';
import {
  Dialog,
  ICommandPalette,
  Notification,
  showDialog
} from '@jupyterlab/apputils';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { INotebookTracker } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';
import { Api } from '../api';
import { reasonOf } from '../model/reason';

const SHARE = 'daisy:share-notebook';
const UPDATE = 'daisy:update-notebook';
const CATEGORY = 'DAISY';
const MARK = 'daisy_shared';

export function addSharing(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker,
  api: Api,
  menu: IMainMenu | null,
  palette: ICommandPalette | null
): void {
  app.commands.addCommand(SHARE, {
    label: 'Share Notebook in a Proposal…',
    caption: 'All members of the proposal find it in their launcher',
    isEnabled: () => notebooks.currentWidget !== null,
    execute: () => share(notebooks, api)
  });
  app.commands.addCommand(UPDATE, {
    label: 'Update Notebook from Its Proposal',
    caption: 'Get the newest version; changes of your own stay',
    isEnabled: () => !!mark(notebooks),
    execute: () => update(app, notebooks, api)
  });
  menu?.fileMenu.addGroup([{ command: SHARE }, { command: UPDATE }], 40);
  [SHARE, UPDATE].forEach(command =>
    palette?.addItem({ command, category: CATEGORY })
  );
}

/** What says of a copy where it comes from. */
function mark(notebooks: INotebookTracker): unknown {
  return notebooks.currentWidget?.model?.getMetadata(MARK);
}

async function share(notebooks: INotebookTracker, api: Api): Promise<void> {
  const panel = notebooks.currentWidget;
  if (!panel) {
    return;
  }
  const form = new ShareForm(
    (await api.proposals()).proposals
      .filter(each => !each.problem)
      .map(each => `${each.beamline}/${each.name}`)
  );
  const answer = await showDialog({
    title: 'Share this notebook',
    body: form,
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: 'Share' })]
  });
  if (!answer.button.accept || !form.proposal) {
    return;
  }
  try {
    await panel.context.save();
    const { name, version } = await api.share({
      path: panel.context.path,
      proposal: form.proposal,
      note: form.note,
      outputs: form.outputs
    });
    Notification.success(
      `All members of ${form.proposal} find ${name}, version ${version}, in their launcher.`
    );
  } catch (error) {
    Notification.error(reasonOf(error), { autoClose: false });
  }
}

async function update(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker,
  api: Api
): Promise<void> {
  const panel = notebooks.currentWidget;
  if (!panel) {
    return;
  }
  try {
    await panel.context.save();
    const { path } = await api.updateShared(panel.context.path);
    if (path === panel.context.path) {
      await panel.context.revert();
      Notification.success('This notebook is the newest version.');
    } else {
      await app.commands.execute('docmanager:open', { path });
      Notification.info(
        'Your own changes stay in the notebook that you had; the newest version is beside it.'
      );
    }
  } catch (error) {
    Notification.error(reasonOf(error), { autoClose: false });
  }
}

/** Where to, what is new, and whether results go along. */
class ShareForm extends Widget {
  constructor(proposals: string[]) {
    super();
    this.addClass('jp-Daisy-shareForm');
    const chosen = labelled('Proposal', this.select);
    this.select.append(...proposals.map(name => new Option(name)));
    this.text.placeholder = 'What is new, in a line';
    this.check.type = 'checkbox';
    this.check.checked = true;
    this.node.append(
      chosen,
      labelled('Note', this.text),
      labelled('With outputs', this.check)
    );
  }

  get proposal(): string {
    return this.select.value;
  }

  get note(): string {
    return this.text.value.trim();
  }

  get outputs(): boolean {
    return this.check.checked;
  }

  private readonly select = document.createElement('select');
  private readonly text = document.createElement('input');
  private readonly check = document.createElement('input');
}

function labelled(text: string, control: HTMLElement): HTMLLabelElement {
  const label = document.createElement('label');
  label.append(text, control);
  return label;
}
