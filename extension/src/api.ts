/** One function per route of the server. */

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { readTiles } from './frame';
import {
  IChild,
  IClusters,
  IConsent,
  IDifference,
  IFeed,
  IFound,
  IMask,
  IMaskRequest,
  INode,
  INodeAttributes,
  IPage,
  IPlot,
  IProposals,
  IRecordings,
  IRegionData,
  IRegionRequest,
  IRoom,
  IRules,
  IRun,
  IRunDetail,
  ISamples,
  IScan,
  IScansRequest,
  ISeries,
  ISeriesRequest,
  ITable,
  ITableRequest,
  ITemplate,
  ITile,
  ITileRequest,
  IWatches,
  PAGE,
  ServerError
} from './types';

/** Of what a page asks by itself: it keeps no server from being idle. */
const BY_ITSELF = { no_track_activity: 1 };

type Query = Record<string, string | number | null | undefined>;

export class Api {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  proposals(signal?: AbortSignal): Promise<IProposals> {
    return this.get('proposals', {}, signal);
  }

  scans(request: IScansRequest): Promise<IPage<IScan>> {
    return this.get('scans', { ...request, limit: PAGE });
  }

  samples(proposal: string, filter: string): Promise<ISamples> {
    return this.get('samples', { proposal, filter });
  }

  /** The scan before or after in time, of the same area; null at an end. */
  async neighbour(path: string, by: -1 | 1): Promise<IScan | null> {
    const answer = await this.get<{ scan: IScan | null }>('neighbour', {
      path,
      by
    });
    return answer.scan;
  }

  /** The scan of raw data that began last, of all proposals. */
  async newest(): Promise<IScan | null> {
    return (await this.get<{ scan: IScan | null }>('newest', {})).scan;
  }

  /** A small picture of a scan; null where it has none. */
  async thumb(path: string, signal?: AbortSignal): Promise<Blob | null> {
    const response = await this.fetch('thumb', { path }, { signal });
    return response.status === 204 ? null : response.blob();
  }

  children(path: string, node: string, offset = 0): Promise<IPage<IChild>> {
    return this.get('children', { path, node, offset, limit: PAGE });
  }

  find(path: string, text: string, signal?: AbortSignal): Promise<IFound> {
    return this.get('find', { path, text, limit: 100 }, signal);
  }

  difference(
    path: string,
    other: string,
    signal?: AbortSignal
  ): Promise<IDifference> {
    return this.get('difference', { path, other }, signal);
  }

  /** Count the pixels of a mask, or save it as well. */
  async mask(request: IMaskRequest, signal?: AbortSignal): Promise<IMask> {
    const init = { method: 'POST', body: JSON.stringify(request), signal };
    return (await this.fetch('mask', {}, init)).json();
  }

  node(path: string, node: string, signal?: AbortSignal): Promise<INode> {
    return this.get('node', { path, node }, signal);
  }

  plot(path: string, node: string, signal?: AbortSignal): Promise<IPlot> {
    return this.get('plot', { path, node }, signal);
  }

  /**
   * A picture; of a large one, a preview is told as soon as it is here. With a
   * ticket the server tells how far one has come that takes long.
   */
  async tile(
    request: ITileRequest,
    signal?: AbortSignal,
    previewed: (tile: ITile) => void = () => undefined,
    ticket = ''
  ): Promise<ITile> {
    const headers = ticket ? { 'X-Daisy-Ticket': ticket } : undefined;
    const init = { signal, headers };
    const response = await this.fetch('tile', listed(request), init);
    return readTiles(response.body!, previewed);
  }

  series(request: ISeriesRequest, signal?: AbortSignal): Promise<ISeries> {
    const { within, ...rest } = request;
    const [from, to] = within ?? [];
    return this.get('series', { ...listed(rest), from, to }, signal);
  }

  values(request: ITableRequest, signal?: AbortSignal): Promise<ITable> {
    return this.get('values', listed(request), signal);
  }

