/** What the server tells by itself, over one websocket that is opened again. */

import { ISignal, Signal } from '@lumino/signaling';
import { IGrowth, IProgress, IShown } from '../types';

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

export class Events {
  private socket: WebSocket | null = null;
  private pause = FIRST_PAUSE;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private ended = false;
  private readonly _catalog = new Signal<this, string>(this);
  private readonly _proposals = new Signal<this, void>(this);
  private readonly _feed = new Signal<this, string>(this);
  private readonly _growth = new Signal<this, IGrowth>(this);
  private readonly _progress = new Signal<this, IProgress>(this);
  private shown: IShown[] = [];

  constructor(private readonly connect: () => WebSocket) {}

  /** The path of a proposal whose catalogue is new. */
  get catalog(): ISignal<this, string> {
    return this._catalog;
  }

  /** Proposals have come or gone. */
  get proposals(): ISignal<this, void> {
    return this._proposals;
  }

  /** The path of a proposal whose rules have made something of its scans. */
  get feed(): ISignal<this, string> {
    return this._feed;
  }

  /** What has happened to a scan that is followed. */
  get growth(): ISignal<this, IGrowth> {
    return this._growth;
  }

  /** How far a picture has come that takes long. */
  get progress(): ISignal<this, IProgress> {
    return this._progress;
  }

  start(): void {
    const socket = this.connect();
    this.socket = socket;
    socket.onopen = () => {
      this.pause = FIRST_PAUSE;
      if (this.shown.length) {
        this.follow(this.shown);
      }
    };
    socket.onmessage = message => this.heard(`${message.data}`);
    socket.onclose = () => this.again();
  }

  /** Have a proposal looked at now; nothing happens while there is no server. */
  look(proposal: string): void {
    this.send({ look: proposal });
  }

  /** Have this followed, and nothing else; also when the server is back. */
  follow(shown: IShown[]): void {
    this.shown = shown;
    this.send({ follow: shown });
  }

  dispose(): void {
    this.ended = true;
    if (this.timer) {
      clearTimeout(this.timer);
    }
    this.socket?.close();
    Signal.clearData(this);
  }

  private send(wish: object): void {
    if (this.socket?.readyState === 1) {
      this.socket.send(JSON.stringify(wish));
    }
  }

  private heard(text: string): void {
    const told = JSON.parse(text) as { event?: string; proposal?: string };
    if (told.event === 'catalog' && told.proposal) {
      this._catalog.emit(told.proposal);
    } else if (told.event === 'proposals') {
      this._proposals.emit();
    } else if (told.event === 'feed' && told.proposal) {
      this._feed.emit(told.proposal);
    } else if (['grew', 'replaced', 'lost'].includes(`${told.event}`)) {
      this._growth.emit(told as IGrowth);
    } else if (told.event === 'progress') {
      this._progress.emit(told as IProgress);
    }
  }

  private again(): void {
    if (!this.ended) {
      this.timer = setTimeout(() => this.start(), this.pause);
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    }
  }
}
