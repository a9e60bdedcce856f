/** Opens the feed of a proposal, and runs, as pages of their own. */

import { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ISignal, Signal } from '@lumino/signaling';
import { Api } from '../api';
import { Events } from '../model/events';
import { FeedModel } from '../model/feed';
import { proposalOf, RunModel } from '../model/runs';
import { Thumbs } from '../model/thumbs';
import { isFolder } from '../model/tree';
import { IProposal, IRun, IRunDetail } from '../types';
import { Browser } from './browser';
import { FeedView } from './feed';
import { daisyIcon, feedIcon } from './icons';
import { RunView } from './run';

export const FEED = 'daisy:open-feed';
export const RUN = 'daisy:open-run';

export class Pages {
  readonly feeds = new WidgetTracker<MainAreaWidget<FeedView>>({
    namespace: 'daisy-feed'
  });
  readonly runs = new WidgetTracker<MainAreaWidget<RunView>>({
    namespace: 'daisy-run'
  });

  private readonly _runChanged = new Signal<this, void>(this);

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly api: Api,
    private readonly browser: Browser,
    private readonly thumbs: Thumbs,
    events: Events
  ) {
    events.feed.connect((_, path) => this.refreshFeeds(path));
    events.catalog.connect((_, path) => this.refreshFeeds(path));
    app.commands.addCommand(FEED, {
      label: 'Feed',
      caption: 'The newest scans of a proposal, with first results',
      icon: feedIcon,
      execute: args => this.openFeed(`${args.proposal ?? ''}`)
    });
    app.commands.addCommand(RUN, {
      label: 'Open a Run',
      execute: args => this.openRun(`${args.path}`),
      isVisible: () => false
    });
  }

  async openFeed(proposal = ''): Promise<void> {
    const known = this.feeds.find(
      ({ content }) => !proposal || content.model.proposal === proposal
    );
    if (known) {
      this.app.shell.activateById(known.id);
      return;
    }
    const wanted = proposal || (await this.atHand());
    const content = new FeedView({
      model: new FeedModel(this.api, wanted),
      thumbs: this.thumbs,
      proposals: () => this.proposals(),
      actions: {
        openScan: scan =>
          this.browser.open({
            kind: 'scan',
            path: scan.path,
            folder: isFolder(scan)
          }),
        openResult: run => this.openFile(run.files[0].path),
        openRun: run => this.openRun(run.path),
        pictureOf: run => this.api.runPicture(run)
      }
    });
    const widget = new MainAreaWidget({ content });
    widget.title.icon = feedIcon;
    content.model.changed.connect(() => {
      widget.title.caption = content.model.proposal;
    });
    void this.feeds.add(widget);
    this.add(widget, 'Feed');
  }

  openRun(path: string): void {
    const known = this.runs.find(({ content }) => content.model.path === path);
    if (known) {
      this.app.shell.activateById(known.id);
      return;
    }
    const content = new RunView({
      model: new RunModel(this.api, path),
      actions: {
        openFile: file => this.openFile(file),
        insert: run => void this.insert(run),
        pictureOf: run => this.api.runPicture(run)
      }
    });
    let before = '';
    content.model.changed.connect(({ run }) => {
      const now = run ? `${run.state} ${run.note}` : '';
      if (before && now !== before) {
        this._runChanged.emit();
      }
      before = now;
    });
    const [scan, name] = path.split('/').slice(-2);
    const widget = new MainAreaWidget({ content });
    widget.title.icon = daisyIcon;
    widget.title.caption = path;
    void this.runs.add(widget);
    this.add(widget, `${scan} · ${name}`);
  }

  /** A run that is shown goes on in another way, or has another note. */
  get runChanged(): ISignal<this, void> {
    return this._runChanged;
  }

  /** What the list of runs in the sidebar asks for. */
  get listed(): {
    openRun: (run: IRun) => void;
    pictureOf: (run: IRun) => string;
  } {
    return {
      openRun: run => this.openRun(run.path),
      pictureOf: run => this.api.runPicture(run)
    };
  }

  private add(widget: MainAreaWidget, label: string): void {
    widget.title.label = label;
    widget.title.closable = true;
    widget.toolbar.hide();
    this.app.shell.add(widget, 'main');
    this.app.shell.activateById(widget.id);
  }

  /** A result is opened as a scan is, but for notebooks. */
  private openFile(path: string): void {
    if (path.endsWith('.ipynb')) {
      void this.app.commands.execute('docmanager:open', { path });
    } else {
      this.browser.open({ kind: 'scan', path, folder: !/\.\w+$/.test(path) });
    }
  }

  private async insert(run: IRunDetail): Promise<void> {
    const code = `daisy.Run(${JSON.stringify(run.code)})`;
    if (!this.browser.insert(code)) {
      await this.browser.start({ path: run.path, code });
    }
  }

  private async proposals(): Promise<IProposal[]> {
    const { proposals } = await this.api.proposals();
    return proposals.filter(proposal => !proposal.problem);
  }

  private async atHand(): Promise<string> {
    const known = await this.proposals().catch(() => []);
    const front = this.browser.current?.model.path ?? '';
    return proposalOf(
      front,
      known.map(({ path }) => path)
    );
  }

  private refreshFeeds(path: string): void {
    this.feeds.forEach(({ content }) => {
      if (content.model.proposal === path) {
        void content.model.refresh();
      }
    });
  }
}
