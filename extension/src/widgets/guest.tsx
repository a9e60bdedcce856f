/** For an account that sees nothing but the examples: why, and whom to ask. */

import * as React from 'react';
import { TreeModel } from '../model/tree';

export function Guest({ model }: { model: TreeModel }): React.ReactElement {
  return (
    <div className="jp-Daisy-guest" role="note">
      <b>You are not a member of any proposal yet.</b> Ask your beamline
      scientist to add <b>{model.user}</b> to yours; its data then appears here
      after you stop and start your server. Until then, here are examples to
      try.
    </div>
  );
}
