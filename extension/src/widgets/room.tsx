/** Room in home, results and clusters: a word in the status bar, all of it on a click. */

import { JupyterFrontEnd } from '@jupyterlab/application';
import { ReactWidget } from '@jupyterlab/apputils';
import { IStatusBar, Popup, showPopup } from '@jupyterlab/statusbar';
import * as React from 'react';
import { Api } from '../api';
import { attention } from '../model/attention';
import { reasonOf } from '../model/reason';
import { advice, homeText, hoursBar, IBar, placeBar } from '../model/room';
import { IRoom } from '../types';

const ID = 'daisy-lab:room';
/** Milliseconds between two looks at the home. */
const EVERY = 10 * 60_000;

export function addRoom(app: JupyterFrontEnd, bar: IStatusBar, api: Api): void {
  const item = new RoomItem(api);
  bar.registerStatusItem(ID, { item, align: 'right', rank: 20 });
  app.commands.addCommand('daisy:show-room', {
    label: 'Show Room in Home, Results and Clusters',
    execute: () => item.open()
  });
  void app.restored.then(() => item.begin());
}

class RoomItem extends ReactWidget {
  private room: IRoom | null = null;
  private popup: Popup | null = null;
  private timer: ReturnType<typeof setInterval> | null = null;

  constructor(private readonly api: Api) {
    super();
    this.addClass('jp-Daisy-roomItem');
  }

  /** Look at the home now and then, while the page is seen. */
  begin(): void {
    const look = () => {
      if (attention.here && !this.isDisposed) {
        void this.look();
      }
    };
    this.timer = setInterval(look, EVERY);
    look();
  }

  open(): void {
    this.popup?.dispose();
    const body = ReactWidget.create(<Rooms read={() => this.api.room(true)} />);
    body.addClass('jp-Daisy-room');
    this.popup = showPopup({
      body,
      anchor: this,
      align: 'right',
      hasDynamicSize: true
    });
  }

  dispose(): void {
    if (this.timer) {
      clearInterval(this.timer);
    }
    super.dispose();
  }

  protected render(): React.ReactElement | null {
    if (!this.room) {
      return null;
    }
    return (
      <button
        className="jp-Daisy-roomButton"
        data-level={placeBar(this.room.home).level}
        title="Room in home, results and clusters"
        onClick={() => this.open()}
      >
        {homeText(this.room)}
      </button>
    );
  }

  private async look(): Promise<void> {
    // without a server of ours there is no word in the status bar
    this.room = await this.api.room(false).catch(() => this.room);
    this.update();
  }
}

function Rooms(props: { read: () => Promise<IRoom> }): React.ReactElement {
  const [room, setRoom] = React.useState<IRoom | null>(null);
  const [error, setError] = React.useState('');
  React.useEffect(() => {
    props.read().then(setRoom, reason => setError(reasonOf(reason)));
  }, []);
  if (error) {
    return (
      <p className="jp-Daisy-error" role="alert">
        {error}
      </p>
    );
  }
  if (!room) {
    return <p className="jp-Daisy-hint">Files are being counted…</p>;
  }
  const hours = room.clusters?.hours ?? [];
  const said = advice(room);
  return (
    <>
      <Bars title="Home" bars={[placeBar(room.home)]} />
      <Bars title="Results, in processed" bars={room.processed.map(placeBar)} />
      <Bars title="Clusters, this month" bars={hours.map(hoursBar)} />
      {room.clusters?.problem && (
        <p className="jp-Daisy-hint">{room.clusters.problem}</p>
      )}
      {said && <p className="jp-Daisy-roomAdvice">{said}</p>}
    </>
  );
}

function Bars(props: {
  title: string;
  bars: IBar[];
}): React.ReactElement | null {
  if (!props.bars.length) {
    return null;
  }
  return (
    <section aria-label={props.title}>
      <h3>{props.title}</h3>
      {props.bars.map(bar => (
        <div key={bar.name} className="jp-Daisy-roomRow" data-level={bar.level}>
          <span className="jp-Daisy-roomName" title={bar.name}>
            {bar.name}
          </span>
          <span>{bar.text}</span>
          {bar.part !== null && (
            <meter
              min={0}
              max={1}
              value={Math.min(bar.part, 1)}
              aria-label={bar.name}
            />
          )}
        </div>
      ))}
    </section>
  );
}
