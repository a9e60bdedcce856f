import { Api } from '../api';
import { ViewModel } from '../model/view';

/** What every viewer is given. */
export interface IViewerProps {
  model: ViewModel;
  api: Api;
}
