export class ItemQueue<Entry> {
  readonly #entries: Entry[] = [];
  readonly #takenAhead = new Set<number>();
  /** Deployments with an entry that was taken; true where one of their entries succeeded. */
  readonly #deployments = new Map<string, boolean>();
  #next = 0;
  /** The index where the search for an entry of another deployment continues: before it there is none. */
  #searched = 0;
  #remaining = 0;

  constructor(private readonly deploymentOf: (entry: Entry) => string) {}

  get isEmpty(): boolean {
    return this.#remaining === 0;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    this.#remaining += 1;
  }

  /** The next entry; `prefersOtherDeployment`: preferably of a deployment in which something succeeded, or nothing was tried. */
  take(prefersOtherDeployment: boolean): Entry {
    while (this.#takenAhead.delete(this.#next)) this.#next += 1;
    const at = (prefersOtherDeployment ? this.#findElsewhere() : undefined) ?? this.#next;
    if (at === this.#next) this.#next += 1;
    else this.#takenAhead.add(at);
    const entry = this.#entries[at];
    if (entry === undefined) throw new Error("nothing is left to be taken");
    this.#remaining -= 1;
    const deployment = this.deploymentOf(entry);
    this.#deployments.set(deployment, this.#deployments.get(deployment) ?? false);
    return entry;
  }

  succeeded(entry: Entry): void {
    const deployment = this.deploymentOf(entry);
    if (this.#deployments.get(deployment) === true) return;
    this.#deployments.set(deployment, true);
    this.#searched = 0;
  }

  #findElsewhere(): number | undefined {
    for (let at = Math.max(this.#searched, this.#next); at < this.#entries.length; at += 1) {
      const entry = this.#entries[at];
      const isElsewhere = entry !== undefined && this.#deployments.get(this.deploymentOf(entry)) !== false;
      if (!isElsewhere || this.#takenAhead.has(at)) continue;
      this.#searched = at;
      return at;
    }
    this.#searched = this.#entries.length;
    return undefined;
  }
}
