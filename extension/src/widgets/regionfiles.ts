/** Regions as files in the user's home, through the contents service. */

import {
  Dialog,
  InputDialog,
  Notification,
  showDialog
} from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { Contents, ServerConnection } from '@jupyterlab/services';
import { regionsFile, regionsOf } from '../model/regions';
import { fileName } from '../model/text';
import { reasonOf } from '../model/reason';
import { ViewModel } from '../model/view';

export const FOLDER = 'daisy-regions';
/** How long a notice stays, in milliseconds. */
const SHORT = { autoClose: 4000 };
const LONG = { autoClose: 15_000 };
const NAME = /^[^/\\]+$/;

export async function saveRegions(
  contents: Contents.IManager,
  model: ViewModel
): Promise<void> {
  const stem = fileName(model.path).replace(/\.[^.]*$/, '');
  const asked = await InputDialog.getText({
    title: 'Save the regions',
    label: `Name of the file, in the folder ${FOLDER} of your home`,
    text: `${stem}.json`,
    okLabel: 'Save'
  });
  const name = asked.value?.trim() ?? '';
  if (!asked.button.accept || !name) {
    return;
  }
  try {
    await write(contents, name, model);
  } catch (error) {
    Notification.error(`The regions were not saved: ${reasonOf(error)}`, LONG);
  }
}

async function write(
  contents: Contents.IManager,
  name: string,
  model: ViewModel
): Promise<void> {
  if (!NAME.test(name)) {
    throw new Error(`"${name}" is not the name of a file: it has a slash`);
  }
  const full = name.endsWith('.json') ? name : `${name}.json`;
  const path = PathExt.join(FOLDER, full);
  await folderOf(contents);
  if ((await exists(contents, path)) && !(await mayReplace(full))) {
    return;
  }
  const scan = model.plot?.code ?? model.path;
  const dataset = model.signal?.path ?? '';
  await contents.save(path, {
    type: 'file',
    format: 'text',
    content: regionsFile(scan, dataset, model.look.regions)
  });
  Notification.success(`Saved as ${path}`, SHORT);
}

export async function loadRegions(
  contents: Contents.IManager,
  model: ViewModel
): Promise<void> {
  try {
    const names = await saved(contents);
    if (!names.length) {
      Notification.info(
        `There are no regions yet: those that you save are in ${FOLDER}.`,
        SHORT
      );
      return;
    }
    const asked = await InputDialog.getItem({
      title: 'Load regions',
      label: `A file of ${FOLDER}`,
      items: names,
      okLabel: 'Load'
    });
    if (asked.button.accept && asked.value) {
      const path = PathExt.join(FOLDER, asked.value);
      const file = await contents.get(path, {
        type: 'file',
        format: 'text',
        content: true
      });
      model.regions.load(regionsOf(`${file.content}`));
    }
  } catch (error) {
    Notification.error(`No regions were loaded: ${reasonOf(error)}`, LONG);
  }
}

async function saved(contents: Contents.IManager): Promise<string[]> {
  if (!(await exists(contents, FOLDER))) {
    return [];
  }
  const { content } = await contents.get(FOLDER);
  return (content as Contents.IModel[])
    .map(item => item.name)
    .filter(name => name.endsWith('.json'))
    .sort();
}

async function exists(
  contents: Contents.IManager,
  path: string
): Promise<boolean> {
  try {
    await contents.get(path, { content: false });
    return true;
  } catch (error) {
    const { ResponseError } = ServerConnection;
    if (error instanceof ResponseError && error.response.status === 404) {
      return false;
    }
    throw error;
  }
}

async function folderOf(contents: Contents.IManager): Promise<void> {
  if (!(await exists(contents, FOLDER))) {
    await contents.save(FOLDER, { type: 'directory' });
  }
}

async function mayReplace(name: string): Promise<boolean> {
  const { button } = await showDialog({
    title: `Replace ${name}?`,
    body: `There is a file of this name in ${FOLDER}.`,
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: 'Replace' })]
  });
  return button.accept;
}
