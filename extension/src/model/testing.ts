/** What the tests of this folder share: a plot as the server tells it. */

import { IPlot, ISignalData } from '../types';

export function plotOf(
  shape: number[],
  part: Partial<ISignalData> = {}
): IPlot {
  const signal: ISignalData = {
    path: 'data',
    name: 'data',
    shape,
    dtype: 'uint16',
    units: null,
    chunks: null,
    filters: [],
    axes: shape.map(() => null),
    stored: null,
    bytes: 0,
    missing: [],
    plot: 'image',
    picture: [shape.length - 2, shape.length - 1],
    spectral: null,
    dimensions: shape.map(() => ({ name: null, units: null, values: null })),
    first: 0,
    flat: false,
    ...part
  };
  return {
    format: 'hdf5',
    title: '',
    technique: '',
    sample: '',
    start_time: '',
    signal,
    signals: [],
    notes: [],
    missing: [],
    code: 'a.h5',
    proposal: null,
    growing: false
  };
}
