/** What the server's routes answer, and what the parts of the page share. */

export type NodeKind = 'group' | 'dataset' | 'missing' | 'outside' | 'loop';
export type How = 'max' | 'mean' | 'std' | 'sum';
export type PlotKind = 'image' | 'map' | 'line' | 'text';
export type Scale = 'linear' | 'log' | 'sqrt';
export type Value =
  string | number | boolean | null | Value[] | { [name: string]: Value };

/** Items of a page of a list. */
export const PAGE = 200;

export interface IPage<T> {
  items: T[];
  total: number;
  offset: number;
}

export interface IProposal {
  beamline: string;
  name: string;
  path: string;
  title: string;
  problem: string;
}

export interface IProposals {
  root: string;
  user: string;
  proposals: IProposal[];
}

export interface IScan {
  name: string;
  path: string;
  area: string;
  kind: string;
  size: number;
  /** Seconds since 1970. */
  mtime: number;
  title: string;
  technique: string;
  sample: string;
  /** ISO 8601, as the file says it. */
  start_time: string;
  users: string[];
  instrument: string;
  detectors: string[];
  shape: number[];
  /** Names of what is scanned, slow to fast. */
  axes: string[];
  energy_kev: number | null;
  problem: string;
  /** How a line of code names it. */
  code: string;
}

export type ScanOrder = 'newest' | 'oldest' | 'name';

export interface IScansRequest {
  proposal: string;
  offset: number;
  filter: string;
  order: ScanOrder;
  /** Only scans of this sample, "" for those that name none; null for all. */
  sample: string | null;
}

export interface ISample {
  name: string;
  scans: number;
  /** When its last scan began, seconds since 1970. */
  newest: number;
}

/** What a search finds in a proposal. */
export interface ISamples {
  samples: ISample[];
  /** Of all its scans. */
  techniques: string[];
  /** Scans whose files were not opened yet. */
  pending: number;
}

export interface IChild {
  name: string;
  path: string;
  kind: NodeKind;
  detail: string;
  /** Where a link leads; empty for what lies in the group itself. */
  link: string;
}

/** Where the metadata of two scans differ; null where something is absent. */
export interface IDifference {
  rows: { path: string; first: string | null; second: string | null }[];
  /** How many do not differ. */
  same: number;
  complete: boolean;
}

/** What a search inside a file has found. */
export interface IFound {
  items: IChild[];
  /** Whether these are all. */
  complete: boolean;
}

export interface IDescription {
  path: string;
  name: string;
  shape: number[];
  dtype: string;
  units: string | null;
  chunks: number[] | null;
  filters: string[];
  axes: (string | null)[];
  stored: number | null;
  bytes: number;
  missing: string[];
  /** What it is drawn as first. */
  plot: PlotKind;
  /** The axes of rows and of columns; empty where there are not two. */
  picture: number[];
  /** The axis along which each point has a spectrum. */
  spectral: number | null;
}

export interface INode extends Partial<IDescription> {
  path: string;
  name: string;
  kind: 'group' | 'dataset';
  attributes: { name: string; value: Value }[];
  value?: Value;
}

export interface IAxis {
  name: string | null;
  units: string | null;
  values: (number | null)[] | null;
}

export interface ISignalData extends IDescription {
  /** One for each axis. */
  dimensions: IAxis[];
  /** The frame to begin with: a projection, the middle of a volume. */
  first: number;
  /** Whether there are flat fields for it. */
  flat: boolean;
  /** How large a pixel is along each axis, where the detector says so. */
  pixels?: ({ size: number; units: string } | null)[];
}

export interface IPlot {
  format: string;
  title: string;
  technique: string;
  sample: string;
  start_time: string;
  signal: ISignalData | null;
  signals: { path: string; shape: number[]; dtype: string }[];
  notes: string[];
  missing: { path: string; kind: NodeKind; reason: string }[];
  /** How a line of code names the file. */
  code: string;
  proposal: string | null;
  /** Whether the file has changed in the last seconds. */
  growing: boolean;
}

/** What a page shows, and has followed. */
export interface IShown {
  path: string;
  /** Empty for the default dataset. */
  node: string;
}

/** How far the picture has come that was asked for with a ticket. */
export interface IProgress {
  ticket: string;
  done: number;
  total: number;
}

/** News of what a page shows. */
export interface IGrowth extends IShown {
  event: 'grew' | 'replaced' | 'lost';
  dataset?: string | null;
  shape?: number[] | null;
  /** Positions of the first axis that hold data. */
  written?: number;
  growing?: boolean;
}

