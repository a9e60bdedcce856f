/** The way out of a view: a handle to drag its code, and the menu to export. */

import { caretDownIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { ViewModel } from '../model/view';
import { startDrag } from './drag';

/** Drags the line of code of what is shown into a notebook. */
export function Handle({ model }: { model: ViewModel }): React.ReactElement {
  return (
    <span
      className="jp-Daisy-dragHandle"
      title={`Drag into a notebook: ${model.code}`}
      onPointerDown={event => {
        event.preventDefault();
        startDrag(event.nativeEvent, model.code);
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
