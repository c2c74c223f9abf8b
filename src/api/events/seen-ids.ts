import type { RawEvent } from "../types.js";
import { utf8Bytes, utf8Text } from "./read-events.js";

const maxIds = 100_000;
/** New ids in a row that show that the replay after a reconnect is over. */
const replayIsOverAfter = 10_000;

/**
 * The ids of the last 100,000 events (and up to as many more), to recognise a replay's duplicates. They are kept as one
 * text per batch, copied out of the chunks that they came in, in two generations of which the older one is dropped
 * whole; a set of them is built only when a replay begins, since it slows down a fast stream.
 */
export class SeenIds {
  #older: string[] = [];
  #newer: string[] = [];
  #newerCount = 0;
  #replay: { known: Set<string>; newInARow: number } | undefined;

  /** Call it after the events have been consumed. Ids have no line feed in them. */
  add(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.#newer.push(utf8Text(utf8Bytes(ids.join("\n"))));
    this.#newerCount += ids.length;
    if (this.#newerCount < maxIds) return;
    this.#older = this.#newer;
    this.#newer = [];
    this.#newerCount = 0;
  }

  beginReplay(): void {
    const known = this.#replay?.known;
    const isUsable = known !== undefined && known.size < 3 * maxIds;
    const ids = () => [...this.#older, ...this.#newer].flatMap((text) => text.split("\n"));
    this.#replay = { known: isUsable ? known : new Set(ids()), newInARow: 0 };
  }

  /** Drops events that came before; one without an id of its own never did. */
  withoutDuplicates(parsed: { events: RawEvent[]; ownIds: string[] }): { events: RawEvent[]; ids: string[] } {
    if (this.#replay === undefined)
      return { events: parsed.events, ids: parsed.ownIds.filter((id) => id !== "") };
    const events: RawEvent[] = [];
    const ids: string[] = [];
    for (const [index, event] of parsed.events.entries()) {
      const id = parsed.ownIds[index] ?? "";
      if (id !== "" && this.#isDouble(id)) continue;
      events.push(event);
      if (id !== "") ids.push(id);
    }
    return { events, ids };
  }

  #isDouble(id: string): boolean {
    if (this.#replay === undefined) return false;
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
}
