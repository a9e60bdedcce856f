/** The ways to show a dataset: names and rules in the model, drawing here. */

import * as React from 'react';
import { ViewerName } from '../model/rules';
import { AttributesView } from './attributes';
import { FramesView } from './frames';
import { LineView } from './line';
import { MapView } from './map';
import { IViewerProps } from './props';
import { SlicesView } from './slices';
import { TableView } from './table';

export const viewers: Record<ViewerName, React.ComponentType<IViewerProps>> = {
  Frames: FramesView,
  Line: LineView,
  Map: MapView,
  Slices: SlicesView,
  Table: TableView,
  Attributes: AttributesView
};