  async attributes(
    path: string,
    node: string,
    signal?: AbortSignal
  ): Promise<INodeAttributes[]> {
    const query = { path, node };
    const answer = await this.get<{ nodes: INodeAttributes[] }>(
      'attributes',
      query,
      signal
    );
    return answer.nodes;
  }

  pixel(
    request: Pick<
      ITileRequest,
      'path' | 'node' | 'axes' | 'index' | 'sum' | 'how' | 'bin'
    >,
    row: number,
    column: number,
    signal?: AbortSignal
  ): Promise<{ value: string; units: string | null }> {
    return this.get('pixel', { ...listed(request), row, column }, signal);
  }

  /** Its points go in the body: those of painted pixels are many. */
  async region(
    { points, ...rest }: IRegionRequest,
    signal?: AbortSignal
  ): Promise<IRegionData> {
    const body = JSON.stringify({ points });
    const init = { method: 'POST', body, signal };
    return (await this.fetch('region', listed(rest), init)).json();
  }

  async templates(): Promise<ITemplate[]> {
    const answer = await this.get<{ templates: ITemplate[] }>('templates', {});
    return answer.templates;
  }

  async startNotebook(wanted: {
    template?: string;
    path?: string;
    node?: string;
    index?: (number | null)[];
    /** What reads what is shown, where that is more than a position. */
    code?: string;
  }): Promise<string> {
    const init = { method: 'POST', body: JSON.stringify(wanted) };
    const response = await this.fetch('notebooks', {}, init);
    return (await response.json()).path;
  }

  /** The websocket on which the server tells what has changed. */
  events(): WebSocket {
    const { wsUrl, token, appendToken } = this.settings;
    const address = URLExt.join(wsUrl, 'daisy', 'events');
    const known = token && appendToken;
    const query = known ? `?token=${encodeURIComponent(token)}` : '';
    return new this.settings.WebSocket(address + query);
  }

  /** How a file is called that leads away, and how large it will be. */
  sizeOf(
    route: 'export' | 'download',
    query: Query
  ): Promise<{ name: string; size: number | null; bytes?: number }> {
    return this.get(route, { ...query, check: 1 });
  }

  /** The address of a file, for the browser to download. */
  address(route: 'export' | 'download' | 'run/picture', query: Query): string {
    const { token, appendToken } = this.settings;
    const known = token && appendToken ? { token } : {};
    return this.route(route, { ...query, ...known });
  }

  /** Whether this account is here for the first time; so only once. */
  async isNew(): Promise<boolean> {
    const response = await this.fetch('visits', {}, { method: 'POST' });
    return (await response.json()).new;
  }

  /** The newest runs that a search finds; of all proposals where none is named. */
  runs(proposal: string, limit: number, filter: string): Promise<IPage<IRun>> {
    const of = proposal ? { proposal } : {};
    return this.get('runs', { ...of, limit, filter, ...BY_ITSELF });
  }

  run(path: string): Promise<IRunDetail> {
    return this.get('run', { path, ...BY_ITSELF });
  }

  /** Where the picture of a run is. */
  runPicture(run: IRun): string {
    return this.address('run/picture', { path: run.path, v: run.picture });
  }

  /** Ask a run to stop; what is finished of it stays. */
  async stopRun(path: string): Promise<IRun> {
    return this.tell('run/stop', { path });
  }

  /** Start a run again that has ended without being done. */
  async goOn(path: string): Promise<IRun> {
    return this.tell('run/go-on', { path });
  }

  /** Change what the owner of a run says of it. */
  async noteRun(path: string, note: string): Promise<IRun> {
    return this.tell('run/note', { path, note });
  }

  feed(proposal: string, limit: number): Promise<IFeed> {
    return this.get('feed', { proposal, limit, ...BY_ITSELF });
  }

  /** Write the usual rules of a proposal that has none. */
  async writeRules(proposal: string): Promise<IRules> {
    const init = { method: 'POST', body: JSON.stringify({ proposal }) };
    return (await this.fetch('feed', {}, init)).json();
  }

