/** The way out of a view: a handle to drag its code, and the menu to export. */

import { caretDownIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { startDrag } from './drag';

/** Drags lines of code into a notebook: of what is shown, of a region. */
export function Handle({ code }: { code: string }): React.ReactElement {
  return (
    <span
      className="jp-Daisy-dragHandle"
      title={`Drag into a notebook: ${code}`}
      onPointerDown={event => {
        event.preventDefault();
        startDrag(event.nativeEvent, code);
      }}
    />
  );
}

export function ExportButton(props: {
  open: (button: HTMLElement) => void;
}): React.ReactElement {
  return (
    <button
      className="jp-mod-styled jp-Daisy-button"
      aria-haspopup="menu"
      title="Copy, save what is seen, or download"
      onClick={event => props.open(event.currentTarget)}
    >
      Export
      <caretDownIcon.react tag="span" />
    </button>
  );
}
