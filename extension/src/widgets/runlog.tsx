/** The last lines of a log; its end is followed, unless one has scrolled up. */

import * as React from 'react';

const AT_END = 30; // pixels

export function RunLog(props: {
  text: string;
  /** Given to whoever wants to show it. */
  box: React.RefObject<HTMLPreElement>;
}): React.ReactElement {
  const { text, box } = props;
  const follows = React.useRef(true);
  React.useLayoutEffect(() => {
    const element = box.current;
    if (element && follows.current) {
      element.scrollTop = element.scrollHeight;
    }
  }, [text]);
  return (
    <section aria-label="Log">
      <h3>Log</h3>
      <pre
        ref={box}
        className="jp-Daisy-runLog"
        tabIndex={0}
        role="region"
        aria-label="Lines of the log"
        onScroll={({ currentTarget: e }) => {
          const left = e.scrollHeight - e.scrollTop - e.clientHeight;
          follows.current = left < AT_END;
        }}
      >
        {text || 'Nothing yet.'}
      </pre>
    </section>
  );
}