  /** Who watches a proposal also when nobody is logged in. */
  watches(proposal: string): Promise<IWatches> {
    return this.get('watches', { proposal, ...BY_ITSELF });
  }

  /** Have one's own server kept for a proposal, or end that. */
  async keepWatch(proposal: string, keep: boolean): Promise<IWatches> {
    const init = { method: 'POST', body: JSON.stringify({ proposal, keep }) };
    return (await this.fetch('watches', {}, init)).json();
  }

  /** Publish a notebook for all members of a proposal. */
  async share(wanted: {
    path: string;
    proposal: string;
    note: string;
    outputs: boolean;
  }): Promise<{ name: string; version: number }> {
    const init = { method: 'POST', body: JSON.stringify(wanted) };
    return (await this.fetch('share', {}, init)).json();
  }

  /** Bring a copy up to date; the file that has the newest version. */
  async updateShared(path: string): Promise<{ path: string }> {
    const init = { method: 'POST', body: JSON.stringify({ path }) };
    return (await this.fetch('share/update', {}, init)).json();
  }

  /** What the home takes; with *all*, also results and clusters. */
  room(all: boolean): Promise<IRoom> {
    return this.get('room', { ...BY_ITSELF, all: all ? 1 : null });
  }

  consent(): Promise<IConsent> {
    return this.get('consent', BY_ITSELF);
  }

  async giveConsent(minutes: number): Promise<IConsent> {
    const init = { method: 'POST', body: JSON.stringify({ minutes }) };
    return (await this.fetch('consent', {}, init)).json();
  }

  async endConsent(): Promise<IConsent> {
    return (await this.fetch('consent', {}, { method: 'DELETE' })).json();
  }

  clusters(): Promise<IClusters> {
    return this.get('clusters', BY_ITSELF);
  }

  async otherSoftware(): Promise<string> {
    return (await this.get<{ other: string }>('software', BY_ITSELF)).other;
  }

  async scaleCluster(name: string, workers: number): Promise<IClusters> {
    const init = { method: 'POST', body: JSON.stringify({ name, workers }) };
    return (await this.fetch('clusters', {}, init)).json();
  }

  async stopCluster(name: string): Promise<IClusters> {
    return (
      await this.fetch('clusters', { name }, { method: 'DELETE' })
    ).json();
  }

  recordings(path: string): Promise<IRecordings> {
    return this.get('recordings', { path });
  }

  private async get<T>(
    route: string,
    query: Query,
    signal?: AbortSignal
  ): Promise<T> {
    return (await this.fetch(route, query, { signal })).json();
  }

  /** Ask for something to be done. */
  private async tell<T>(route: string, wanted: object): Promise<T> {
    const init = { method: 'POST', body: JSON.stringify(wanted) };
    return (await this.fetch(route, {}, init)).json();
  }

  private route(route: string, query: Query): string {
    const given = Object.entries(query).filter(
      ([, value]) => value !== null && value !== undefined
    );
    return (
      URLExt.join(this.settings.baseUrl, 'daisy', route) +
      URLExt.objectToQueryString(
        Object.fromEntries(given.map(([name, value]) => [name, `${value}`]))
      )
    );
  }

  private async fetch(
    route: string,
    query: Query,
    init: RequestInit
  ): Promise<Response> {
    const address = this.route(route, query);
    // `cache` must be named: without it every GET gets a time stamp, and the
    // server's tags are of no use
    const response = await ServerConnection.makeRequest(
      address,
      { cache: 'default', ...init },
      this.settings
    );
    if (!response.ok) {
      throw await errorOf(response);
    }
    return response;
  }
}

/** Lists of numbers as the routes take them: `axes=0,2`. */
function listed(request: object): Query {
  return Object.fromEntries(
    Object.entries(request).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : value
    ])
  );
}

async function errorOf(response: Response): Promise<ServerError> {
  try {
    const { error, message } = await response.json();
    return new ServerError(response.status, error, message);
  } catch {
    const text = `the server answered ${response.status}`;
    return new ServerError(response.status, 'ServerError', text);
  }
}
