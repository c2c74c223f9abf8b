const maxIds = 100_000;
/** So many new ids in a row after a reconnect, and what was missed has been replayed. */
const replayIsOverAfter = 10_000;

/**
 * The ids of the last 100,000 events, to know a replay's doubles. They are kept as one text per batch, copied out of
 * the chunks that they came in; a set of them is built only when a replay begins, since it slows down a fast stream.
 */
export class SeenIds {
  #batches: { text: string; count: number }[] = [];
  #count = 0;
  #replay: { known: Set<string>; newInARow: number } | undefined;

  /** After the events have been consumed. Ids have no line feed in them. */
  add(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.#batches.push({ text: ids.join("\n"), count: ids.length });
    this.#count += ids.length;
    for (let first = this.#batches[0]; first !== undefined && this.#count - first.count >= maxIds; ) {
      this.#batches.shift();
      this.#count -= first.count;
      first = this.#batches[0];
    }
  }

  /** From here on the server may send again what it sent before. */
  beginReplay(): void {
    const known = this.#replay?.known;
    const isUsable = known !== undefined && known.size < 2 * maxIds;
    this.#replay = { known: isUsable ? known : this.#all(), newInARow: 0 };
  }

  /** Whether an event of this id came before; false for an empty id, and where no replay is under way. */
  isDouble(id: string): boolean {
    if (this.#replay === undefined || id === "") return false;
    const { known } = this.#replay;
    if (known.has(id)) {
      this.#replay.newInARow = 0;
      return true;
    }
    known.add(id);
    this.#replay.newInARow += 1;
    if (this.#replay.newInARow >= replayIsOverAfter) this.#replay = undefined;
    return false;
  }

  #all(): Set<string> {
    return new Set(this.#batches.flatMap(({ text }) => text.split("\n")));
  }
}
