/** The plugins: data sidebar and view, template gallery, runs without a page. */

import {
  ILabShell,
  ILayoutRestorer,
  IRouter,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ILauncher } from '@jupyterlab/launcher';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Api } from './api';
import { Events } from './model/events';
import { ClustersModel } from './model/clusters';
import { RunsModel } from './model/runs';
import { Thumbs } from './model/thumbs';
import { TreeModel } from './model/tree';
import { followAttention } from './widgets/attention';
import { Browser, OPEN } from './widgets/browser';
import {
  EmptyModelFactory,
  FACTORY,
  MODEL,
  ScanDocument,
  ScanFactory
} from './widgets/document';
import { Following } from './widgets/following';
import { addGallery } from './widgets/gallery';
import { scanIcon } from './widgets/icons';
import { followAddress } from './widgets/address';
import { followLinks } from './widgets/links';
import { followRecordings } from './widgets/recording';
import { addTreeMenu } from './widgets/menu';
import { FEED, Pages, RUN } from './widgets/pages';
import { DataSidebar } from './widgets/sidebar';
import { addConsent } from './widgets/consent';
import { addRoom } from './widgets/room';
import { addSharing } from './widgets/sharing';
import { addTour } from './widgets/tour';
import { followSoftware } from './widgets/software';
import { followVisits } from './widgets/visits';

const FILES = [
  {
    name: 'daisy-hdf5',
    displayName: 'HDF5 or NeXus scan',
    extensions: ['.h5', '.hdf5', '.nxs', '.nx5', '.hdf', '.nexus'],
    mimeTypes: ['application/x-hdf5']
  },
  {
    name: 'daisy-tiff',
    displayName: 'TIFF scan',
    extensions: ['.tif', '.tiff'],
    mimeTypes: ['image/tiff']
  },
  {
    name: 'daisy-xafs',
    displayName: 'Absorption spectra',
    extensions: ['.xdi', '.xmu', '.prj'],
    mimeTypes: ['application/x-xafs']
  }
];

const data: JupyterFrontEndPlugin<void> = {
  id: 'daisy-lab:data',
  description: 'The data sidebar, and the view of a scan.',
  autoStart: true,
  requires: [IDocumentManager, INotebookTracker],
  optional: [ILabShell, ILayoutRestorer, ILauncher, IStateDB, IRouter],
  activate: (
    app: JupyterFrontEnd,
    documents: IDocumentManager,
    notebooks: INotebookTracker,
    shell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    launcher: ILauncher | null,
    state: IStateDB | null,
    router: IRouter | null
  ) => {
    followAttention();
    const api = new Api(app.serviceManager.serverSettings);
    const events = new Events(() => api.events());
    const following = new Following(events);
    shell?.layoutModified.connect(() => following.update());
    shell?.currentChanged.connect(() => following.update());
    const browser = new Browser(app, api, documents, notebooks, following);
    if (router) {
      followLinks(app, router, {
        expect: (path, look) => browser.expect(path, look),
        open: (path, folder, look) => browser.openLink(path, folder, look)
      });
    }
    if (shell) {
      followAddress(shell, () => browser.front?.model ?? null);
    }
    const names = FILES.map(file => file.name);
    for (const file of FILES) {
      app.docRegistry.addFileType({
        ...file,
        contentType: 'file',
        fileFormat: null,
        icon: scanIcon
      });
    }
    app.docRegistry.addModelFactory(new EmptyModelFactory());
    const factory = new ScanFactory(
      {
        name: FACTORY,
        label: 'DAISY scan view',
        modelName: MODEL,
        fileTypes: [...names, 'tiff'],
        defaultFor: [...names, 'tiff'],
        readOnly: true
      },
      path => browser.view(path)
    );
    app.docRegistry.addWidgetFactory(factory);
    // the image viewer cannot draw TIFF, but may be registered after us
    app.docRegistry.setDefaultWidgetFactory('tiff', FACTORY);

    const tracker = new WidgetTracker<ScanDocument>({
      namespace: 'daisy-scan'
    });
    factory.widgetCreated.connect((_, widget) => {
      void tracker.add(widget);
      widget.context.pathChanged.connect(() => void tracker.save(widget));
    });
    const tree = new TreeModel(api);
    const look = () => tree.proposals.forEach(path => events.look(path));
    const thumbs = new Thumbs((path, signal) => api.thumb(path, signal));
    const pages = new Pages(app, api, browser, thumbs, events);
    const listed = new RunsModel(api);
    pages.runChanged.connect(() => void listed.refresh());
    events.feed.connect(() => void listed.refresh());
    const sidebar = new DataSidebar({
      model: tree,
      runs: listed,
      clusters: new ClustersModel(api),
      thumbs,
      actions: {
        open: target => browser.open(target),
        openNewest: () => void browser.openNewest(),
        openFeed: () => void pages.openFeed(),
        ...pages.listed,
        look: () => {
          look();
          void listed.refresh();
        }
      }
    });
    addTreeMenu(app, tree, browser);
    if (state) {
      void followVisits(state, before => tree.markSince(before));
    }
    shell?.currentChanged.connect(() => {
      const path = browser.front?.model.path;
      if (path) {
        tree.selectScan(path);
      }
    });
    app.shell.add(sidebar, 'left', { rank: 90, type: 'Data' });
    if (restorer) {
      restorer.add(sidebar, 'daisy-data');
      void restorer.restore(tracker, {
        command: 'docmanager:open',
        args: widget => ({ path: widget.context.path, factory: FACTORY }),
        name: widget => widget.context.path
      });
      void restorer.restore(browser.folders, {
        command: OPEN,
        args: widget => ({ path: widget.content.model.path, folder: true }),
        name: widget => widget.content.model.path
      });
      void restorer.restore(pages.feeds, {
        command: FEED,
        args: widget => ({ proposal: widget.content.model.proposal }),
        name: widget => widget.content.model.proposal
      });
      void restorer.restore(pages.runs, {
        command: RUN,
        args: widget => ({ path: widget.content.model.path }),
        name: widget => widget.content.model.path
      });
    }
    events.catalog.connect((_, path) => void tree.refreshProposal(path));
    events.proposals.connect(() => void tree.refresh());
    const changed = (_: Events, path: string) => {
      if (path === listed.proposal) {
        void listed.refresh();
      }
    };
    events.catalog.connect(changed);
    events.feed.connect(changed);
    events.growth.connect((_, news) => tree.grew(news.path));
    // the first picture comes before the catalogue is looked after
    void app.restored.then(() => events.start());
    // a first visit begins with the data, not with an empty home
    void Promise.all([shell?.restored, app.restored]).then(([layout]) => {
      if (layout?.fresh) {
        shell?.activateById(sidebar.id);
      }
    });
    app.commands.addCommand('daisy:show-data', {
      label: 'Show Data',
      execute: () => shell?.activateById(sidebar.id)
    });
    if (launcher) {
      launcher.add({ command: FEED, category: 'DAISY' });
      void addGallery(app, launcher, browser);
    }
  }
};

