/** A widget whose model asks the server only while it is seen. */

import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Refreshed } from '../model/refreshed';

export abstract class RefreshingWidget<
  M extends Refreshed
> extends ReactWidget {
  constructor(readonly model: M) {
    super();
    this.node.tabIndex = -1;
  }

  dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.model.show(this.isVisible);
  }

  protected onBeforeDetach(message: Message): void {
    super.onBeforeDetach(message);
    this.model.show(false);
  }

  protected onAfterShow(): void {
    this.model.show(true);
  }

  protected onAfterHide(): void {
    this.model.show(false);
  }

  protected onActivateRequest(): void {
    this.node.focus();
  }
}
