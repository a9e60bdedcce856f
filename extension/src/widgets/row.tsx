/** One line of the tree. */

import {
  LabIcon,
  caretDownIcon,
  caretRightIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';
import { Thumbs } from '../model/thumbs';
import { IRow, RowKind } from '../model/tree';
import { startDrag } from './drag';
import {
  arrayIcon,
  brokenIcon,
  folderScanIcon,
  groupIcon,
  proposalIcon,
  sampleIcon,
  scanIcon
} from './icons';

const icons: Partial<Record<RowKind, LabIcon>> = {
  proposal: proposalIcon,
  sample: sampleIcon,
  scan: scanIcon,
  group: groupIcon,
  dataset: arrayIcon,
  missing: brokenIcon,
  outside: brokenIcon,
  loop: groupIcon,
  error: brokenIcon
};

export interface IRowProps {
  row: IRow;
  index: number;
  top: number;
  tabbable: boolean;
  selected: boolean;
  thumbs: Thumbs;
  /** The line of code that opens it, to be dragged away; empty for none. */
  code: () => string;
  use: () => void;
  toggle: () => void;
  /** The pointer or the focus came to this line, or left it. */
  pointed: (element: HTMLElement | null) => void;
}

export function Row(props: IRowProps): React.ReactElement {
  const { row, selected, use, toggle, pointed } = props;
  const Caret = row.expanded ? caretDownIcon.react : caretRightIcon.react;
  const classes = [
    'jp-Daisy-row',
    `jp-mod-${row.kind}`,
    ...(selected ? ['jp-mod-selected'] : []),
    ...(row.isNew ? ['jp-mod-new'] : [])
  ];
  return (
    <div
      className={classes.join(' ')}
      data-row={row.id}
      data-index={props.index}
      role="treeitem"
      aria-level={row.level}
      aria-setsize={row.count}
      aria-posinset={row.place}
      aria-expanded={row.expanded ?? undefined}
      aria-selected={selected}
      aria-busy={row.busy}
      tabIndex={props.tabbable ? 0 : -1}
      // a scan has a card instead
      title={row.scan ? undefined : row.title}
      style={{
        top: `${props.top}px`,
        paddingLeft: `${(row.level - 1) * 14 + 4}px`
      }}
      onClick={use}
      onPointerDown={event => {
        const code = props.code();
        if (code) {
          startDrag(event.nativeEvent, code);
        }
      }}
      onPointerEnter={event => pointed(event.currentTarget)}
      onPointerLeave={() => pointed(null)}
      onFocus={event =>
        event.target.matches(':focus-visible') && pointed(event.currentTarget)
      }
      onBlur={() => pointed(null)}
    >
      <span
        className="jp-Daisy-caret"
        onClick={event => {
          event.stopPropagation();
          toggle();
        }}
      >
        {row.expanded !== null && <Caret tag="span" />}
      </span>
      <RowIcon row={row} thumbs={props.thumbs} />
      <span className="jp-Daisy-label">
        {row.label}
        {row.isNew && (
          <span className="jp-Daisy-new" title="Since your last visit">
            new
          </span>
        )}
      </span>
      <span className="jp-Daisy-detail">
        {row.busy && row.kind !== 'waiting' ? 'reading…' : row.detail}
      </span>
    </div>
  );
}

function RowIcon(props: {
  row: IRow;
  thumbs: Thumbs;
}): React.ReactElement | null {
  const { row, thumbs } = props;
  const picture = useThumb(row, thumbs);
  if (picture) {
    return <img className="jp-Daisy-thumb" src={picture} alt="" />;
  }
  const folder = row.target?.kind === 'scan' && row.target.folder;
  const icon = row.problem
    ? brokenIcon
    : folder
      ? folderScanIcon
      : icons[row.kind];
  return icon ? <icon.react tag="span" className="jp-Daisy-rowIcon" /> : null;
}

/** The small picture of a scan, asked for when the line has been in sight a while. */
export function useThumb(row: IRow | null, thumbs: Thumbs): string | null {
  const scan = row && !row.problem ? row.scan : null;
  const { path, mtime } = scan ?? { path: '', mtime: 0 };
  return useThumbOf(path, mtime, thumbs, REST);
}

/** The small picture of a scan as it was written at that time. */
export function useThumbOf(
  path: string,
  mtime: number,
  thumbs: Thumbs,
  rest: number
): string | null {
  const [, redraw] = React.useReducer((n: number) => n + 1, 0);
  React.useEffect(() => {
    if (!path || thumbs.get(path, mtime) !== undefined) {
      return;
    }
    let takeBack = () => undefined as void;
    const timer = setTimeout(() => {
      takeBack = thumbs.want(path, mtime, redraw);
    }, rest);
    return () => {
      clearTimeout(timer);
      takeBack();
    };
  }, [path, mtime]);
  return (path && thumbs.get(path, mtime)) || null;
}

const REST = 300; // milliseconds
