/** A field whose text is taken over when it is left or with Enter; Escape drops it. */

import * as React from 'react';

export function CommittedField(props: {
  label: string;
  /** What stands there while nobody types. */
  text: string;
  title?: string;
  className?: string;
  inputMode: 'decimal' | 'numeric';
  /** Take over what was typed; what it does not understand is dropped. */
  commit: (text: string) => void;
}): React.ReactElement {
  const { label, text, title, className = '', inputMode, commit } = props;
  const [typed, setTyped] = React.useState<string | null>(null);
  const end = () => {
    if (typed?.trim()) {
      commit(typed.trim());
    }
    setTyped(null);
  };
  return (
    <input
      type="text"
      inputMode={inputMode}
      className={`jp-mod-styled ${className}`}
      aria-label={label}
      title={title}
      value={typed ?? text}
      onChange={event => setTyped(event.target.value)}
      onBlur={end}
      onKeyDown={event => {
        if (event.key === 'Enter') {
          end();
        } else if (event.key === 'Escape') {
          setTyped(null);
        }
      }}
    />
  );
}
