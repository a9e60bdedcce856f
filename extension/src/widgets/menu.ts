/** What can be done with a line of the tree, by its context menu. */

import { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import { TreeModel } from '../model/tree';
import { Browser } from './browser';

const SCAN = '.jp-Daisy-row.jp-mod-scan';
const DATASET = '.jp-Daisy-row.jp-mod-dataset';
const GROUP = '.jp-Daisy-row.jp-mod-group';

export function addTreeMenu(
  app: JupyterFrontEnd,
  tree: TreeModel,
  browser: Browser
): void {
  /** The line under the menu. */
  const line = () =>
    app.contextMenuHitTest(node => !!node.dataset.row)?.dataset.row ?? '';
  const scan = () => tree.scanAround(line());
  const inFront = () => browser.current?.model.path ?? '';

  const add = (
    id: string,
    label: string,
    selectors: string[],
    execute: () => unknown,
    isEnabled = () => true
  ) => {
    const command = `daisy:${id}`;
    app.commands.addCommand(command, { label, execute, isEnabled });
    selectors.forEach((selector, i) =>
      app.contextMenu.addItem({ command, selector, rank: i })
    );
  };

  add('copy-path', 'Copy Path', [SCAN], () => {
    Clipboard.copyToSystem(scan()?.code ?? '');
  });
  add('copy-code', 'Copy Line of Code', [SCAN, DATASET, GROUP], () => {
    Clipboard.copyToSystem(tree.codeOf(line()));
  });
  add('insert-code', 'Insert in Notebook', [SCAN, DATASET, GROUP], async () => {
    const id = line();
    const found = scan();
    if (!browser.insert(tree.codeOf(id)) && found) {
      await browser.start({ path: found.path, node: id.split('#')[1] ?? '' });
    }
  });
  add(
    'show-beside',
    'Show Beside the Scan That Is Shown',
    [SCAN],
    () => {
      const [other, view] = [scan(), browser.current];
      if (other && view) {
        browser.beside(other, view);
      }
    },
    () => !!inFront() && inFront() !== scan()?.path
  );
  add(
    'compare-metadata',
    'Compare Metadata with the Scan That Is Shown',
    [SCAN],
    () => {
      const other = scan();
      if (other && inFront()) {
        browser.compare(inFront(), other.path);
      } else {
        Notification.info('Open one of the two scans first.');
      }
    },
    () => !!inFront() && inFront() !== scan()?.path
  );
}
