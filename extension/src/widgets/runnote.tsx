/** What the owner of a run says of it; changed in place. */

import * as React from 'react';
import { RunModel } from '../model/runs';
import { IRunDetail } from '../types';

const LONGEST = 1000; // characters, as the server takes them

interface IProps {
  model: RunModel;
  run: IRunDetail;
}

export function RunNote({ model, run }: IProps): React.ReactElement | null {
  const [editing, setEditing] = React.useState(false);
  if (editing) {
    return <Editor model={model} run={run} end={() => setEditing(false)} />;
  }
  if (!run.note && !run.may_note) {
    return null;
  }
  return (
    <p className="jp-Daisy-runNote">
      {run.note && <span>{run.note}</span>}
      {run.may_note && (
        <button
          className="jp-Daisy-textButton"
          title="Everybody of the proposal sees it"
          onClick={() => setEditing(true)}
        >
          {run.note ? 'Edit note' : 'Add a note'}
        </button>
      )}
    </p>
  );
}

function Editor(props: IProps & { end: () => void }): React.ReactElement {
  const { model, run, end } = props;
  const [text, setText] = React.useState(run.note);
  const [problem, setProblem] = React.useState('');
  const save = async () => {
    const refusal = await model.note(text);
    setProblem(refusal);
    if (!refusal) {
      end();
    }
  };
  return (
    <form
      className="jp-Daisy-runNote"
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={event => event.key === 'Escape' && end()}
    >
      <input
        className="jp-mod-styled"
        aria-label="Note"
        autoFocus
        maxLength={LONGEST}
        placeholder="What is to be known of this run"
        value={text}
        onChange={event => setText(event.target.value)}
      />
      <button className="jp-mod-styled jp-mod-accept jp-Daisy-button">
        Save
      </button>
      <button
        type="button"
        className="jp-mod-styled jp-Daisy-button"
        onClick={end}
      >
        Cancel
      </button>
      {problem && (
        <div className="jp-Daisy-problem" role="alert">
          {problem}
        </div>
      )}
    </form>
  );
}
