/** The icons of the data browser; colours come from the theme. */

import { LabIcon } from '@jupyterlab/ui-components';
import { ViewerName } from '../model/rules';

const svg = (body: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">${body}</svg>`;

const fill = (path: string) =>
  svg(`<path class="jp-icon3 jp-icon-selectable" fill="#616161" d="${path}"/>`);

/** A flower with eight petals: the daisy. */
const petals = Array.from(
  { length: 8 },
  (_, i) =>
    `<ellipse cx="8" cy="3.1" rx="1.55" ry="2.7" transform="rotate(${i * 45} 8 8)"/>`
).join('');

export const daisyIcon = new LabIcon({
  name: 'daisy-lab:daisy',
  svgstr: svg(
    `<g class="jp-icon3 jp-icon-selectable" fill="#616161">${petals}</g><circle cx="8" cy="8" r="2.1" fill="#f2a900"/>`
  )
});

export const scanIcon = new LabIcon({
  name: 'daisy-lab:scan',
  svgstr: fill(
    'M2 2h9v1.4H3.4V11H2V2zm3 3h9v9H5V5zm1.4 1.4v4.7l2-2 1.6 1.7 2.1-2.4.5.5V6.4H6.4z'
  )
});

export const folderScanIcon = new LabIcon({
  name: 'daisy-lab:scan-folder',
  svgstr: fill('M1.5 3h4.6l1.4 1.6h7v8.9h-13V3zm1.4 3v6.1h10.2V6H2.9z')
});

export const groupIcon = new LabIcon({
  name: 'daisy-lab:group',
  svgstr: fill('M2 3.5h4.2l1.3 1.4H14v7.6H2V3.5z')
});

export const arrayIcon = new LabIcon({
  name: 'daisy-lab:array',
  svgstr: fill(
    'M2 2h12v12H2V2zm1.3 1.3v2.6h2.6V3.3H3.3zm3.9 0v2.6h1.6V3.3H7.2zm2.9 0v2.6h2.6V3.3h-2.6zM3.3 7.2v1.6h2.6V7.2H3.3zm3.9 0v1.6h1.6V7.2H7.2zm2.9 0v1.6h2.6V7.2h-2.6zm-6.8 2.9v2.6h2.6v-2.6H3.3zm3.9 0v2.6h1.6v-2.6H7.2zm2.9 0v2.6h2.6v-2.6h-2.6z'
  )
});

export const proposalIcon = new LabIcon({
  name: 'daisy-lab:proposal',
  svgstr: fill(
    'M3 1.5h7l3 3v10H3v-13zm1.4 1.4v10.2h7.2V5.2H9.3V2.9H4.4zM5.5 7h5v1.2h-5V7zm0 2.6h5v1.2h-5V9.6z'
  )
});

/** A tube with a specimen. */
export const sampleIcon = new LabIcon({
  name: 'daisy-lab:sample',
  svgstr: fill(
    'M4.5 1.5h7v1.4h-.8v9a2.7 2.7 0 0 1-5.4 0v-9h-.8V1.5zm2.2 1.4v3.6h2.6V2.9H6.7z'
  )
});

export const newestIcon = new LabIcon({
  name: 'daisy-lab:newest',
  svgstr: fill(
    'M8 1.5 9.6 5l3.9.4-2.9 2.6.8 3.8L8 9.8l-3.4 2 .8-3.8L2.5 5.4 6.4 5 8 1.5zM3 13.1h10v1.4H3v-1.4z'
  )
});

/** Pictures, the newest above, with lines of text beside them. */
export const feedIcon = new LabIcon({
  name: 'daisy-lab:feed',
  svgstr: fill(
    'M2 2h5v5H2V2zm1.4 1.4v2.2h2.2V3.4H3.4zM2 9h5v5H2V9zm1.4 1.4v2.2h2.2v-2.2H3.4zM9 3h5v1.4H9V3zm0 2.4h3.5v1.2H9V5.4zM9 10h5v1.4H9V10zm0 2.4h3.5v1.2H9v-1.2z'
  )
});

export const brokenIcon = new LabIcon({
  name: 'daisy-lab:broken',
  svgstr: svg(
    '<path class="jp-icon-warn0" fill="var(--jp-warn-color0)" d="M8 1.6 15 14H1L8 1.6zm-.7 4.6v4h1.4v-4H7.3zm0 5v1.5h1.4v-1.5H7.3z"/>'
  )
});

export const detailsIcon = new LabIcon({
  name: 'daisy-lab:details',
  svgstr: fill(
    'M2 2.5h12v11H2v-11zm1.4 1.4v8.2h5.4V3.9H3.4zm6.6 0v8.2h2.6V3.9H10z'
  )
});

/** A page, and what begins with it. */
export const templateIcon = new LabIcon({
  name: 'daisy-lab:template',
  svgstr: fill(
    'M2.5 1.5h7l2.5 2.5v3h-1.4V5H8.6V2.9H3.9v10.2H6v1.4H2.5v-13zM8 8.5l6 3.25-6 3.25z'
  )
});

/** Two views, and what holds them together. */
export const linkedIcon = new LabIcon({
  name: 'daisy-lab:linked',
  svgstr: fill(
    'M1 3h5.5v10H1V3zm1.4 1.4v7.2h2.7V4.4H2.4zM9.5 3H15v10H9.5V3zm1.4 1.4v7.2h2.7V4.4h-2.7zM5 7.3h6v1.4H5z'
  )
});

export const minusIcon = new LabIcon({
  name: 'daisy-lab:minus',
  svgstr: fill('M3 7.2h10v1.6H3z')
});

/** Stand for the names of the viewers where there is no room for them. */
export const viewerIcons: Record<ViewerName, LabIcon> = {
  Frames: scanIcon,
  Line: new LabIcon({
    name: 'daisy-lab:line',
    svgstr: fill(
      'M2 2h1.4v10.6H14V14H2V2zm2.4 8.2 2.9-5.4 2.7 3 2.9-4 1.1.8-3.9 5.4-2.5-2.8-2.1 3.8z'
    )
  }),
  Map: arrayIcon,
  Slices: new LabIcon({
    name: 'daisy-lab:slices',
    svgstr: fill(
      'M8 1.5l6.5 3L8 7.5l-6.5-3 6.5-3zM1.5 7.2 3 6.5l5 2.3 5-2.3 1.5.7L8 10.2l-6.5-3zm0 3.2L3 9.7 8 12l5-2.3 1.5.7-6.5 3-6.5-3z'
    )
  }),
  Table: new LabIcon({
    name: 'daisy-lab:table',
    svgstr: fill(
      'M1.5 2.5h13v11h-13v-11zm1.4 3.4v1.8h3V5.9h-3zm4.4 0v1.8h5.8V5.9H7.3zM2.9 9.1v3h3v-3h-3zm4.4 0v3h5.8v-3H7.3z'
    )
  }),
  Attributes: new LabIcon({
    name: 'daisy-lab:attributes',
    svgstr: fill(
      'M1.5 2.5H8l6.5 6L9 14 1.5 7.2V2.5zm1.4 1.4v2.7L9 12.1l3.5-3.5-5-4.7H2.9zm1 1h1.6v1.6H3.9z'
    )
  })
};
