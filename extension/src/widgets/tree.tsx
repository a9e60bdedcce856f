/** The tree of the sidebar: only the lines in sight are drawn. */

import * as React from 'react';
import { Thumbs } from '../model/thumbs';
import { IRow, Target, TreeModel } from '../model/tree';
import { IHeights, scrolledTo, topOf } from '../model/window';
import { Card } from './card';
import { Row } from './row';
import { useInSight } from './window';

const LINE = 26; // px, as in the style sheet
const NOTE = 100;

interface IProps {
  model: TreeModel;
  thumbs: Thumbs;
  open: (target: Target) => void;
}

export function Tree({ model, thumbs, open }: IProps): React.ReactElement {
  const list = React.useRef<HTMLDivElement>(null);
  const heights: IHeights = {
    count: model.count,
    line: LINE,
    tall: model.tall,
    high: NOTE
  };
  const [first, end] = useInSight(list, heights);
  const focus = useFocus(model, list, heights);
  const [pointed, setPointed] = React.useState<IPointed | null>(null);
  React.useEffect(() => void model.need(first, end));

  const use = (row: IRow, index: number) => {
    focus.set(index);
    if (row.target) {
      model.select(row.id);
      open(row.target);
    } else {
      void model.toggle(row.id);
    }
  };
  const keys = new Set<string>();
  const line = (index: number) => {
    const row = model.row(index);
    // a scan that gets a sample stands below both for a moment
    const key = keys.has(row.id) ? `${row.id} ${index}` : row.id;
    keys.add(key);
    return (
      <Row
        key={key}
        row={row}
        index={index}
        top={topOf(index, heights)}
        tabbable={index === focus.at}
        selected={row.id === model.selected}
        thumbs={thumbs}
        code={() => model.codeOf(row.id)}
        use={() => use(row, index)}
        toggle={() => {
          focus.set(index);
          void model.toggle(row.id);
        }}
        pointed={element => setPointed(element && { id: row.id, element })}
      />
    );
  };

  const drawn = [...Array(Math.max(end - first, 0)).keys()].map(i => first + i);
  const kept = focus.at >= 0 && focus.at < heights.count ? [focus.at] : [];
  const indices = [...new Set([...drawn, ...kept])];
  const card = pointed && model.scanOf(pointed.id);
  return (
    <div
      className="jp-Daisy-tree"
      role="tree"
      aria-label="Proposals and scans"
      ref={list}
      onKeyDown={event => onKey(event, model, focus, use, setPointed)}
      onFocus={event => {
        focus.hold(true);
        const { index } = (event.target as HTMLElement).dataset;
        if (index && Number(index) !== focus.at) {
          focus.set(Number(index));
        }
      }}
      onBlur={() => focus.hold(false)}
      onScroll={() => setPointed(null)}
    >
      <div
        role="presentation"
        className="jp-Daisy-lines"
        style={{ height: `${topOf(heights.count, heights)}px` }}
      >
        {indices.map(line)}
      </div>
      {pointed && card && (
        <Card
          key={pointed.id}
          row={card}
          beside={pointed.element}
          thumbs={thumbs}
        />
      )}
    </div>
  );
}

interface IPointed {
  id: string;
  element: HTMLElement;
}

interface IFocus {
  at: number;
  set: (index: number) => void;
  go: (index: number) => void;
  hold: (held: boolean) => void;
  /** How many lines fit. */
  page: () => number;
}

/** The line that the keyboard is at: it moves with its scan, and stays drawn. */
function useFocus(
  model: TreeModel,
  list: React.RefObject<HTMLDivElement>,
  heights: IHeights
): IFocus {
  const [{ index, id }, setFocus] = React.useState({ index: 0, id: '' });
  const held = React.useRef(false);
  const moving = React.useRef(false);
  const last = Math.max(heights.count - 1, 0);
  let at = Math.min(index, last);
  if (id && (at >= heights.count || model.row(at).id !== id)) {
    const found = model.indexOf(id);
    at = found < 0 ? at : found;
  }
  const set = (to: number) => {
    const place = Math.min(Math.max(to, 0), last);
    setFocus({ index: place, id: heights.count ? model.row(place).id : '' });
  };
  React.useLayoutEffect(() => {
    const element = list.current!;
    const row = element.querySelector<HTMLElement>(`[data-index="${at}"]`);
    if (moving.current) {
      const { scrollTop, clientHeight } = element;
      element.scrollTop = scrolledTo(at, scrollTop, clientHeight, heights);
    }
    if (moving.current || (held.current && row !== document.activeElement)) {
      row?.focus({ preventScroll: true });
    }
    moving.current = false;
  });
  return {
    at,
    set,
    go: to => {
      moving.current = true;
      set(to);
    },
    hold: now => {
      held.current = now;
    },
    page: () => Math.floor((list.current?.clientHeight ?? 0) / LINE) - 1
  };
}

function onKey(
  event: React.KeyboardEvent,
  model: TreeModel,
  focus: IFocus,
  use: (row: IRow, index: number) => void,
  setPointed: (pointed: null) => void
): void {
  const { at, go } = focus;
  if (at >= model.count) {
    return;
  }
  const row = model.row(at);
  const actions: Record<string, () => void> = {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at - 1),
    PageDown: () => go(at + focus.page()),
    PageUp: () => go(at - focus.page()),
    Home: () => go(0),
    End: () => go(model.count - 1),
    Enter: () => use(row, at),
    ' ': () => use(row, at),
    Escape: () => setPointed(null),
    ArrowRight: () =>
      row.expanded === false ? void model.toggle(row.id) : go(at + 1),
    ArrowLeft: () =>
      row.expanded ? void model.toggle(row.id) : go(Math.max(row.above, 0))
  };
  const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
  const typed = plain && /^[\p{L}\p{N}_]$/u.test(event.key);
  if (plain && actions[event.key]) {
    actions[event.key]();
  } else if (typed) {
    const found = model.startingWith(event.key, at);
    if (found < 0) {
      return;
    }
    go(found);
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}
