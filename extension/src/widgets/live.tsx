/** What is seen of a scan that is being written. */

import { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { ViewModel } from '../model/view';

const followIcon = new LabIcon({
  name: 'daisy-lab:follow',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">' +
    '<path class="jp-icon3" fill="#616161" d="M2.5 3l5 5-5 5zM8 3l5 5-5 5zM13 3h1.6v10H13z"/></svg>'
});

/** Says that the scan is being written, or has vanished. */
export function LiveState(props: {
  model: ViewModel;
}): React.ReactElement | null {
  const { state, written } = props.model.live;
  const length = props.model.signal?.shape[0];
  if (state === 'settled') {
    return null;
  }
  const isShort = written !== null && length !== undefined && written < length;
  const text =
    state === 'lost'
      ? 'file gone'
      : isShort
        ? `being written: ${written} of ${length}`
        : 'being written';
  return (
    <span
      className={`jp-Daisy-live jp-mod-${state}`}
      role="status"
      title={
        state === 'lost'
          ? 'The file was moved or deleted. What you see was read before.'
          : 'The file changed a moment ago. New frames are shown as they come.'
      }
    >
      {text}
    </span>
  );
}

/** Shows the frame that was written last, until one goes to another. */
export function FollowButton(props: {
  model: ViewModel;
}): React.ReactElement | null {
  const { model } = props;
  const { live } = model;
  if (live.state !== 'growing' && !live.following) {
    return null;
  }
  const label = 'Follow the last frame';
  return (
    <button
      className="jp-Daisy-iconButton"
      aria-label={label}
      aria-pressed={live.following}
      title={
        live.following
          ? 'The last frame is followed. Press to stay at this one.'
          : label
      }
      onClick={() => model.follow(!live.following)}
    >
      <followIcon.react tag="span" />
    </button>
  );
}
