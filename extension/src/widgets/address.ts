/** The address of the page says what the view in front shows: reloading it comes back. */

import { ILabShell } from '@jupyterlab/application';
import { URLExt } from '@jupyterlab/coreutils';
import { fragmentOf } from '../model/link';
import { ViewModel } from '../model/view';

const QUIET = 500; // browsers limit how often an address may change

/**
 * Keep the part after # up to date.
 *
 * JupyterLab itself writes the part before it, with the file in front; where that is
 * another file, or none, the address is left as it is.
 */
export function followAddress(
  shell: ILabShell,
  front: () => ViewModel | null
): void {
  let model: ViewModel | null = null;
  let timer = 0;
  const later = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => model && write(model), QUIET);
  };
  const turn = () => {
    model?.changed.disconnect(later);
    model = front();
    model?.changed.connect(later);
    later();
  };
  shell.currentChanged.connect(turn);
  turn();
}

function write(model: ViewModel): void {
  const { look, viewer, drawn, path } = model;
  const { pathname, search, hash } = window.location;
  const isInAddress = pathname.endsWith(`/tree/${URLExt.encodeParts(path)}`);
  if (!viewer || !isInAddress) {
    return;
  }
  const fragment = `#${fragmentOf({ look, drawn, viewer: viewer.name })}`;
  if (fragment !== hash) {
    window.history.replaceState(
      window.history.state,
      '',
      `${pathname}${search}${fragment}`
    );
  }
}
