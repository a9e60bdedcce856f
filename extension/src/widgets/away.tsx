/** The way out of a view: a handle to drag its code, and the menu to export. */

import { caretDownIcon, downloadIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { startDrag } from './drag';

/** Drags lines of code into a notebook: of what is shown, of a region. */
export function Handle(props: {
  /** Asked for when it is dragged: that of a painted region is long. */
  code: () => string;
  title: string;
}): React.ReactElement {
  return (
    <span
      className="jp-Daisy-dragHandle"
      title={`Drag into a notebook: ${props.title}`}
      onPointerDown={event => {
        event.preventDefault();
        startDrag(event.nativeEvent, props.code());
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
      aria-label="Export"
      aria-haspopup="menu"
      title="Export: copy, save what is seen, or download"
      onClick={event => props.open(event.currentTarget)}
    >
      <downloadIcon.react tag="span" className="jp-Daisy-sign" />
      <span className="jp-Daisy-word">Export</span>
      <caretDownIcon.react tag="span" />
    </button>
  );
}
