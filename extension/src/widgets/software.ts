/** Says once that a server that is started now would have other software. */

import { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { IStateDB } from '@jupyterlab/statedb';
import { attention } from '../model/attention';
import { SoftwareNews } from '../model/software';
import { Api } from '../api';

const KEY = 'daisy-lab:software';
const EVERY = 600_000; // milliseconds
const CONTROL_PANEL = 'hub:control-panel';

export function followSoftware(
  app: JupyterFrontEnd,
  state: IStateDB,
  api: Api
): void {
  const news = new SoftwareNews(api, {
    told: async () => (await state.fetch(KEY)) as string | undefined,
    remember: name => state.save(KEY, name)
  });
  const look = async () => {
    if (attention.here && (await news.look())) {
      tell(app);
    }
  };
  void look();
  setInterval(() => void look(), EVERY);
}

function tell(app: JupyterFrontEnd): void {
  const actions = app.commands.hasCommand(CONTROL_PANEL)
    ? [
        {
          label: 'Hub Control Panel',
          callback: () => void app.commands.execute(CONTROL_PANEL)
        }
      ]
    : [];
  Notification.info(
    'Another version of DAISY is there. To have it: File > Hub Control Panel, stop your server and start it again. Nothing is changed until then.',
    { autoClose: false, actions }
  );
}
