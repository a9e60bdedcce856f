/** What the server's routes answer, and what the parts of the page share. */

export type NodeKind = 'group' | 'dataset' | 'missing' | 'outside' | 'loop';
export type PlotKind = 'image' | 'line' | 'text';
export type Scale = 'linear' | 'log' | 'sqrt';
export type Value =
  string | number | boolean | null | Value[] | { [name: string]: Value };

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
  problem: string;
}

export interface IChild {
  name: string;
  path: string;
  kind: NodeKind;
  detail: string;
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
  plot: PlotKind;
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
  leading: IAxis[];
  /** The frame to begin with: a projection, the middle of a volume. */
  first: number;
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
}

/** First row, end of rows, first column, end of columns. */
export type Box = [number, number, number, number];

export interface ITileRequest {
  path: string;
  node: string;
  index: number[];
  max: [number, number];
  lo: number | null;
  hi: number | null;
  scale: Scale;
  box: Box | null;
}

export interface ITile {
  shape: [number, number];
  full: [number, number];
  box: Box;
  level: number;
  lo: number;
  hi: number;
  minimum: number | string;
  maximum: number | string;
  bad: number;
  hot: number;
  histogram: number[];
  scale: Scale;
  index: number[];
  /** 0 is a pixel without data, 1 is lo, 255 is hi. */
  codes: Uint8Array;
}

export interface ISeries {
  x: (number | null)[];
  lo: (number | null)[];
  hi: (number | null)[];
  total: number;
  label: string;
  units: string | null;
  y: { label: string; units: string | null };
}

export interface ITemplate {
  id: string;
  title: string;
  description: string;
  technique: string;
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
