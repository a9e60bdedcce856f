/**
 * A list that draws only what is in sight, and the line that has the focus.
 *
 * Own code, since a list of a library takes the focused line away when it is
 * scrolled out of sight, and the keyboard with it.
 */

import * as React from 'react';
import { IHeights, lineAt } from '../model/window';

const AROUND = 8; // lines above and below that are drawn as well

/** First and end of the lines to draw. */
export function useInSight(
  list: React.RefObject<HTMLElement>,
  heights: IHeights
): [number, number] {
  const [[top, view], setPlace] = React.useState([0, 600]);
  React.useEffect(() => {
    const element = list.current!;
    const look = () => setPlace([element.scrollTop, element.clientHeight]);
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  const first = Math.max(lineAt(top, heights) - AROUND, 0);
  const end = lineAt(top + view, heights) + AROUND + 1;
  return [first, Math.min(end, heights.count)];
}
