/** The menu of all that leads away: copy, save what is seen, download. */

import { JupyterFrontEnd } from '@jupyterlab/application';
import {
  Clipboard,
  Dialog,
  Notification,
  showDialog
} from '@jupyterlab/apputils';
import { Menu } from '@lumino/widgets';
import { Api } from '../api';
import { binText } from '../model/bins';
import {
  bytesOf,
  curvesWish,
  Format,
  formatsFor,
  IExport,
  shownBin,
  shownPart
} from '../model/exports';
import { sizeText } from '../model/text';
import { reasonOf } from '../model/reason';
import { ViewModel } from '../model/view';
import { snapshot, snapshotName } from './snapshot';

const COPY_PATH = 'daisy:copy-shown-path';
const COPY_CODE = 'daisy:copy-shown-code';
const PICTURE = 'daisy:save-picture';
const CURVES = 'daisy:save-curves';
const EXPORT = 'daisy:export';
const DOWNLOAD = 'daisy:download';
const DRAWN = ['Frames', 'Map', 'Slices', 'Line'];
/** Bytes above which one is asked first. */
const LARGE = 200 * 2 ** 20;

const FORMATS: Record<Format, string> = {
  tiff: 'TIFF, as it is',
  tiff8: 'TIFF, 8 bit, contrast as shown',
  tiff16: 'TIFF, 16 bit, contrast as shown',
  npy: 'NumPy (.npy)',
  csv: 'Text (.csv)',
  h5: 'HDF5, with axes and origin'
};

interface IView {
  model: ViewModel;
  node: HTMLElement;
}

