/** What a scan looks like and what it says of itself, beside its line. */

import * as React from 'react';
import { createPortal } from 'react-dom';
import { dateText, numberText, shapeText, sizeText } from '../model/text';
import { Thumbs } from '../model/thumbs';
import { IRow } from '../model/tree';
import { IScan } from '../types';
import { useThumb } from './row';

const DELAY = 350; // milliseconds
const GAP = 6; // px
const HIGH = 340;

export function Card(props: {
  row: IRow;
  beside: HTMLElement;
  thumbs: Thumbs;
}): React.ReactElement | null {
  const { row, beside, thumbs } = props;
  const picture = useThumb(row, thumbs);
  const [shown, setShown] = React.useState(false);
  React.useEffect(() => {
    const timer = setTimeout(() => setShown(true), DELAY);
    return () => clearTimeout(timer);
  }, []);
  if (!shown || !beside.isConnected) {
    return null;
  }
  const { top, right } = beside.getBoundingClientRect();
  const below = Math.max(Math.min(top, window.innerHeight - HIGH), GAP);
  const problem = row.error ?? row.scan!.problem;
  const rows = about(row.scan!).filter(([, value]) => value);
  return createPortal(
    <div
      className="jp-Daisy-card"
      role="tooltip"
      style={{ top: below, left: right + GAP }}
    >
      {picture && <img src={picture} alt="" />}
      <strong>{row.scan!.title || row.scan!.name}</strong>
      {problem && <p className="jp-Daisy-error">{problem}</p>}
      <dl>
        {rows.map(([name, value]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </React.Fragment>
        ))}
      </dl>
    </div>,
    document.body
  );
}

function about(scan: IScan): [string, string][] {
  const energy = scan.energy_kev;
  return [
    ['file', `${scan.area}/${scan.name}`],
    ['sample', scan.sample],
    ['technique', scan.technique],
    ['started', scan.start_time.replace('T', ' ').slice(0, 19)],
    ['written', `${dateText(scan.mtime)}, ${sizeText(scan.size)}`],
    ['users', scan.users.join(', ')],
    ['instrument', scan.instrument],
    ['detectors', scan.detectors.join(', ')],
    ['shape', scan.shape.length ? shapeText(scan.shape) : ''],
    ['scanned', scan.axes.join(', ')],
    ['energy', energy === null ? '' : `${numberText(energy)} keV`]
  ];
}
