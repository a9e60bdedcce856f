/** Any two axes as a picture: zoom with the wheel, move by dragging. */

import * as React from 'react';
import { againstName } from '../model/against';
import { IPoint, boxAfterZoom, boxMoved, wholeBox } from '../model/zoom';
import { dragged, IContrast } from '../model/contrast';
import { numberText } from '../model/text';
import { ViewModel } from '../model/view';
import { BrushPanel, BrushTip } from './brush';
import { closePolygon, drawFrom, drawTo } from './drawing';
import { pressKey } from './framekeys';
import { Help } from './help';
import { Profile } from './profile';
import { IViewerProps } from './props';
import { RegionLayer } from './regions';
import { ScaleBar } from './scalebar';
import { Tools } from './tools';
import { follow, Picture } from './picture';
import { ICursor, Status, usePixelValue } from './status';
import { Waiting } from './waiting';

export function FramesView({ model, api }: IViewerProps): React.ReactElement {
  const [cursor, setCursor] = React.useState<ICursor | null>(null);
  const full = model.frame;
  const box = model.look.box ?? wholeBox(full);
  const [help, setHelp] = React.useState(false);
  const { regions } = model;
  const held = React.useRef<IContrast>({ lo: 0, hi: 1 });
  usePixelValue(api, model, cursor, setCursor);

  const zoom = (at: IPoint, delta: number) => {
    const factor = Math.exp(Math.sign(delta) * 0.25);
    model.setBox(boxAfterZoom(box, full, at.row, at.column, factor));
  };
  const keys = (event: React.KeyboardEvent) => {
    const typing = (event.target as HTMLElement).matches('button, input');
    if (typing && event.key === 'Enter') {
      return; // it presses the button
    }
    if (pressKey(event, model, box, full, () => setHelp(!help))) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const point = (at: IPoint | null) => {
    drawTo(regions, at);
    const [row, column] = at ? [at.row, at.column].map(Math.floor) : [-1, -1];
    if (!at) {
      setCursor(null);
      model.point(null);
    } else if (cursor?.row !== row || cursor.column !== column) {
      setCursor({ row, column, value: '' });
      model.point({ row, column });
    }
  };

  return (
    <div className="jp-Daisy-image" onKeyDown={keys}>
      <div className="jp-Daisy-frame">
        <Tools model={model} box={box} help={() => setHelp(!help)} />
        <Picture
          tile={model.tile}
          map={model.look.map}
          box={box}
          square={model.square}
          contrast={{ ...model.contrast, scale: model.look.scale }}
          marks={model.look.marks}
          bin={model.look.bin}
          turn={model.look.turn}
          mark={model.remote}
          label={describe(model)}
          className={model.look.box && !regions.tool ? 'jp-mod-zoomed' : ''}
          resized={(height, width) => model.resize(height, width)}
          drawn={() => model.onScreen()}
          pointed={point}
          over={fit => (
            <>
              <ScaleBar model={model} fit={fit} box={box} />
              <RegionLayer regions={regions} fit={fit} />
              <BrushTip regions={regions} fit={fit} at={cursor} />
            </>
          )}
          pressed={(at, event, fit) => {
            if (regions.tool) {
              drawFrom(regions, at, event, fit);
              return;
            }
            if (regions.selected !== null) {
              regions.select(null);
            }
            if (model.look.box) {
              const start = fit.point(event.clientX, event.clientY);
              follow(event, e => {
                const now = fit.point(e.clientX, e.clientY);
                const rows = start.row - now.row;
                const columns = start.column - now.column;
                model.setBox(boxMoved(box, full, rows, columns));
              });
            }
          }}
          windowed={(right, down, start) => {
            const { scale } = model.look;
            held.current = start ? model.contrast : held.current;
            const { lo, hi } = dragged(held.current, scale, right, down);
            if (!start) {
              model.setContrast(lo, hi);
            }
          }}
          turned={zoom}
          doubled={() => closePolygon(regions) || model.setBox(null)}
        />
        <BrushPanel regions={regions} />
        <Waiting model={model} />
      </div>
      {help && <Help close={() => setHelp(false)} />}
      <Profile model={model} api={api} />
      <Status model={model} cursor={cursor} zoomed={!!model.look.box} />
    </div>
  );
}

function describe(model: ViewModel): string {
  const { tile } = model;
  const name = model.signal?.path ?? '';
  const range = tile
    ? `, from ${numberText(tile.lo)} to ${numberText(tile.hi)}`
    : '';
  const { project } = model;
  const of = project
    ? `, ${project.how} of ${project.first} to ${project.end - 1}`
    : '';
  const { against } = model;
  const compared = against ? `, ${againstName(against)}` : '';
  const at = model.index.length ? ` at ${model.index.join(', ')}` : '';
  return `${name}${at}${of}${compared}${range}`;
}
