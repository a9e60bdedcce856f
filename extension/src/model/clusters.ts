/** The user's Dask clusters. */

import { ICluster, IClusters } from '../types';
import { reasonOf } from './reason';
import { Refreshed } from './refreshed';

export interface IClustersSource {
  clusters(): Promise<IClusters>;
  scaleCluster(name: string, workers: number): Promise<IClusters>;
  stopCluster(name: string): Promise<IClusters>;
}

/** Whether something of it is about to change. */
export function isChanging(cluster: ICluster): boolean {
  const { state, workers, wanted } = cluster;
  return state !== 'running' || workers !== wanted;
}

export class ClustersModel extends Refreshed {
  available = false;
  items: ICluster[] = [];
  /** What the gateway says of the last wish. */
  note = '';

  constructor(private readonly api: IClustersSource) {
    super();
  }

  /** Ask for other workers. */
  scale(name: string, workers: number): Promise<void> {
    return this.wish(() => this.api.scaleCluster(name, workers));
  }

  /** Stop one with all that it computes. */
  stop(name: string): Promise<void> {
    return this.wish(() => this.api.stopCluster(name));
  }

  protected get lively(): boolean {
    return this.items.some(isChanging);
  }

  protected async read(): Promise<void> {
    const found = await this.api.clusters();
    this.available = found.available;
    this.items = found.clusters;
  }

  private async wish(send: () => Promise<IClusters>): Promise<void> {
    try {
      const { note, clusters } = await send();
      this.note = note;
      this.items = clusters;
    } catch (error) {
      this.note = reasonOf(error);
    }
    this.told();
    await this.refresh();
  }
}

/** How many workers a cluster has, in words. */
export function workersText({ workers, wanted }: ICluster): string {
  if (workers === null || wanted === null) {
    return '';
  }
  const plural = wanted === 1 ? '' : 's';
  return workers === wanted
    ? `${workers} worker${plural}`
    : `${workers} of ${wanted} worker${plural}`;
}
