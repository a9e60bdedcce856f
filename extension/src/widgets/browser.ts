/** Opens scans, goes from one to the next, and leads to notebooks. */

import { JupyterFrontEnd } from '@jupyterlab/application';
import {
  MainAreaWidget,
  Notification,
  WidgetTracker
} from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { DocumentRegistry } from '@jupyterlab/docregistry';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';
import { Api } from '../api';
import { fits } from '../model/code';
import { Linked } from '../model/linked';
import { fileName } from '../model/text';
import { isFolder, Target } from '../model/tree';
import { ILook } from '../model/look';
import { reasonOf } from '../model/reason';
import { ViewModel } from '../model/view';
import { IScan, ITemplate } from '../types';
import { Differences } from './differences';
import { FACTORY } from './document';
import { Exports } from './exports';
import { Following } from './following';
import { folderScanIcon } from './icons';
import { copyLink } from './links';
import { loadRegions, saveRegions } from './regionfiles';
import { ScanView } from './scan';
import { IActions } from './toolbar';

export const OPEN = 'daisy:open';
export const NEWEST = 'daisy:open-newest';
const KERNEL = 'daisy';

interface IShowing {
  /** What is closed for it. */
  instead?: Widget | null;
  /** Where it comes to. */
  place?: DocumentRegistry.IOpenOptions;
}

