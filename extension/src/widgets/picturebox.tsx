/** A picture that opens something, in a box that is as large before it comes. */

import * as React from 'react';
import { Thumbs } from '../model/thumbs';
import { useThumbOf } from './row';

export function PictureBox(props: {
  /** Empty or null: there is none, or none yet. */
  address: string | null;
  label: string;
  /** Stands where there is no picture. */
  words: string;
  /** Stands below the picture. */
  caption?: string;
  open: (() => void) | null;
}): React.ReactElement {
  return props.caption ? (
    <figure className="jp-Daisy-figure">
      <Box {...props} />
      <figcaption>{props.caption}</figcaption>
    </figure>
  ) : (
    <Box {...props} />
  );
}

function Box(props: {
  address: string | null;
  label: string;
  words: string;
  open: (() => void) | null;
}): React.ReactElement {
  const { address, label, words, open } = props;
  const inside = address ? (
    <img src={address} alt="" draggable={false} />
  ) : (
    <span>{words}</span>
  );
  return open ? (
    <button
      className="jp-Daisy-pictureBox"
      aria-label={label}
      title={label}
      onClick={open}
    >
      {inside}
    </button>
  ) : (
    <div className="jp-Daisy-pictureBox jp-mod-empty">{inside}</div>
  );
}

/** The picture of a scan; the one before stays until the next one is here. */
export function useScanPicture(
  path: string,
  written: number,
  thumbs: Thumbs
): string | null {
  const picture = useThumbOf(path, written, thumbs, 0);
  const last = React.useRef<string | null>(null);
  if (picture) {
    last.current = picture;
  }
  return last.current;
}
