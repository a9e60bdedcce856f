/** The feed of a proposal: the newest scan first, with what was made of it. */

import * as React from 'react';
import { beganAt, FeedModel } from '../model/feed';
import { dateText } from '../model/text';
import { Thumbs } from '../model/thumbs';
import { IProposal } from '../types';
import { useAnchor } from './anchor';
import { FeedScan, IFeedActions } from './feedscan';
import { RulesNote } from './feedrules';
import { WatchSwitch } from './feedwatch';
import { useChanges } from './redraw';
import { RefreshingWidget } from './refreshing';

interface IProps {
  model: FeedModel;
  thumbs: Thumbs;
  actions: IFeedActions;
  proposals: () => Promise<IProposal[]>;
}

export class FeedView extends RefreshingWidget<FeedModel> {
  constructor(private readonly props: IProps) {
    super(props.model);
    this.addClass('jp-Daisy-feed');
  }

  render(): React.ReactElement {
    return <Feed {...this.props} />;
  }
}

function Feed(props: IProps): React.ReactElement {
  const { model, thumbs, actions } = props;
  const list = React.useRef<HTMLDivElement>(null);
  useChanges(model);
  useAnchor(list);
  return (
    <>
      <Head model={model} proposals={props.proposals} />
      <WatchSwitch model={model} />
      <div className="jp-Daisy-feedList" ref={list} tabIndex={-1}>
        {model.error && (
          <div className="jp-Daisy-error" role="alert">
            {model.error}
          </div>
        )}
        {model.rules && <RulesNote model={model} rules={model.rules} />}
        {!model.loaded && <p className="jp-Daisy-hint">Looking for scans…</p>}
        {model.loaded && !model.error && !model.scans.length && (
          <NoScan proposal={model.proposal} />
        )}
        {model.scans.map(scan => (
          <FeedScan
            key={scan.path}
            scan={scan}
            thumbs={thumbs}
            actions={actions}
          />
        ))}
        {model.hasMore && (
          <button
            className="jp-mod-styled jp-Daisy-button"
            onClick={() => void model.more()}
          >
            Show older scans
          </button>
        )}
      </div>
    </>
  );
}

function NoScan({ proposal }: { proposal: string }): React.ReactElement {
  return proposal ? (
    <p className="jp-Daisy-hint">
      No scan yet. The first one appears here by itself as soon as it lies in{' '}
      <code>{proposal}/raw</code>.
    </p>
  ) : (
    <p className="jp-Daisy-hint">
      You are not a member of any proposal yet: ask your beamline scientist.
    </p>
  );
}

function Head(props: {
  model: FeedModel;
  proposals: () => Promise<IProposal[]>;
}): React.ReactElement {
  const { model } = props;
  const [known, setKnown] = React.useState<IProposal[]>([]);
  React.useEffect(() => {
    let gone = false;
    props
      .proposals()
      .then(found => gone || setKnown(found))
      .catch(() => undefined); // the list below says what is wrong
    return () => {
      gone = true;
    };
  }, []);
  const [newest] = model.scans;
  return (
    <div className="jp-Daisy-feedHead">
      <h2>Feed</h2>
      <select
        className="jp-Daisy-select"
        aria-label="Proposal"
        value={model.proposal}
        onChange={event => (model.proposal = event.target.value)}
      >
        {known.every(p => p.path !== model.proposal) && (
          <option value={model.proposal}>
            {model.proposal.split('/').pop()}
          </option>
        )}
        {known.map(({ path, beamline, name, title }) => (
          <option key={path} value={path}>
            {[`${beamline} ${name}`, title].filter(Boolean).join(': ')}
          </option>
        ))}
      </select>
      <span className="jp-Daisy-muted" role="status">
        {newest && `newest: ${newest.name}, ${dateText(beganAt(newest))}`}
      </span>
    </div>
  );
}
