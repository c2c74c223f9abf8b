/** An item, and where it stands among all. */
export interface Taken<Item> {
  item: Item;
  at: number;
}

/** What is still to be started, in order. */
export class ItemQueue<Item> {
  readonly #items: readonly Item[];
  readonly #deploymentOf: (item: Item) => string;
  readonly #takenAhead = new Set<number>();
  /** Deployments of which something was taken, and whether anything of it succeeded. */
  readonly #deployments = new Map<string, boolean>();
  #next = 0;
  /** Up to here nothing is elsewhere. */
  #searched = 0;
  #left: number;

  constructor(items: readonly Item[], deploymentOf: ((item: Item) => string) | undefined) {
    this.#items = items;
    this.#deploymentOf = deploymentOf ?? (() => "");
    this.#left = items.length;
  }

  get isEmpty(): boolean {
    return this.#left === 0;
  }

  /** The next item; `elsewhere`: the next of a deployment in which something succeeded, or nothing was tried, if there is one. */
  take(elsewhere: boolean): Taken<Item> {
    while (this.#takenAhead.delete(this.#next)) this.#next += 1;
    const at = (elsewhere ? this.#findElsewhere() : undefined) ?? this.#next;
    if (at === this.#next) this.#next += 1;
    else this.#takenAhead.add(at);
    const item = this.#items[at];
    if (item === undefined) throw new Error("nothing is left to be taken");
    this.#left -= 1;
    const deployment = this.#deploymentOf(item);
    this.#deployments.set(deployment, this.#deployments.get(deployment) ?? false);
    return { item, at };
  }

  /** Notes that an item of its deployment succeeded. */
  succeeded(item: Item): void {
    const deployment = this.#deploymentOf(item);
    if (this.#deployments.get(deployment) === true) return;
    this.#deployments.set(deployment, true);
    this.#searched = 0;
  }

  #findElsewhere(): number | undefined {
    for (let at = Math.max(this.#searched, this.#next); at < this.#items.length; at += 1) {
      const item = this.#items[at];
      const isElsewhere = item !== undefined && this.#deployments.get(this.#deploymentOf(item)) !== false;
      if (!isElsewhere || this.#takenAhead.has(at)) continue;
      this.#searched = at;
      return at;
    }
    this.#searched = this.#items.length;
    return undefined;
  }
}