export class Browser implements IActions {
  readonly folders = new WidgetTracker<MainAreaWidget<ScanView>>({
    namespace: 'daisy-folder'
  });
  private readonly looks = new Map<string, Partial<ILook>>();
  private readonly views = new Set<ScanView>();
  private readonly exports: Exports;
  private gallery: Promise<ITemplate[]> | null = null;

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly api: Api,
    private readonly documents: IDocumentManager,
    private readonly notebooks: INotebookTracker,
    private readonly following: Following
  ) {
    app.commands.addCommand(NEWEST, {
      label: 'Open the Newest Scan',
      execute: () => this.openNewest()
    });
    app.commands.addKeyBinding({
      command: NEWEST,
      keys: ['F8'],
      selector: 'body'
    });
    this.exports = new Exports(app, api, () => this.front);
    app.commands.addCommand(OPEN, {
      label: args => `Open ${args.path ?? 'Scan'} in DAISY`,
      execute: args =>
        this.show(`${args.path}`, !!args.folder, {
          node: args.node ? `${args.node}` : ''
        })
    });
  }

  /** Make the view of a path, with the look that was laid ready for it. */
  view(path: string): ScanView {
    const view = new ScanView(this.api, path, this, this.looks.get(path));
    this.looks.delete(path);
    this.views.add(view);
    this.following.add(view);
    view.disposed.connect(() => {
      this.views.delete(view);
      this.following.remove(view);
    });
    return view;
  }

  open(target: Target): void {
    const node = target.kind === 'node' ? target.node : '';
    const shown = this.shown(target.path);
    if (shown && node) {
      this.app.shell.activateById(shown.parent?.id ?? shown.id);
      void shown.model.choose(node);
      return;
    }
    this.show(target.path, target.folder, { node });
  }

  async openNewest(): Promise<void> {
    try {
      const scan = await this.api.newest();
      if (scan) {
        this.show(scan.path, isFolder(scan), {});
      } else {
        Notification.info('There is no scan yet.');
      }
    } catch (error) {
      Notification.error(reasonOf(error));
    }
  }

  /** Lay ready how a path is shown, or show it so where it is open. */
  expect(path: string, look: Partial<ILook>): void {
    const shown = this.shown(path);
    if (shown) {
      void shown.model.show(look);
    } else {
      this.looks.set(path, look);
    }
  }

  openLink(path: string, folder: boolean, look: Partial<ILook>): void {
    if (this.shown(path)) {
      this.expect(path, look);
    }
    this.show(path, folder, look);
  }

  copyLink(model: ViewModel): void {
    const view = this.shown(model.path);
    copyLink(model, !!this.folders.find(widget => widget.content === view));
  }

  /** The view in front. */
  get front(): ScanView | null {
    const front = this.app.shell.currentWidget;
    return [...this.views].find(view => view.parent === front) ?? null;
  }

  /** Show a scan beside another one, and move both together. */
  beside(scan: IScan, view: ScanView): void {
    const look = { ...view.model.look, regions: [], against: null, tile: null };
    const ref = view.parent?.id;
    const place = ref ? { ref, mode: 'split-right' as const } : undefined;
    const known = this.shown(scan.path)?.parent;
    if (known) {
      this.app.shell.add(known, 'main', place);
    }
    this.show(scan.path, isFolder(scan), look, { place });
    const other = this.shown(scan.path);
    if (other && other !== view) {
      new Linked([view.model, other.model]);
    }
  }

  others(model: ViewModel): string[] {
    const paths = [...this.views].map(view => view.model.path);
    return [...new Set(paths)].filter(path => path !== model.path);
  }

  /** Show where the metadata of two scans differ. */
  compare(path: string, other: string): void {
    const content = new Differences(this.api, path, other);
    const widget = new MainAreaWidget({ content });
    widget.title.label = `${fileName(path)} ↔ ${fileName(other)}`;
    widget.title.caption = 'Where their metadata differ';
    widget.title.closable = true;
    widget.toolbar.hide();
    this.app.shell.add(widget, 'main');
    this.app.shell.activateById(widget.id);
  }

  /** The view in front, else the one that was opened last. */
  get current(): ScanView | null {
    return this.front ?? [...this.views].pop() ?? null;
  }

  async neighbour(model: ViewModel, by: -1 | 1): Promise<boolean> {
    const next = await this.next(model, by).catch(error => {
      Notification.error(reasonOf(error));
      return null;
    });
    const old = this.shown(model.path)?.parent ?? null;
    if (!next || !old) {
      return false;
    }
    const folder = isFolder(next);
    this.show(next.path, folder, { ...model.look }, { instead: old });
    return true;
  }

  async openInNotebook(model: ViewModel, code = model.code): Promise<void> {
    const { path, signal, selection } = model;
    const node = signal?.path ?? '';
    if (!this.insert(code)) {
      await this.start({ path, node, index: selection, code });
    }
  }

  /** Put a line of code into the active notebook; false where there is none. */
  insert(code: string): boolean {
    const panel = this.notebooks.currentWidget;
    if (!panel) {
      return false;
    }
    const notebook = panel.content;
    if (notebook.activeCell?.model.sharedModel.getSource().trim()) {
      NotebookActions.insertBelow(notebook);
    }
    notebook.activeCell?.model.sharedModel.setSource(code);
    this.app.shell.activateById(panel.id);
    return true;
  }

  openExports(button: HTMLElement): void {
    this.exports.open(button);
  }

  async templatesFor(technique: string): Promise<ITemplate[]> {
    const all = await this.templates();
    return all.filter(template => fits(template.technique, technique));
  }

  async useTemplate(template: ITemplate, model: ViewModel): Promise<void> {
    await this.start({ template: template.id, path: model.path });
  }

  saveRegions(model: ViewModel): Promise<void> {
    return saveRegions(this.app.serviceManager.contents, model);
  }

  loadRegions(model: ViewModel): Promise<void> {
    return loadRegions(this.app.serviceManager.contents, model);
  }

  templates(): Promise<ITemplate[]> {
    this.gallery ??= this.api.templates().catch(() => {
      this.gallery = null;
      return [];
    });
    return this.gallery;
  }

  /** Make a notebook on the server, and open it. */
  async start(wanted: Parameters<Api['startNotebook']>[0]): Promise<void> {
    try {
      const path = await this.api.startNotebook(wanted);
      await this.app.serviceManager.kernelspecs.ready;
      const specs = this.app.serviceManager.kernelspecs.specs;
      const name = specs?.kernelspecs[KERNEL] ? KERNEL : specs?.default;
      this.documents.openOrReveal(path, 'Notebook', { name });
    } catch (error) {
      Notification.error(reasonOf(error), { autoClose: false });
    }
  }

  private show(
    path: string,
    folder: boolean,
    look: Partial<ILook>,
    { instead = null, place }: IShowing = {}
  ): void {
    const known = this.shown(path);
    if (known?.parent) {
      this.app.shell.activateById(known.parent.id);
      instead?.close();
      return;
    }
    this.looks.set(path, look);
    place ??= instead ? { ref: instead.id, mode: 'tab-after' } : undefined;
    if (folder || path.startsWith('/')) {
      const content = this.view(path);
      const widget = new MainAreaWidget({ content });
      widget.title.label = fileName(path);
      widget.title.caption = path;
      widget.title.icon = folderScanIcon;
      widget.title.closable = true;
      widget.toolbar.hide();
      void this.folders.add(widget);
      this.app.shell.add(widget, 'main', place);
      this.app.shell.activateById(widget.id);
    } else {
      this.documents.openOrReveal(path, FACTORY, undefined, place);
    }
    instead?.close();
  }

  private shown(path: string): ScanView | undefined {
    return [...this.views].find(view => view.model.path === path);
  }

  /** The scan before or after in time, of the same area. */
  private async next(model: ViewModel, by: -1 | 1): Promise<IScan | null> {
    return model.plot?.proposal ? this.api.neighbour(model.path, by) : null;
  }
}
