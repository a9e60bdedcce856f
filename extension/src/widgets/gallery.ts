/** The template gallery, and what proposals share: cards in the launcher. */

import { JupyterFrontEnd } from '@jupyterlab/application';
import { ILauncher } from '@jupyterlab/launcher';
import { fits } from '../model/code';
import { Browser } from './browser';
import { daisyIcon } from './icons';

const START = 'daisy:start-template';
const CATEGORY = 'DAISY templates';
const SHARED = 'Shared in your proposals';

export async function addGallery(
  app: JupyterFrontEnd,
  launcher: ILauncher,
  browser: Browser
): Promise<void> {
  app.commands.addCommand(START, {
    label: args => `${args.title ?? 'Start a Template'}`,
    caption: args => `${args.description ?? ''}`,
    icon: daisyIcon,
    execute: async args => {
      const model = browser.current?.model;
      const technique = model?.plot?.technique ?? '';
      const path = fits(`${args.technique}`, technique)
        ? model?.path
        : undefined;
      await browser.start({ template: `${args.template}`, path });
    }
  });
  const templates = await browser.templates();
  templates.forEach((template, rank) => {
    const { id, title, description, technique, proposal } = template;
    launcher.add({
      command: START,
      category: proposal ? SHARED : CATEGORY,
      args: { template: id, title, description, technique },
      rank
    });
  });
}
