/** Search inside the file that is shown. */

import * as React from 'react';
import { Api } from '../api';
import { reasonOf } from '../model/reason';
import { ViewModel } from '../model/view';
import { IChild, IFound } from '../types';

const REST = 200; // milliseconds after the last letter

export function Find(props: {
  model: ViewModel;
  api: Api;
}): React.ReactElement {
  const { model, api } = props;
  const [text, setText] = React.useState('');
  const { found, error } = useFound(api, model.path, text);
  const use = (child: IChild) => {
    if (child.kind === 'dataset') {
      void model.choose(child.path);
    } else if (child.kind === 'group') {
      setText(`${child.path}/`);
    }
  };
  return (
    <section className="jp-Daisy-find" role="search" aria-label="In this file">
      <input
        type="search"
        className="jp-mod-styled"
        placeholder="Find in this file"
        aria-label="Find in this file"
        title="A part of a name; or entry/data/ for what is in a group"
        value={text}
        onChange={event => setText(event.target.value)}
      />
      {error && <p role="alert">{error}</p>}
      {found && (
        <>
          <ul aria-label="Found in this file">
            {found.items.map(child => (
              <li key={child.path}>
                <button
                  disabled={child.kind !== 'dataset' && child.kind !== 'group'}
                  title={[child.detail, child.link].filter(Boolean).join('\n')}
                  onClick={() => use(child)}
                >
                  <code>
                    {child.path}
                    {child.kind === 'group' && '/'}
                  </code>
                  <span className="jp-Daisy-muted"> {child.detail}</span>
                </button>
              </li>
            ))}
          </ul>
          <p className="jp-Daisy-muted" role="status">
            {countText(found)}
          </p>
        </>
      )}
    </section>
  );
}

function countText({ items, complete }: IFound): string {
  if (!complete) {
    return `The first ${items.length}: there may be more, write more of the name`;
  }
  return items.length ? `${items.length} found` : 'Nothing of that name';
}

function useFound(
  api: Api,
  path: string,
  text: string
): { found: IFound | null; error: string } {
  const [state, setState] = React.useState<{
    found: IFound | null;
    error: string;
  }>({ found: null, error: '' });
  React.useEffect(() => {
    const wanted = text.trim();
    if (!wanted) {
      setState({ found: null, error: '' });
      return;
    }
    const controller = new AbortController();
    const timer = setTimeout(() => {
      api
        .find(path, wanted, controller.signal)
        .then(found => setState({ found, error: '' }))
        .catch(error => {
          if (!controller.signal.aborted) {
            setState({ found: null, error: reasonOf(error) });
          }
        });
    }, REST);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [path, text]);
  return state;
}
