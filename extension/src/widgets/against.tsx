/** Compares the frames with their flat field, or with those of another open scan. */

import * as React from 'react';
import {
  againstName,
  againstOf,
  againstText,
  IAgainst
} from '../model/against';
import { ViewModel } from '../model/view';

export function Against(props: {
  model: ViewModel;
  /** The paths of other scans that are open. */
  others: string[];
}): React.ReactElement {
  const { model, others } = props;
  const { against } = model;
  const offered: IAgainst[] = [
    ...(model.signal?.flat ? [{ kind: 'flat' } as const] : []),
    ...others.flatMap(other => [
      { kind: 'minus', other } as const,
      { kind: 'over', other } as const
    ])
  ];
  const texts = offered.map(againstText);
  const chosen = against ? againstText(against) : '';
  if (against && !texts.includes(chosen)) {
    offered.push(against); // one from a link, of a scan that is not open
  }
  return (
    <select
      className="jp-Daisy-select"
      aria-label="Compared with"
      title="The counts as they are, through the flat field of the scan, or compared with another scan that is open"
      value={chosen}
      onChange={event => model.setAgainst(againstOf(event.target.value))}
    >
      <option value="">as measured</option>
      {offered.map(one => (
        <option key={againstText(one)} value={againstText(one)}>
          {againstName(one)}
        </option>
      ))}
      {!others.length && (
        <option disabled>open another scan to compare with it</option>
      )}
    </select>
  );
}
