/** What each algorithm of a run did: parameters, blocks, time, bytes. */

import * as React from 'react';
import { sizeText, valueText } from '../model/text';
import { IRunDetail, IRunStep } from '../types';

const SHORT = 0.1; // seconds: what takes less is not told apart
const LONG = 100; // whole seconds are enough

export function RunSteps({ run }: { run: IRunDetail }): React.ReactElement {
  return (
    <section aria-label="Algorithms">
      <h3>Algorithms</h3>
      <div
        className="jp-Daisy-runSteps"
        tabIndex={0}
        role="region"
        aria-label="What each algorithm did"
      >
        <table>
          <thead>
            <tr>
              <th scope="col">algorithm</th>
              <th scope="col">parameters</th>
              <th scope="col">blocks</th>
              <th scope="col" title="Spent in it, of all threads together">
                seconds
              </th>
              <th
                scope="col"
                title="Read for it; what several take is counted for the first"
              >
                read
              </th>
              <th scope="col" title="Written of what it made, block by block">
                written
              </th>
            </tr>
          </thead>
          <tbody>
            {run.steps.map((step, i) => (
              <tr key={i}>
                <th scope="row" title={step.algorithm}>
                  {step.name}
                  <div className="jp-Daisy-runSummary">{step.summary}</div>
                </th>
                <td>{parametersOf(step)}</td>
                <td>{blocksText(step)}</td>
                <td>{secondsText(step.seconds)}</td>
                <td>{bytesText(step.read)}</td>
                <td>{bytesText(step.written)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function parametersOf(step: IRunStep): React.ReactElement[] {
  // what was not given is found out by the algorithm
  const given = step.parameters.filter(({ value }) => value !== null);
  return given.map(({ name, value, units }) => (
    <div key={name}>
      {name} = {valueText(value)} {units}
    </div>
  ));
}

function secondsText(seconds: number | null): string {
  if (seconds === null) {
    return '–';
  }
  if (seconds < SHORT) {
    return `< ${SHORT}`;
  }
  return seconds.toFixed(seconds < LONG ? 1 : 0);
}

function bytesText(bytes: number): string {
  return bytes ? sizeText(bytes) : '–';
}

function blocksText({ blocks, of, reused }: IRunStep): string {
  if (!of) {
    return '–';
  }
  const before = reused ? `, ${reused} were there` : '';
  return `${blocks} of ${of}${before}`;
}
