/** The user's Dask clusters, below the runs of the sidebar. */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import {
  addIcon,
  caretDownIcon,
  caretRightIcon,
  closeIcon,
  launchIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';
import { ClustersModel, workersText } from '../model/clusters';
import { dateText, shortDateText } from '../model/text';
import { ICluster } from '../types';
import { minusIcon } from './icons';
import { useChanges } from './redraw';

interface IProps {
  model: ClustersModel;
  /** Whether the sidebar is seen: what is not is not asked for. */
  visible: boolean;
}

export function ClusterList(props: IProps): React.ReactElement | null {
  const { model } = props;
  const [open, setOpen] = React.useState(false);
  useChanges(model);
  React.useEffect(() => {
    // once to know whether there is a gateway, then while it is looked at
    model.show(props.visible && (open || !model.loaded));
    return () => model.show(false);
  }, [open, props.visible, model.loaded]);
  if (!model.available) {
    return null;
  }
  const Caret = open ? caretDownIcon.react : caretRightIcon.react;
  return (
    <section className="jp-Daisy-runs" aria-label="Clusters" data-open={open}>
      <button
        className="jp-Daisy-runsHead"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Caret tag="span" />
        <span>Clusters</span>
        {model.items.length > 0 && (
          <span className="jp-Daisy-detail">{model.items.length}</span>
        )}
      </button>
      {open && (
        <>
          {(model.error || model.note) && (
            <div className="jp-Daisy-error" role="alert">
              {model.error || model.note}
            </div>
          )}
          {!model.items.length && !model.error && (
            <p className="jp-Daisy-hint">
              No cluster: daisy.engine(&quot;gateway&quot;) in a notebook starts
              one.
            </p>
          )}
          <ul className="jp-Daisy-runItems">
            {model.items.map(cluster => (
              <Line key={cluster.name} cluster={cluster} model={model} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Line(props: {
  cluster: ICluster;
  model: ClustersModel;
}): React.ReactElement {
  const { cluster, model } = props;
  const short = cluster.name.slice(0, 8);
  const wanted = cluster.wanted ?? 0;
  const isUp = cluster.state === 'running';
  return (
    <li className="jp-Daisy-cluster" aria-label={`Cluster ${short}`}>
      <span className="jp-Daisy-runText">
        <span
          className="jp-Daisy-runName"
          title={`${cluster.name}, since ${dateText(cluster.started)}`}
        >
          {short}
        </span>
        <span className="jp-Daisy-runOf">
          {[
            isUp ? '' : cluster.state,
            workersText(cluster),
            shortDateText(cluster.started)
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <Button
        label="One worker fewer"
        disabled={!isUp || wanted < 1}
        icon={minusIcon}
        act={() => void model.scale(cluster.name, wanted - 1)}
      />
      <Button
        label={moreText(cluster)}
        disabled={!isUp || wanted >= (cluster.most ?? Infinity)}
        icon={addIcon}
        act={() => void model.scale(cluster.name, wanted + 1)}
      />
      {cluster.page && (
        <a
          className="jp-Daisy-iconButton"
          href={cluster.page}
          target="_blank"
          rel="noopener noreferrer"
          title="Dashboard: what it computes, in a new tab"
          aria-label="Dashboard"
        >
          <launchIcon.react tag="span" />
        </a>
      )}
      <Button
        label="Stop this cluster"
        disabled={cluster.state === 'stopping'}
        icon={closeIcon}
        act={() => void stop(model, cluster)}
      />
    </li>
  );
}

function Button(props: {
  label: string;
  disabled: boolean;
  icon: typeof addIcon;
  act: () => void;
}): React.ReactElement {
  return (
    <button
      className="jp-Daisy-iconButton"
      title={props.label}
      aria-label={props.label}
      disabled={props.disabled}
      onClick={props.act}
    >
      <props.icon.react tag="span" />
    </button>
  );
}

function moreText({ wanted, most }: ICluster): string {
  return most !== null && (wanted ?? 0) >= most
    ? `All ${most} workers that you may have now`
    : 'One worker more';
}

async function stop(model: ClustersModel, cluster: ICluster): Promise<void> {
  const answer = await showDialog({
    title: 'Stop this cluster?',
    body:
      'What it computes now is lost; a run of DAISY goes on where it was when ' +
      'it is started again. Files that were written stay.',
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: 'Stop it' })],
    defaultButton: 0
  });
  if (answer.button.accept) {
    await model.stop(cluster.name);
  }
}
