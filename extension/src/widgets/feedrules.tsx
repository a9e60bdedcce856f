/** What is wrong with the rules of a proposal, or that there are none. */

import * as React from 'react';
import { FeedModel } from '../model/feed';
import { IRules } from '../types';

export function RulesNote(props: {
  model: FeedModel;
  rules: IRules;
}): React.ReactElement | null {
  const { model, rules } = props;
  if (rules.state === 'wrong') {
    return (
      <div className="jp-Daisy-error" role="alert">
        <b>The rules of this proposal are wrong, so nothing is run.</b>
        <div>{rules.problem}</div>
      </div>
    );
  }
  if (rules.state === 'good') {
    return null;
  }
  return (
    <div className="jp-Daisy-rules" role="note">
      <p>
        <b>Nothing is run for new scans yet:</b> this proposal has no rules. The
        usual ones reconstruct a slice of every tomography scan
        {rules.may_write ? '. ' : ', but you may not write in this proposal. '}
        They stand in <code>{rules.file}</code>, where you can change them; in a
        terminal, <code>{rules.command}</code> writes them.
      </p>
      <button
        className="jp-mod-styled jp-mod-accept jp-Daisy-button"
        disabled={!rules.may_write}
        onClick={() => void model.writeRules()}
      >
        Write the usual rules
      </button>
    </div>
  );
}