const runs: JupyterFrontEndPlugin<void> = {
  id: 'daisy-lab:runs',
  description: 'Shows what a notebook did while its page was closed.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (app: JupyterFrontEnd, notebooks: INotebookTracker) => {
    const { contents, serverSettings } = app.serviceManager;
    followRecordings(new Api(serverSettings), contents, notebooks);
  }
};

const room: JupyterFrontEndPlugin<void> = {
  id: 'daisy-lab:room',
  description: 'Shows what home, results and clusters take of what they may.',
  autoStart: true,
  requires: [IStatusBar],
  activate: (app: JupyterFrontEnd, bar: IStatusBar) => {
    addRoom(app, bar, new Api(app.serviceManager.serverSettings));
  }
};

const consent: JupyterFrontEndPlugin<void> = {
  id: 'daisy-lab:consent',
  description: 'Lets support look, while its user agrees.',
  autoStart: true,
  optional: [IMainMenu, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    menu: IMainMenu | null,
    palette: ICommandPalette | null
  ) => {
    const api = new Api(app.serviceManager.serverSettings);
    addConsent(app, api, menu, palette);
  }
};

const sharing: JupyterFrontEndPlugin<void> = {
  id: 'daisy-lab:sharing',
  description: 'Shares notebooks with the members of a proposal.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [IMainMenu, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    menu: IMainMenu | null,
    palette: ICommandPalette | null
  ) => {
    const api = new Api(app.serviceManager.serverSettings);
    addSharing(app, notebooks, api, menu, palette);
  }
};

const tour: JupyterFrontEndPlugin<void> = {
  id: 'daisy-lab:tour',
  description: 'A tour for those who are new.',
  autoStart: true,
  optional: [IMainMenu],
  activate: (app: JupyterFrontEnd, menu: IMainMenu | null) => {
    addTour(app, menu, new Api(app.serviceManager.serverSettings));
  }
};

const software: JupyterFrontEndPlugin<void> = {
  id: 'daisy-lab:software',
  description: 'Says when new servers get other software.',
  autoStart: true,
  requires: [IStateDB],
  activate: (app: JupyterFrontEnd, state: IStateDB) => {
    followSoftware(app, state, new Api(app.serviceManager.serverSettings));
  }
};

export default [data, runs, room, consent, sharing, software, tour];
