/** The ways to show a dataset: the first that supports it is used. */

import * as React from 'react';
import { Api } from '../api';
import { ViewModel } from '../model/view';
import { IDescription } from '../types';
import { ImageView } from './image';
import { LineView } from './line';
import { TextView } from './text';

export interface IViewerProps {
  model: ViewModel;
  api: Api;
}

export interface IViewer {
  name: string;
  supports: (dataset: IDescription) => boolean;
  render: React.ComponentType<IViewerProps>;
}

export const viewers: IViewer[] = [
  { name: 'Image', supports: d => d.plot === 'image', render: ImageView },
  { name: 'Line', supports: d => d.plot === 'line', render: LineView },
  { name: 'Values', supports: () => true, render: TextView }
];

export function viewerFor(dataset: IDescription): IViewer {
  return viewers.find(viewer => viewer.supports(dataset)) ?? viewers[2];
}
