/** The steps of the tour: each points at something that is on the page. */

export interface IStep {
  title: string;
  text: string;
  /** What it points at; a step without it on the page is left out. */
  at: string;
  /** A command that brings it on the page. */
  before?: string;
}

const VIEW = '.jp-Daisy-view:not(.lm-mod-hidden)';

export const STEPS: IStep[] = [
  {
    title: 'Your data',
    text: 'The Data sidebar lists your proposals with their scans, the newest first. This button opens and closes it.',
    at: '.jp-SideBar [data-id="daisy-data"]',
    before: 'daisy:show-data'
  },
  {
    title: 'Find a scan',
    text: 'Type words, or fields such as sample:tooth or after:2026-01. All proposals are searched.',
    at: '#daisy-data input[type=search]'
  },
  {
    title: 'Open a scan',
    text: 'A click shows a scan. Arrow keys go through the list, Enter opens, F8 opens the newest scan.',
    at: '#daisy-data [role=tree]'
  },
  {
    title: 'Ways to see it',
    text: 'Frames, curves, maps, slices, a table or the attributes: whatever fits the dataset is offered here.',
    at: `${VIEW} .jp-Daisy-tabs`,
    before: 'daisy:open-newest'
  },
  {
    title: 'Go through the frames',
    text: 'Move the slider, press the arrow keys, or play. A scan that is being written is followed to its last frame.',
    at: `${VIEW} .jp-Daisy-slider`
  },
  {
    title: 'Contrast',
    text: 'Set its ends, its scale and the colours. It is kept from frame to frame and from scan to scan.',
    at: `${VIEW} .jp-Daisy-contrast`
  },
  {
    title: 'Take it with you',
    text: 'Copy the path, save the picture or the numbers, or download the whole file. A large download goes on after a cut.',
    at: `${VIEW} [aria-haspopup=menu]`
  },
  {
    title: 'On to a notebook',
    text: 'This writes the line that reads exactly what you see. You can also drag the dots at the left of the dataset into a notebook.',
    at: `${VIEW} .jp-Daisy-button.jp-mod-accept`
  },
  {
    title: 'Your own files',
    text: 'Drop files of your own on the file browser to upload them, also large ones. They open in the same views.',
    at: '.jp-SideBar [data-id="filebrowser"]'
  }
];

/** Goes through the steps, and leaves out those that cannot be shown. */
export class Walk {
  private at = -1;

  constructor(
    private readonly steps: IStep[],
    private readonly ready: (step: IStep) => Promise<boolean>
  ) {}

  get step(): IStep | null {
    return this.steps[this.at] ?? null;
  }

  get number(): number {
    return this.at + 1;
  }

  get count(): number {
    return this.steps.length;
  }

  /** Go on or back to the next step that can be shown; null behind the last one. */
  async go(by: 1 | -1): Promise<IStep | null> {
    let to = this.at + by;
    while (to >= 0 && to < this.steps.length) {
      if (await this.ready(this.steps[to])) {
        this.at = to;
        return this.steps[to];
      }
      to += by;
    }
    return by < 0 ? this.step : null;
  }
}
