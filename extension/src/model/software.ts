/** Whether there is other software than this server has, and whether that was said. */

export interface ISoftwareSource {
  /** Name of what new servers get; '' if this one has it, or nobody can tell. */
  otherSoftware(): Promise<string>;
}

/** What the user has been told, kept over reloads of the page. */
export interface ITold {
  told(): Promise<string | undefined>;
  remember(name: string): Promise<unknown>;
}

export class SoftwareNews {
  constructor(
    private readonly api: ISoftwareSource,
    private readonly memory: ITold
  ) {}

  /** Whether there is something to tell now: of each name once. */
  async look(): Promise<boolean> {
    const other = await this.api.otherSoftware().catch(() => '');
    if (!other || other === (await this.memory.told())) {
      return false;
    }
    await this.memory.remember(other);
    return true;
  }
}
