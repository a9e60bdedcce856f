/** What one reads stays where it is when something new is put above it. */

import * as React from 'react';

const AT_TOP = 8; // pixels: whoever is at the top sees what is new

/** Keep the first child in sight at its place, by its `data-scan`. */
export function useAnchor(list: React.RefObject<HTMLElement>): void {
  const anchor = React.useRef<{ key: string; top: number } | null>(null);
  const look = () => {
    const element = list.current;
    anchor.current = element && firstInSight(element);
  };
  React.useEffect(() => {
    const element = list.current;
    element?.addEventListener('scroll', look, { passive: true });
    return () => element?.removeEventListener('scroll', look);
  }, []);
  React.useLayoutEffect(() => {
    const [element, before] = [list.current, anchor.current];
    if (element && before && element.scrollTop > AT_TOP) {
      const found = childrenOf(element).find(
        c => c.dataset.scan === before.key
      );
      if (found) {
        element.scrollTop += topOf(found, element) - before.top;
      }
    }
    look();
  });
}

function firstInSight(list: HTMLElement): { key: string; top: number } | null {
  const found = childrenOf(list).find(
    child => topOf(child, list) + child.offsetHeight > 0
  );
  return found
    ? { key: `${found.dataset.scan}`, top: topOf(found, list) }
    : null;
}

function topOf(child: HTMLElement, list: HTMLElement): number {
  return child.getBoundingClientRect().top - list.getBoundingClientRect().top;
}

function childrenOf(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>('[data-scan]')];
}
