interface Alarm {
  readonly at: number;
  ring(): void;
}

interface Entry extends Alarm {
  /** The age: of two alarms at one time the older rings first. */
  readonly seq: number;
  /** The index in the heap; -1 once it is out. */
  place: number;
}

/** Alarms in the order of their times, a heap: each costs the logarithm of how many there are. */
export class Alarms {
  #heap: Entry[] = [];
  #added = 0;

  get first(): Alarm | undefined {
    return this.#heap[0];
  }

  /** Gives back what takes it out again. */
  add({ at, ring }: Alarm): () => void {
    this.#added += 1;
    const entry = { at, ring, seq: this.#added, place: this.#heap.length };
    this.#heap.push(entry);
    this.#rise(entry);
    return () => this.#remove(entry);
  }

  /** Takes the first one out. */
  shift(): Alarm | undefined {
    const first = this.#heap[0];
    if (first) this.#remove(first);
    return first;
  }

  clear(): void {
    for (const entry of this.#heap) entry.place = -1;
    this.#heap = [];
  }

  #remove(entry: Entry): void {
    if (entry.place === -1) return;
    const last = this.#heap.pop();
    if (last && last !== entry) {
      this.#put(last, entry.place);
      this.#rise(last);
      this.#sink(last);
    }
    entry.place = -1;
  }

  #rise(entry: Entry): void {
    while (entry.place > 0) {
      const above = this.#heap[(entry.place - 1) >> 1];
      if (!above || isBefore(above, entry)) return;
      this.#swap(above, entry);
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const [left, right] = [this.#heap[2 * entry.place + 1], this.#heap[2 * entry.place + 2]];
      const sooner = left && right && isBefore(right, left) ? right : left;
      if (!sooner || isBefore(entry, sooner)) return;
      this.#swap(entry, sooner);
    }
  }

  #swap(one: Entry, other: Entry): void {
    const { place } = one;
    this.#put(one, other.place);
    this.#put(other, place);
  }

  #put(entry: Entry, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at === other.at ? one.seq < other.seq : one.at < other.at;
}
