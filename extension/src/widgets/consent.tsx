/** Lets support look: a dialog for the owner, a banner for both. */

import { JupyterFrontEnd } from '@jupyterlab/application';
import {
  Dialog,
  ICommandPalette,
  Notification,
  ReactWidget,
  showDialog
} from '@jupyterlab/apputils';
import { IMainMenu } from '@jupyterlab/mainmenu';
import * as React from 'react';
import { Api } from '../api';
import { addressOf, bannerText, CHOICES } from '../model/consent';
import { reasonOf } from '../model/reason';
import { Refreshed } from '../model/refreshed';
import { IConsent } from '../types';
import { useChanges } from './redraw';

const GIVE = 'daisy:give-consent';
const END = 'daisy:end-consent';

class ConsentModel extends Refreshed {
  now: IConsent | null = null;

  constructor(readonly api: Api) {
    super();
  }

  get isGiven(): boolean {
    return !!this.now && bannerText(this.now) !== '';
  }

  async wish(asked: Promise<IConsent>): Promise<void> {
    this.now = await asked;
    this.told();
  }

  protected get lively(): boolean {
    return false;
  }

  protected async read(): Promise<void> {
    this.now = await this.api.consent();
    // without a hub nobody else can come: it need not be asked again
    if (!this.now.available) {
      this.show(false);
    }
  }
}

export function addConsent(
  app: JupyterFrontEnd,
  api: Api,
  menu: IMainMenu | null,
  palette: ICommandPalette | null
): void {
  const model = new ConsentModel(api);
  const isMine = () => !!model.now?.available && model.now.mine;
  app.commands.addCommand(GIVE, {
    label: 'Let Support Look into Your Lab…',
    isVisible: isMine,
    execute: () => give(model)
  });
  app.commands.addCommand(END, {
    label: 'Let Nobody Look Any More',
    isVisible: () => isMine() && model.isGiven,
    execute: () => end(model)
  });
  menu?.helpMenu.addGroup([{ command: GIVE }, { command: END }], 1);
  palette?.addItem({ command: GIVE, category: 'DAISY' });
  const banner = ReactWidget.create(
    <Banner model={model} end={() => void end(model)} />
  );
  banner.id = 'daisy-consent';
  banner.addClass('jp-Daisy-consent');
  const fit = () => banner.setHidden(!model.isGiven);
  model.changed.connect(fit);
  fit();
  app.shell.add(banner, 'header', { rank: 0 });
  void app.restored.then(() => model.show(true));
}

async function give(model: ConsentModel): Promise<void> {
  const body = new Choice();
  const chosen = await showDialog({
    title: 'Let support look into your Lab',
    body,
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: 'Let them look' })
    ]
  });
  if (!chosen.button.accept) {
    return;
  }
  try {
    await model.wish(model.api.giveConsent(chosen.value ?? 0));
  } catch (error) {
    Notification.error(`Nobody may look: ${reasonOf(error)}`);
    return;
  }
  const address = addressOf(window.location.href);
  Notification.success(`Send support this address: ${address}`, {
    autoClose: false,
    actions: [
      {
        label: 'Copy it',
        callback: () => void navigator.clipboard?.writeText(address)
      }
    ]
  });
}

async function end(model: ConsentModel): Promise<void> {
  try {
    await model.wish(model.api.endConsent());
  } catch (error) {
    Notification.error(`They may still look: ${reasonOf(error)}`);
  }
}

class Choice extends ReactWidget implements Dialog.IBodyWidget<number> {
  private minutes = CHOICES[0].minutes;

  getValue(): number {
    return this.minutes;
  }

  protected render(): React.ReactElement {
    return (
      <>
        <p>
          They see what you see: your files, notebooks and data. They can change
          and run nothing. You can end it at any time; it ends with your server,
          too.
        </p>
        <fieldset className="jp-Daisy-consentChoice">
          <legend>For</legend>
          {CHOICES.map(({ label, minutes }) => (
            <label key={minutes}>
              <input
                type="radio"
                name="minutes"
                defaultChecked={minutes === this.minutes}
                onChange={() => (this.minutes = minutes)}
              />
              {label}
            </label>
          ))}
        </fieldset>
      </>
    );
  }
}

function Banner(props: {
  model: ConsentModel;
  end: () => void;
}): React.ReactElement | null {
  const { model } = props;
  useChanges(model);
  const text = model.now ? bannerText(model.now) : '';
  if (!text) {
    return null;
  }
  return (
    <div className="jp-Daisy-consentBanner" role="status">
      <span title={text}>{text}</span>
      {model.now?.mine && (
        <button className="jp-mod-styled jp-Daisy-button" onClick={props.end}>
          End it now
        </button>
      )}
    </div>
  );
}
