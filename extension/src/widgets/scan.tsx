/** The view of one scan: toolbar, picture or plot, and what is known about it. */

import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';
import { Api } from '../api';
import { ILook } from '../model/look';
import { ViewModel } from '../model/view';
import { viewers } from '../viewers';
import { useDetails } from './details';
import { Panel } from './panel';
import { IActions, Toolbar } from './toolbar';

const steps: Record<string, number> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -10,
  PageDown: 10
};

export class ScanView extends ReactWidget {
  readonly model: ViewModel;

  constructor(
    private readonly api: Api,
    path: string,
    private readonly actions: IActions,
    look?: Partial<ILook>
  ) {
    super();
    this.model = new ViewModel(api, path, look);
    this.addClass('jp-Daisy-view');
    this.node.tabIndex = -1;
    // the view itself has the focus after it was opened
    this.node.addEventListener('keydown', event => {
      if (event.target === this.node) {
        stepByKey(this.model, event);
      }
    });
    void this.model.open();
  }

  dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected onActivateRequest(): void {
    this.node.focus();
  }

  render(): React.ReactElement {
    return <View model={this.model} api={this.api} actions={this.actions} />;
  }
}

function stepByKey(
  model: ViewModel,
  event: KeyboardEvent | React.KeyboardEvent
): void {
  const typing = (event.target as HTMLElement).matches(
    'input, select, summary'
  );
  const by = steps[event.key];
  if (!typing && by) {
    model.step(by);
    event.preventDefault();
  }
}

function View(props: {
  model: ViewModel;
  api: Api;
  actions: IActions;
}): React.ReactElement {
  const { model, api, actions } = props;
  const [, redraw] = React.useReducer((n: number) => n + 1, 0);
  const [panel, setPanel, body] = useDetails();
  React.useEffect(() => {
    model.changed.connect(redraw);
    redraw();
    return () => void model.changed.disconnect(redraw);
  }, [model]);

  if (model.error) {
    return (
      <div className="jp-Daisy-failed" role="alert">
        <h3>This scan cannot be shown</h3>
        <p>{model.error}</p>
        <button className="jp-mod-styled" onClick={() => void model.open()}>
          Try again
        </button>
      </div>
    );
  }
  const { signal } = model;
  const name = model.viewer?.name;
  const Viewer = name && viewers[name];
  return (
    <div
      className="jp-Daisy-viewBody"
      ref={body}
      data-busy={model.busy}
      onKeyDown={event => stepByKey(model, event)}
    >
      <Toolbar
        model={model}
        actions={actions}
        panel={panel}
        setPanel={setPanel}
      />
      <div className="jp-Daisy-columns">
        <div className="jp-Daisy-main">
          <Warnings model={model} />
          {!model.plot && <div className="jp-Daisy-hint">Opening…</div>}
          {model.plot && !signal && (
            <div className="jp-Daisy-hint">
              There is nothing to draw in this file. Its content is in the Data
              sidebar.
            </div>
          )}
          {Viewer && (
            <Viewer key={`${name} ${signal?.path}`} model={model} api={api} />
          )}
        </div>
        {panel && model.plot && (
          <Panel model={model} api={api} actions={actions} />
        )}
      </div>
    </div>
  );
}

function Warnings({ model }: { model: ViewModel }): React.ReactElement | null {
  const absent = model.signal?.missing ?? [];
  const texts = [...(model.plot?.notes ?? [])];
  if (absent.length) {
    const more = absent.length > 1 ? `, and ${absent.length - 1} more` : '';
    texts.unshift(`Part of this data is missing: ${absent[0]}${more}`);
  }
  if (model.frameError) {
    texts.unshift(model.frameError);
  }
  if (!texts.length) {
    return null;
  }
  return (
    <div className="jp-Daisy-warnings" role="status">
      {texts.map((text, i) => (
        <div key={i}>{text}</div>
      ))}
    </div>
  );
}