export class Exports {
  private readonly menu: Menu;
  private readonly shown: Menu;
  private readonly whole: Menu;

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly api: Api,
    private readonly current: () => IView | null
  ) {
    const { commands } = app;
    this.menu = new Menu({ commands });
    this.shown = new Menu({ commands });
    this.whole = new Menu({ commands });
    this.addCommands();
  }

  /** Open the menu below a button. */
  open(button: HTMLElement): void {
    const model = this.current()?.model;
    if (!model?.plot) {
      return;
    }
    const { signal } = model;
    this.menu.clearItems();
    this.menu.addItem({ command: COPY_PATH });
    this.menu.addItem({ command: COPY_CODE });
    this.menu.addItem({ type: 'separator' });
    if (signal) {
      this.menu.addItem({ command: PICTURE });
      this.menu.addItem({ command: CURVES });
      const part = shownPart(model);
      const bin = shownBin(model);
      if (part || bin > 1) {
        this.fill(this.shown, model, part, shownTitle(model), bin);
      }
      this.fill(this.whole, model, '', 'The whole dataset', 1);
      this.menu.addItem({ type: 'separator' });
    }
    this.menu.addItem({ command: DOWNLOAD });
    const { left, bottom } = button.getBoundingClientRect();
    this.menu.open(left, bottom);
  }

  private fill(
    menu: Menu,
    model: ViewModel,
    part: string,
    title: string,
    bin: number
  ) {
    const signal = model.signal!;
    menu.clearItems();
    const size = sizeText(bytesOf(signal, part));
    menu.title.label = `${title} (${bin > 1 ? `binned ${binText(bin)}` : size})`;
    const isSeen = menu === this.shown && !!model.plotted;
    for (const format of formatsFor(signal, part)) {
      // the text of what is seen has all of the curves
      const command = isSeen && format === 'csv' ? CURVES : EXPORT;
      menu.addItem({ command, args: { format, part, bin } });
    }
    this.menu.addItem({ type: 'submenu', submenu: menu });
  }

  private addCommands(): void {
    const { commands } = this.app;
    const model = () => this.current()?.model ?? null;
    const isEnabled = () => !!model()?.plot;
    commands.addCommand(COPY_PATH, {
      label: 'Copy path',
      isEnabled,
      execute: () => Clipboard.copyToSystem(model()!.plot!.code)
    });
    commands.addCommand(COPY_CODE, {
      label: 'Copy code',
      isEnabled,
      execute: () => Clipboard.copyToSystem(model()!.code)
    });
    commands.addCommand(PICTURE, {
      label: 'Picture (.png)',
      isEnabled: () => DRAWN.includes(model()?.viewer?.name ?? ''),
      execute: () => this.savePicture()
    });
    commands.addCommand(CURVES, {
      label: args => {
        const many = (model()?.plotted?.curves.length ?? 0) > 1;
        const text = many ? 'Text (.csv), all curves' : FORMATS.csv;
        return args.format ? text : 'Curves as text (.csv)';
      },
      isVisible: () => !!model()?.plotted,
      execute: () => this.saveCurves()
    });
    commands.addCommand(EXPORT, {
      label: args => formatLabel(args.format as Format, Number(args.bin)),
      isVisible: args => !!args.format,
      execute: args =>
        this.save(`${args.part}`, args.format as Format, Number(args.bin))
    });
    commands.addCommand(DOWNLOAD, {
      label: 'Download the file or folder as it is',
      isEnabled,
      execute: () => this.get('download', { path: model()!.path })
    });
    const selector = '.jp-Daisy-view';
    commands.addKeyBinding({ command: COPY_CODE, keys: ['Alt C'], selector });
    commands.addKeyBinding({ command: COPY_PATH, keys: ['Alt P'], selector });
    commands.addKeyBinding({ command: PICTURE, keys: ['Alt S'], selector });
  }

  private savePicture(): void {
    const view = this.current();
    if (view) {
      const made = snapshot(view.node, view.model);
      made.toBlob(blob => {
        if (blob) {
          const address = URL.createObjectURL(blob);
          follow(address, snapshotName(view.model));
          setTimeout(() => URL.revokeObjectURL(address), 60_000);
        }
      });
    }
  }

  private async save(
    selection: string,
    format: Format,
    bin: number
  ): Promise<void> {
    const model = this.current()?.model;
    if (!model?.signal) {
      return;
    }
    const { path, look, tile } = model;
    const wish: IExport = { path, node: model.signal.path, selection, format };
    if (format === 'tiff8' || format === 'tiff16') {
      wish.lo = look.lo ?? tile?.lo;
      wish.hi = look.hi ?? tile?.hi;
    }
    if (bin > 1 && format !== 'h5') {
      wish.bin = bin;
    }
    await this.get('export', { ...wish });
  }

  private async saveCurves(): Promise<void> {
    const model = this.current()?.model;
    if (model?.plotted) {
      await this.get('export', curvesWish(model.path, model.plotted.drawn));
    }
  }

  /** Ask for the size, then let the browser download it. */
  private async get(
    route: 'export' | 'download',
    wish: Record<string, string | number | undefined>
  ): Promise<void> {
    try {
      const told = await this.api.sizeOf(route, wish);
      const bytes = told.size ?? told.bytes ?? 0;
      if (bytes < LARGE || (await agreed(told.name, bytes))) {
        follow(this.api.address(route, wish), told.name);
      }
    } catch (error) {
      Notification.error(reasonOf(error), { autoClose: false });
    }
  }
}

function formatLabel(format: Format, bin: number): string {
  const label = FORMATS[format] ?? 'Export';
  return bin > 1 && format === 'h5' ? `${label}, not binned` : label;
}

function shownTitle(model: ViewModel): string {
  if (model.plotted?.inside) {
    return 'The range that is zoomed to';
  }
  return model.project ? 'The frames that are shown as one' : 'What is shown';
}

async function agreed(name: string, bytes: number): Promise<boolean> {
  const answer = await showDialog({
    title: `Download ${sizeText(bytes)}?`,
    body: `${name} is large. A download that is cut goes on where it was, with your browser's list of downloads or with curl -C -.`,
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: 'Download' })]
  });
  return answer.button.accept;
}

function follow(address: string, name: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}