/** Part of a request for what is being written. */
interface IOfGrowing {
  /** Changes with the news: an answer from before is not shown again. */
  of?: number;
}

/** First row, end of rows, first column, end of columns. */
export type Box = [number, number, number, number];

export interface ITileRequest extends IOfGrowing {
  path: string;
  node: string;
  /** The axes of rows and of columns. */
  axes: number[];
  /** Positions on the axes that are neither drawn nor summed. */
  index: number[];
  /** Axis, first position and end, for each axis that is added up. */
  sum?: number[];
  /** What is taken along them instead of the sum. */
  how?: How;
  /** Compare with the flat field, or with another scan. */
  against?: 'flat' | 'minus' | 'over';
  other?: string;
  /** Read every how many rows, for a first look. */
  step?: number;
  max: [number, number];
  lo: number | null;
  hi: number | null;
  scale: Scale;
  box: Box | null;
  /** A pixel of the picture is the mean of at least so many each way. */
  bin?: number;
  /** Most rows and columns of a preview of a large picture. */
  preview?: number;
  /** 1: apply the detector's mask, and mark saturated pixels. */
  marks?: 0 | 1;
}

/** How often values occur, in equal steps of the scale from lo to hi. */
export interface IDistribution {
  lo: number;
  hi: number;
  counts: number[];
}

export interface ITile {
  shape: [number, number];
  full: [number, number];
  box: Box;
  level: number;
  /** Only every how many rows were read. */
  step: number;
  /** Of a projection, only every how many frames were read. */
  thinned?: number;
  lo: number;
  hi: number;
  minimum: number | string;
  maximum: number | string;
  bad: number;
  /** Pixels, before binning, behind which there is no file. */
  missing: number;
  hot: number;
  /** Pixels that the detector's mask takes out. */
  masked: number;
  /** Pixels at the end of the counter; where there are any, they have code 255. */
  saturated: number;
  histogram: IDistribution;
  scale: Scale;
  axes: number[];
  index: number[];
  /** 0 is a pixel without data, 1 is lo, 255 is hi. */
  codes: Uint8Array;
}

export interface ISeries {
  x: (number | null)[];
  lo: (number | null)[];
  hi: (number | null)[];
  /** One for each point, null where the curve has been thinned or has none. */
  errors: (number | null)[] | null;
  total: number;
  /** The first point that is drawn, and the end. */
  within: [number, number];
  /** The same without the neighbours of what was asked for. */
  inside: [number, number];
  step: number;
  label: string;
  units: string | null;
  y: { label: string; units: string | null };
}

export interface ISeriesRequest extends IOfGrowing {
  path: string;
  node: string;
  /** The axis that runs. */
  axis: number;
  index: number[];
  sum?: number[];
  points: number;
  /** Dataset of the positions. */
  x?: string;
  /** The dataset over whose curve this one is drawn, if it is another one. */
  over?: string;
  /** Only between these positions. */
  within?: [number, number] | null;
}

export interface IRegionRequest {
  path: string;
  node: string;
  axes: number[];
  index: number[];
  kind: string;
  /** Row and column of each point. */
  points: number[];
  width: number;
  sum?: number[];
  how?: How;
}

/** Which pixels of a picture are not to be used. */
export interface IMaskRules {
  drawn: { kind: string; points: number[]; width: number }[];
  below: number | null;
  above: number | null;
  /** Also those of the detector's own mask. */
  detector: boolean;
}

export interface IMaskRequest {
  path: string;
  node: string;
  index: number[];
  axes: number[];
  rules: IMaskRules;
  save?: boolean;
}

export interface IMask {
  masked: number;
  pixels: number;
  /** Where it was saved, in the user's home. */
  file?: string;
}

/** A number that may be too large for one, as text; null where there is no pixel. */
export type Exact = number | string | null;

export interface IRegionData {
  count: number;
  /** Pixels that are no data, and were left out. */
  masked: number;
  mean: Exact;
  std: Exact;
  median: Exact;
  minimum: Exact;
  maximum: Exact;
  sum: Exact;
  units: string | null;
  /** Of a line: distance in pixels and value. */
  profile: { x: (number | null)[]; y: (number | null)[] } | null;
}

export interface ITableRequest extends IOfGrowing {
  path: string;
  node: string;
  axes: number[];
  index: number[];
  rows: [number, number];
  columns: [number, number];
}

/** A page of a table, every value as exact text. */
export interface ITable {
  shape: [number, number];
  fields: string[] | null;
  rows: [number, number];
  columns: [number, number];
  items: string[][];
}

