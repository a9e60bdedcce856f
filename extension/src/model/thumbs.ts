/** Small pictures of scans: made one at a time, since nobody waits for them. */

export type FetchThumb = (
  path: string,
  signal: AbortSignal
) => Promise<Blob | null>;

const KEPT = 1000;

interface IWish {
  key: string;
  path: string;
  controller: AbortController;
  told: (address: string | null) => void;
}

export class Thumbs {
  private readonly known = new Map<string, string | null>();
  private wishes: IWish[] = [];
  private running: IWish | null = null;

  constructor(private readonly fetch: FetchThumb) {}

  /** The picture of a scan as it was at that time; undefined if not known yet. */
  get(path: string, written: number): string | null | undefined {
    return this.known.get(keyOf(path, written));
  }

  /** Ask for a picture; the last asked is made first. Gives how to take it back. */
  want(
    path: string,
    written: number,
    told: (address: string | null) => void
  ): () => void {
    const key = keyOf(path, written);
    const wish = { key, path, controller: new AbortController(), told };
    this.wishes.push(wish);
    void this.next();
    return () => {
      this.wishes = this.wishes.filter(other => other !== wish);
      wish.controller.abort();
    };
  }

  private async next(): Promise<void> {
    const wish = this.running ? undefined : this.wishes.pop();
    if (!wish) {
      return;
    }
    this.running = wish;
    try {
      const known = this.known.get(wish.key);
      const address = known === undefined ? await this.read(wish) : known;
      this.keep(wish.key, address);
      wish.told(address);
    } catch {
      // it was taken back, or there is none now: it is asked for again later
    }
    this.running = null;
    void this.next();
  }

  private async read(wish: IWish): Promise<string | null> {
    const blob = await this.fetch(wish.path, wish.controller.signal);
    return blob && URL.createObjectURL(blob);
  }

  private keep(key: string, address: string | null): void {
    this.known.set(key, address);
    const [oldest] = this.known.keys();
    if (this.known.size > KEPT) {
      URL.revokeObjectURL(this.known.get(oldest) ?? '');
      this.known.delete(oldest);
    }
  }
}

function keyOf(path: string, written: number): string {
  return `${written} ${path}`;
}
