/** Drags a line of code into a notebook: a new cell between cells, text inside one. */

import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';

const CELLS = 'application/vnd.jupyter.cells';
/** Pixels that the pointer moves before it drags. */
const THRESHOLD = 5;

/** Begin to drag when the pressed pointer moves away. */
export function startDrag(
  event: { clientX: number; clientY: number; button: number },
  code: string
): void {
  if (event.button !== 0) {
    return;
  }
  const { clientX, clientY } = event;
  const move = (now: PointerEvent) => {
    const away = Math.hypot(now.clientX - clientX, now.clientY - clientY);
    if (away >= THRESHOLD) {
      end();
      void dragOf(code).start(now.clientX, now.clientY);
    }
  };
  const end = () => {
    document.removeEventListener('pointermove', move, true);
    document.removeEventListener('pointerup', end, true);
  };
  document.addEventListener('pointermove', move, true);
  document.addEventListener('pointerup', end, true);
}

function dragOf(code: string): Drag {
  const mimeData = new MimeData();
  mimeData.setData('text/plain', code);
  mimeData.setData(CELLS, [
    {
      cell_type: 'code',
      source: code,
      outputs: [],
      execution_count: null,
      metadata: {}
    }
  ]);
  const dragImage = document.createElement('div');
  dragImage.className = 'jp-Daisy-dragged';
  dragImage.textContent = code;
  return new Drag({
    mimeData,
    dragImage,
    supportedActions: 'copy',
    proposedAction: 'copy'
  });
}
