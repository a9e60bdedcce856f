/** Who watches a proposal also when nobody is logged in, and the switch for oneself. */

import * as React from 'react';
import { FeedModel } from '../model/feed';
import { watchedText } from '../model/watches';
import { IWatch } from '../types';

const ABOUT =
  'The hub keeps your server running for this proposal, which follows its scans and ' +
  'carries out its rules with your rights, also after a restart of the machine. A ' +
  'server that you stop by hand is started again after some minutes, until you ' +
  'switch this off.';

export function WatchSwitch({
  model
}: {
  model: FeedModel;
}): React.ReactElement | null {
  const { watches, watchProblem } = model;
  const [sending, setSending] = React.useState(false);
  if (!watchProblem && !watches?.available) {
    return null;
  }
  const found = watches?.watches ?? [];
  const yours = found.some(watch => watch.yours);
  const choose = (keep: boolean): void => {
    setSending(true);
    void model.keepWatch(keep).finally(() => setSending(false));
  };
  return (
    <div className="jp-Daisy-feedWatch">
      <label title={ABOUT}>
        <input
          type="checkbox"
          checked={yours}
          disabled={sending || !watches?.available}
          onChange={event => choose(event.target.checked)}
        />
        Keep watching when I am away
      </label>
      <span className="jp-Daisy-muted" role="status">
        {watches && watchedText(found)}
      </span>
      {watchProblem && <span role="alert">{watchProblem}</span>}
      <RunByNote model={model} watches={found} />
    </div>
  );
}

/** Rules may name the account that carries them out; then others watch in vain. */
function RunByNote(props: {
  model: FeedModel;
  watches: IWatch[];
}): React.ReactElement | null {
  const name = props.model.rules?.run_by;
  if (!name || props.watches.every(({ user }) => user === name)) {
    return null;
  }
  return (
    <span role="note">
      The rules name {name} (run_by): no other server carries them out.
    </span>
  );
}
