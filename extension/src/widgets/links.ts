/**
 * Links to a view: `/lab/tree/FILE#i=12&…`, and `/lab?daisy=FOLDER#…`.
 *
 * JupyterLab opens the file itself and keeps the fragment to itself, so what it says
 * is laid ready before that, or shown where the file is open already.
 */

import { IRouter, JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { fragmentOf, linkTo, lookOf, pathIn } from '../model/link';
import { ILook } from '../model/look';
import { ViewModel } from '../model/view';

export interface ILinked {
  /** Show a path in this way when it is opened; at once where it is open. */
  expect: (path: string, look: Partial<ILook>) => void;
  open: (path: string, folder: boolean, look: Partial<ILook>) => void;
}

const COMMAND = 'daisy:open-link';

export function followLinks(
  app: JupyterFrontEnd,
  router: IRouter,
  views: ILinked
): void {
  // the router tells the address of a new page once more, when all is started
  let followed = '';
  const follow = ({ path, search, hash }: IRouter.ILocation) => {
    const address = `${path}${search}${hash}`;
    if (address === followed) {
      followed = '';
      return;
    }
    followed = address;
    const named = pathIn(path + search);
    const known = hash && named && !named.folder && isOurs(hash);
    if (known) {
      views.expect(named.path, told(hash ?? ''));
    }
  };
  follow(router.current);
  router.routed.connect((_, location) => follow(location));
  app.commands.addCommand(COMMAND, {
    label: 'Open a Link to a Scan',
    execute: args => {
      const { search, hash } = args as unknown as IRouter.ILocation;
      const named = pathIn(search ?? '');
      if (named) {
        // not waited for: what restores the page is routed after this
        void app.restored.then(() =>
          views.open(named.path, named.folder, told(hash ?? ''))
        );
      }
    }
  });
  router.register({ command: COMMAND, pattern: /[?&]daisy=/, rank: 30 });
}

/** Whether a fragment is a state of a view: others are those of notebooks. */
function isOurs(hash: string): boolean {
  return /^#(path|i|viewer|axes|lo|hi)=/.test(hash);
}

/** What a fragment says; what is wrong in it is told and left out. */
export function told(hash: string): Partial<ILook> {
  const { look, problems } = lookOf(hash);
  if (problems.length) {
    Notification.warning(
      `The link says what is not known here, and it was left out: ${problems.join(', ')}`,
      { autoClose: 10_000 }
    );
  }
  return look;
}

/** Copy a link to what is shown. */
export function copyLink(model: ViewModel, folder: boolean): void {
  const place = {
    origin: window.location.origin,
    base: PageConfig.getBaseUrl().replace(window.location.origin, ''),
    hub: PageConfig.getOption('hubPrefix')
  };
  const { look, viewer, drawn } = model;
  const state = { look, drawn, viewer: viewer?.name ?? null };
  const link = linkTo(place, model.path, folder, fragmentOf(state));
  Clipboard.copyToSystem(link);
  Notification.success('The link to this view is in the clipboard', {
    autoClose: 3000
  });
}
