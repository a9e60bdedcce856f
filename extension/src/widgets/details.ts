/**
 * Whether the details are beside the picture: as this browser last had it where there
 * is room, until it is chosen by hand in this view.
 */

import * as React from 'react';

const KEY = 'daisy-lab:details';
/** Pixels of a view that has room for a picture and details. */
const ENOUGH = 640;

/** Shown or not, how to change it, and what tells how wide the view is. */
export function useDetails(): [
  boolean,
  (shown: boolean) => void,
  React.RefObject<HTMLDivElement>
] {
  const [usual] = React.useState(remembered);
  const [room, setRoom] = React.useState(true);
  const [chosen, setChosen] = React.useState<boolean | null>(null);
  const shown = chosen ?? (usual && room);
  const body = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    const element = body.current;
    if (!element) {
      return;
    }
    const watch = new ResizeObserver(() => {
      const width = element.clientWidth;
      // a view behind another one has none
      if (width) {
        setRoom(width >= ENOUGH);
      }
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const choose = (wanted: boolean) => {
    setChosen(wanted);
    remember(wanted);
  };
  const toggle = React.useRef<() => void>(() => undefined);
  toggle.current = () => choose(!shown);
  React.useEffect(() => {
    // the view itself has the focus after it was opened
    const view = body.current?.parentElement;
    const pressed = (event: KeyboardEvent) =>
      isDetailsKey(event) && toggle.current();
    view?.addEventListener('keydown', pressed);
    return () => view?.removeEventListener('keydown', pressed);
  }, []);
  return [shown, choose, body];
}

function isDetailsKey(event: KeyboardEvent): boolean {
  const { key, altKey, ctrlKey, metaKey, target } = event;
  const typing = (target as HTMLElement).matches('input, select, textarea');
  return !typing && !altKey && !ctrlKey && !metaKey && /^d$/i.test(key);
}

function remembered(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'hidden';
  } catch {
    return true; // a browser may keep nothing
  }
}

function remember(shown: boolean): void {
  try {
    localStorage.setItem(KEY, shown ? 'shown' : 'hidden');
  } catch {
    // then it is for this page only
  }
}
