/** A tour of the page: a small window beside what it tells of. */

import { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification, ReactWidget } from '@jupyterlab/apputils';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { Widget } from '@lumino/widgets';
import * as React from 'react';
import { Api } from '../api';
import { IStep, STEPS, Walk } from '../model/steps';

const START = 'daisy:tour';
/** Milliseconds that a step is waited for, with and without a command before it. */
const PATIENCE = 6000;
const SHORT = 300;
const GAP = 12;

export function addTour(
  app: JupyterFrontEnd,
  menu: IMainMenu | null,
  api: Api
): void {
  let tour: Tour | null = null;
  const start = () => {
    tour?.dispose();
    tour = new Tour(step => ready(app, step));
    void tour.begin();
  };
  app.commands.addCommand(START, {
    label: 'Tour of DAISY',
    caption: 'See in three minutes what is where',
    execute: start
  });
  menu?.helpMenu.addGroup([{ command: START }], 0);
  void app.restored.then(() => offer(api, start));
}

/** Offer the tour once, at the first login. */
async function offer(api: Api, start: () => void): Promise<void> {
  if (!(await api.isNew().catch(() => false))) {
    return;
  }
  Notification.info('New here? A tour shows in three minutes what is where.', {
    autoClose: false,
    actions: [
      { label: 'Start the tour', displayType: 'accent', callback: start },
      { label: 'No, thanks', callback: () => undefined }
    ]
  });
}

/** Bring what a step points at on the page; false if it does not come. */
async function ready(app: JupyterFrontEnd, step: IStep): Promise<boolean> {
  if (find(step)) {
    return true;
  }
  if (step.before) {
    await app.commands.execute(step.before).catch(() => undefined);
  }
  const end = Date.now() + (step.before ? PATIENCE : SHORT);
  while (!find(step) && Date.now() < end) {
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return !!find(step);
}

/** What a step points at, where it can be seen. */
function find(step: IStep): HTMLElement | null {
  const all = [...document.querySelectorAll<HTMLElement>(step.at)];
  return all.find(element => element.getClientRects().length > 0) ?? null;
}

class Tour extends ReactWidget {
  private readonly walk: Walk;
  private readonly before = document.activeElement;
  private last: Promise<void> = Promise.resolve();

  constructor(ready: (step: IStep) => Promise<boolean>) {
    super();
    this.walk = new Walk(STEPS, ready);
    this.addClass('jp-Daisy-tour');
    this.node.tabIndex = -1;
    this.node.setAttribute('role', 'dialog');
    this.node.setAttribute('aria-labelledby', 'daisy-tour-title');
    this.node.setAttribute('aria-describedby', 'daisy-tour-text');
    this.node.addEventListener('keydown', event => this.onKey(event));
  }

  async begin(): Promise<void> {
    Widget.attach(this, document.body);
    this.node.focus();
    await this.go(1);
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.mark(null);
      super.dispose();
      (this.before as HTMLElement | null)?.focus?.();
    }
  }

  render(): React.ReactElement {
    const { step, number, count } = this.walk;
    const isLast = number === count;
    return (
      <>
        <h3 id="daisy-tour-title">{step?.title ?? 'Tour of DAISY'}</h3>
        <p id="daisy-tour-text">{step?.text ?? 'One moment…'}</p>
        <div className="jp-Daisy-tourFoot">
          <span className="jp-Daisy-muted">
            {number} of {count}
          </span>
          <span className="jp-Daisy-space" />
          <button
            className="jp-mod-styled jp-Daisy-button"
            onClick={() => this.dispose()}
          >
            Leave
          </button>
          <button
            className="jp-mod-styled jp-Daisy-button"
            disabled={number <= 1}
            onClick={() => void this.go(-1)}
          >
            Back
          </button>
          <button
            className="jp-mod-styled jp-Daisy-button jp-mod-accept"
            onClick={() => void this.go(1)}
          >
            {isLast ? 'Done' : 'Next'}
          </button>
        </div>
      </>
    );
  }

  /** Go one step, after those that were asked for before. */
  private go(by: 1 | -1): Promise<void> {
    this.last = this.last.then(() => this.take(by));
    return this.last;
  }

  private async take(by: 1 | -1): Promise<void> {
    if (this.isDisposed) {
      return;
    }
    const step = await this.walk.go(by);
    if (this.isDisposed) {
      return;
    }
    if (!step) {
      this.dispose();
      return;
    }
    this.update();
    await this.renderPromise;
    const target = find(step);
    this.mark(target);
    if (target) {
      this.place(target);
    }
    // opening a scan has taken the focus
    this.node.querySelector<HTMLElement>('.jp-mod-accept')?.focus();
  }

  private onKey(event: KeyboardEvent): void {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key] as
      1 | -1 | undefined;
    if (event.key === 'Escape') {
      this.dispose();
    } else if (by) {
      void this.go(by);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private mark(target: HTMLElement | null): void {
    document
      .querySelectorAll('.jp-Daisy-toured')
      .forEach(element => element.classList.remove('jp-Daisy-toured'));
    target?.classList.add('jp-Daisy-toured');
  }

  /** Stand below what it tells of, else beside it, always on the page. */
  private place(target: HTMLElement): void {
    const at = target.getBoundingClientRect();
    const own = this.node.getBoundingClientRect();
    const [width, height] = [window.innerWidth, window.innerHeight];
    const below = at.bottom + GAP + own.height < height;
    const top = below ? at.bottom + GAP : at.top;
    const left = below ? at.left : at.right + GAP;
    const within = (value: number, room: number) =>
      Math.max(GAP, Math.min(value, room - GAP));
    this.node.style.top = `${within(top, height - own.height)}px`;
    this.node.style.left = `${within(left, width - own.width)}px`;
  }
}
