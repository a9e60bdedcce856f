/** One scan of the feed: its picture, and what rules have made of it. */

import * as React from 'react';
import { beganAt } from '../model/feed';
import { dateText, shapeText } from '../model/text';
import { Thumbs } from '../model/thumbs';
import { IFeedItem, IFeedScan, IRun } from '../types';
import { PictureBox, useScanPicture } from './picturebox';
import { StateLine } from './state';

export interface IFeedActions {
  openScan: (scan: IFeedScan) => void;
  /** Open the first result of a run. */
  openResult: (run: IRun) => void;
  openRun: (run: IRun) => void;
  pictureOf: (run: IRun) => string;
}

interface IProps {
  scan: IFeedScan;
  thumbs: Thumbs;
  actions: IFeedActions;
}

export function FeedScan({
  scan,
  thumbs,
  actions
}: IProps): React.ReactElement {
  const picture = useScanPicture(scan.path, scan.mtime, thumbs);
  return (
    <article
      className="jp-Daisy-feedScan"
      aria-label={scan.name}
      data-scan={scan.path}
    >
      <PictureBox
        address={picture}
        label={`Open ${scan.name}`}
        words={scan.problem ? 'cannot be read' : 'no picture yet'}
        open={() => actions.openScan(scan)}
      />
      {scan.items.length ? (
        scan.items.map(item => (
          <Preview key={item.rule} item={item} scan={scan} actions={actions} />
        ))
      ) : (
        <PictureBox address={null} label="" words="no preview" open={null} />
      )}
      <div className="jp-Daisy-feedText">
        <h3 title={scan.title}>{scan.name}</h3>
        <p className="jp-Daisy-feedAbout">{aboutText(scan)}</p>
        {scan.problem && <p role="alert">{scan.problem}</p>}
        {scan.items.map(item => (
          <ItemText key={item.rule} item={item} actions={actions} />
        ))}
      </div>
    </article>
  );
}

function Preview(props: {
  item: IFeedItem;
  scan: IFeedScan;
  actions: IFeedActions;
}): React.ReactElement {
  const { item, scan, actions } = props;
  const { run } = item;
  const open = run?.files.length
    ? () => actions.openResult(run)
    : run && (() => actions.openRun(run));
  const what = run?.files.length ? 'the result of' : 'the run of';
  return (
    <PictureBox
      address={run?.picture ? actions.pictureOf(run) : null}
      label={`Open ${what} ${item.rule} for ${scan.name}`}
      words={run?.files.length ? 'result' : item.state}
      caption={run?.picture ? run.caption : ''}
      open={open}
    />
  );
}

function ItemText(props: {
  item: IFeedItem;
  actions: IFeedActions;
}): React.ReactElement {
  const { item, actions } = props;
  const { run } = item;
  const going = run && (item.state === 'running' || item.state === 'done');
  return (
    <div className="jp-Daisy-feedItem">
      <span className="jp-Daisy-feedRule">{item.rule}</span>
      {going ? (
        <StateLine run={run} />
      ) : (
        <span className={`jp-Daisy-state jp-mod-${item.state}`}>
          {item.words}
        </span>
      )}
      {run && (
        <button
          className="jp-Daisy-textButton"
          aria-label={`Details of ${item.rule}`}
          onClick={() => actions.openRun(run)}
        >
          details
        </button>
      )}
      {item.problem && (
        <p className="jp-Daisy-problem" title={item.problem}>
          {item.problem}
        </p>
      )}
    </div>
  );
}

function aboutText(scan: IFeedScan): string {
  const { sample, technique, shape, title } = scan;
  const size = shape.length ? shapeText(shape) : '';
  return [dateText(beganAt(scan)), sample, technique, size, title]
    .filter(Boolean)
    .join(' · ');
}
