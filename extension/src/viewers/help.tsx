/** All keys of the Frames viewer. */

import * as React from 'react';

const keys: [string, string][] = [
  ['← →, Page up / down', 'frame before and after, ten at a time'],
  ['+ − 0', 'zoom in, out, whole frame'],
  ['Alt + arrows', 'move the part that is shown'],
  ['[ ]', 'turn left, right'],
  ['H V', 'mirror left to right, top to bottom'],
  ['A', 'contrast from this frame'],
  ['M', 'marks of masked and saturated pixels on, off'],
  ['D', 'details beside the picture on, off'],
  ['L R E P B', 'new line, rectangle, ellipse, polygon, pixel in the middle'],
  ['Tab', 'from one region to the next, and to its corners'],
  ['arrows, on a region', 'move it; with Alt by ten pixels'],
  ['Shift + arrows, on a region', 'resize it'],
  ['arrows, on a corner of a polygon or an end of a line', 'move only that'],
  ['arrows, Space, on the pen of painted pixels', 'move it, paint or rub out'],
  ['Delete, on a region, on a corner of a polygon', 'remove it'],
  ['Ctrl + Z, Ctrl + Shift + Z', 'undo, redo what was done to regions'],
  ['arrows, on a handle of the histogram', 'move an end of the contrast'],
  ['Esc', 'stop drawing, let go of a region, close this'],
  ['?', 'these keys']
];

export function Help({ close }: { close: () => void }): React.ReactElement {
  const button = React.useRef<HTMLButtonElement>(null);
  React.useEffect(() => {
    const before = document.activeElement;
    button.current?.focus();
    return () => (before as HTMLElement | null)?.focus();
  }, []);
  return (
    <div
      className="jp-Daisy-help"
      role="dialog"
      aria-label="Keys"
      onKeyDown={event => {
        if (event.key === 'Escape' || event.key === '?') {
          close();
          event.stopPropagation();
        }
      }}
    >
      <h3>Keys</h3>
      <button ref={button} className="jp-mod-styled" onClick={close}>
        Close
      </button>
      <dl>
        {keys.map(([key, what]) => (
          <React.Fragment key={key}>
            <dt>{key}</dt>
            <dd>{what}</dd>
          </React.Fragment>
        ))}
      </dl>
      <p>
        With the mouse: the wheel zooms, dragging moves a zoomed picture, Shift
        or the right button and dragging changes the contrast. Alt turns the
        brush around: what paints rubs out.
      </p>
    </div>
  );
}
