/** The scale bar in the corner of a picture. */

import * as React from 'react';
import { pixelSizeOf, scaleBar } from '../model/scalebar';
import { ViewModel } from '../model/view';
import { IFit } from '../model/zoom';
import { Box } from '../types';

const LONGEST = 140;
const PART = 0.3; // of the width of the picture
const MARGIN = 14;

export function ScaleBar(props: {
  model: ViewModel;
  fit: IFit;
  box: Box;
}): React.ReactElement | null {
  const { model, fit, box } = props;
  const { axes, turn } = model.look;
  const lying = turn.quarters % 2;
  // which axis of the data runs across the screen
  const axis = axes[lying ? 0 : 1];
  const size = model.signal && pixelSizeOf(model.signal, axis);
  const zoom = fit.zoom[lying ? 0 : 1];
  const corners = [
    fit.screen({ row: box[0], column: box[2] }),
    fit.screen({ row: box[1], column: box[3] })
  ];
  const [left, right] = corners.map(([x]) => x).sort((a, b) => a - b);
  const bottom = Math.max(...corners.map(([, y]) => y));
  const room = Math.min(LONGEST, (right - left) * PART);
  if (!size || room < 30) {
    return null;
  }
  const { length, text } = scaleBar(size, zoom, room);
  const [x, y] = [right - MARGIN - length, bottom - MARGIN];
  return (
    <g className="jp-Daisy-scaleBar" role="img" aria-label={`Scale: ${text}`}>
      <rect x={x - 6} y={y - 20} width={length + 12} height={28} rx={2} />
      <path d={`M${x},${y}h${length}`} />
      <text x={x + length / 2} y={y - 6} textAnchor="middle">
        {text}
      </text>
    </g>
  );
}
