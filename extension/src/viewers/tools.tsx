/** What can be done with a picture: a strip of buttons beside it. */

import * as React from 'react';
import { shapeKinds, ShapeKind } from '../model/shapes';
import { ViewModel } from '../model/view';
import { mirrored, turned } from '../model/zoom';
import { Box } from '../types';

const drawings = {
  line: 'M3 13L13 3',
  rectangle: 'M2.5 4.5h11v7h-11z',
  ellipse:
    'M8 3.5c3.3 0 5.5 2 5.5 4.5s-2.2 4.5-5.5 4.5S2.5 10.5 2.5 8 4.7 3.5 8 3.5z',
  polygon: 'M8 2.5l5.5 4-2 6.5h-7l-2-6.5z',
  pixels: 'M13.5 2.5L7 9M7.5 9.5l-1-1c-2 0-2 2.5-4 4.5 2.5.7 5.5 0 5-3.5z',
  left: 'M4 6.5a4.5 4.5 0 1 1 .2 4M3.5 2.5v4h4',
  right: 'M12 6.5a4.5 4.5 0 1 0-.2 4M12.5 2.5v4h-4',
  mirror: 'M8 2v12M6 4.5v7L2 11.5zM10 4.5v7l4 0z',
  flip: 'M2 8h12M4.5 6h7L11.5 2zM4.5 10h7l0 4z',
  undo: 'M5.5 3L2.5 6l3 3M3 6h6.5a3.5 3.5 0 0 1 0 7H6',
  redo: 'M10.5 3l3 3-3 3M13 6H6.5a3.5 3.5 0 0 0 0 7H10',
  help: 'M5.5 6a2.5 2.5 0 1 1 3.7 2.2C8.3 8.700 8 9 8 10M8 12.300v.4'
};

type Drawing = keyof typeof drawings;

export function Tools(props: {
  model: ViewModel;
  box: Box;
  help: () => void;
}): React.ReactElement {
  const { model, box } = props;
  const { regions } = model;
  const { turn } = model.look;
  return (
    <div
      className="jp-Daisy-tools"
      role="toolbar"
      aria-label="Picture"
      aria-orientation="vertical"
    >
      {shapeKinds.map(kind => (
        <Tool
          key={kind}
          icon={kind}
          title={titles[kind]}
          label={labels[kind]}
          pressed={regions.tool === kind}
          clicked={event => {
            // a click without a pointer came from the keyboard
            if (event.detail === 0) {
              regions.addInMiddle(kind, box);
            } else {
              regions.take(kind);
            }
          }}
        />
      ))}
      <Tool
        icon="undo"
        label="Undo"
        title="Undo the last change of a region (Ctrl+Z)"
        disabled={!regions.history.canUndo}
        clicked={() => regions.undo()}
      />
      <Tool
        icon="redo"
        label="Redo"
        title="Redo (Ctrl+Shift+Z)"
        disabled={!regions.history.canRedo}
        clicked={() => regions.redo()}
      />
      <hr />
      <Tool
        icon="left"
        label="Turn left"
        title="Turn the picture left ([)"
        clicked={() => model.setTurn(turned(turn, -1))}
      />
      <Tool
        icon="right"
        label="Turn right"
        title="Turn the picture right (])"
        clicked={() => model.setTurn(turned(turn, 1))}
      />
      <Tool
        icon="mirror"
        label="Mirror left to right"
        title="Mirror left to right (H)"
        clicked={() => model.setTurn(mirrored(turn))}
      />
      <Tool
        icon="flip"
        label="Mirror top to bottom"
        title="Mirror top to bottom (V)"
        clicked={() => model.setTurn(mirrored(turn, true))}
      />
      <hr />
      <Tool
        icon="help"
        label="Keys"
        title="All keys (?)"
        clicked={props.help}
      />
    </div>
  );
}

const labels: Record<ShapeKind, string> = {
  line: 'Draw a line',
  rectangle: 'Draw a rectangle',
  ellipse: 'Draw a region as ellipse',
  polygon: 'Draw a polygon',
  pixels: 'Paint pixels'
};

const titles: Record<ShapeKind, string> = {
  line: 'Line with its profile: drag on the picture (L: in the middle)',
  rectangle: 'Rectangle: drag on the picture (R: in the middle)',
  ellipse: 'Ellipse: drag on the picture (E: in the middle)',
  polygon: 'Polygon: click its corners, double click ends (P: in the middle)',
  pixels: 'Brush for single pixels: drag on the picture (B: in the middle)'
};

function Tool(props: {
  icon: Drawing;
  label: string;
  title: string;
  pressed?: boolean;
  disabled?: boolean;
  clicked: (event: React.MouseEvent) => void;
}): React.ReactElement {
  const { icon, label, title, pressed, disabled, clicked } = props;
  return (
    <button
      className="jp-Daisy-iconButton"
      aria-label={label}
      aria-pressed={pressed}
      title={title}
      disabled={disabled}
      onClick={clicked}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d={drawings[icon]} />
      </svg>
    </button>
  );
}