export interface INodeAttributes {
  path: string;
  attributes: {
    name: string;
    value: string;
    dtype: string;
    shape: number[];
  }[];
}

export interface ITemplate {
  id: string;
  title: string;
  description: string;
  technique: string;
  /** Whose members share it; "" for those that come with DAISY. */
  proposal: string;
}

export type RunState =
  'waiting' | 'running' | 'done' | 'failed' | 'stopped' | 'lost';

/** A run as it stands in a list. */
export interface IRun {
  path: string;
  /** How a line of code names it. */
  code: string;
  name: string;
  title: string;
  /** Its path is empty where the scan is not there any more. */
  scan: { name: string; path: string };
  user: string;
  /** ISO 8601. */
  created: string;
  note: string;
  /** Changes with its picture; empty if it has none. */
  picture: string;
  /** What the picture shows: axes and units. */
  caption: string;
  files: { name: string; path: string }[];
  state: RunState;
  stopping: boolean;
  /** How it goes, for a reader. */
  words: string;
  /** How much is done, from 0 to 1. */
  part: number;
  /** Seconds, as far as they can be told. */
  left: number | null;
  seconds: number;
  /** Bytes per second. */
  rate: number;
  error: string;
}

export interface IRunStep {
  name: string;
  algorithm: string;
  summary: string;
  parameters: { name: string; value: Value; units: string }[];
  /** Spent in it by all threads; null where nothing is told. */
  seconds: number | null;
  blocks: number;
  of: number;
  reused: number;
  /** Bytes of arrays that were read for it, and of blocks of what it made. */
  read: number;
  written: number;
}

/** All that is told of one run. */
export interface IRunDetail extends IRun {
  log: string;
  /** Whether one may change its note: it is one's own. */
  may_note: boolean;
  /** Why it cannot be gone on with; empty if it can. */
  stays: string;
  /** What was remarked while it ran. */
  notes: string[];
  engine: string;
  host: string;
  versions: { [name: string]: string };
  inputs: string[];
  steps: IRunStep[];
}

/** What a rule made of a scan. */
export interface IFeedItem {
  rule: string;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'passed';
  words: string;
  problem: string;
  run: IRun | null;
}

export interface IFeedScan extends IScan {
  items: IFeedItem[];
}

export interface IRules {
  state: 'good' | 'none' | 'wrong';
  problem: string;
  names: string[];
  /** Account that carries them out; empty for whoever is there. */
  run_by: string;
  file: string;
  may_write: boolean;
  /** What writes the usual ones. */
  command: string;
}

export interface IFeed extends IPage<IFeedScan> {
  rules: IRules;
}

/** An account whose server is kept, so that it watches a proposal always. */
export interface IWatch {
  user: string;
  /** Seconds since 1970. */
  since: number;
  /** How its server is, in words. */
  state: string;
  yours: boolean;
}

export interface IWatches {
  /** Whether there is a hub that would keep one's server for this proposal. */
  available: boolean;
  watches: IWatch[];
}

/** What something takes, and may take, in bytes. */
export interface IPlaceRoom {
  name: string;
  used: number;
  free: number;
  /** Not all was seen in the time there was. */
  partial: boolean;
  quota: number | null;
}

/** Core hours of this month. */
export interface IHours {
  who: string;
  hours: number;
  most: number | null;
}

export interface IRoom {
  home: IPlaceRoom;
  processed: IPlaceRoom[];
  clusters: { month: string; hours: IHours[]; problem: string } | null;
}

/** Whether support may look into this server. */
export interface IConsent {
  available: boolean;
  /** Whether the owner of the server asks. */
  mine: boolean;
  owner: string;
  /** Seconds since 1970; null without consent. */
  until: number | null;
  /** Guests who look just now. */
  here: string[];
}

/** One of the user's Dask clusters. */
export interface ICluster {
  name: string;
  state: 'pending' | 'running' | 'stopping';
  /** How many there are, were asked for, and may be asked for; null: not known. */
  workers: number | null;
  wanted: number | null;
  most: number | null;
  /** Seconds since 1970. */
  started: number;
  /** Where its page is; "" where it has none. */
  page: string;
}

export interface IClusters {
  /** Whether there is a gateway. */
  available: boolean;
  /** What the gateway says of a wish that it grants in part. */
  note: string;
  clusters: ICluster[];
}

export interface IRecordings {
  revision: number;
  running: boolean;
  started: string | null;
  finished: string | null;
  failed: boolean;
  cells: { id: string; state: string }[];
}

/** An answer of the server that says what is wrong. */
export class ServerError extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    message: string
  ) {
    super(message);
  }
}
