import type { Context } from "../../context.js";
import { readSincePause } from "../automations/shared/known-pauses.js";
import { SincePauseReader } from "../fleet/since-pause.js";
import type { TopRow } from "./top-row.js";

const mostReadings = 100;

export class UnexpectedBadges {
  #reader: SincePauseReader | undefined;
  /** `last_run_at` of each row that ran unexpectedly. */
  #found: ReadonlyMap<string, unknown> = new Map();
  #quietSignature: string | undefined;
  isWhole = true;

  constructor(private readonly context: Context) {}

  async update(rows: readonly TopRow[], signal: AbortSignal): Promise<void> {
    const items = rows.flatMap(({ key, automation, deployment_id, isStale }) => {
      const { automation_id, enabled, last_run_at } = automation;
      if (isStale || enabled !== false || !last_run_at) return [];
      return [{ key, deployment_id, automation_id, automation }];
    });
    const listed = items.map(({ key, automation: { last_run_at, updated_at } }) => [
      key,
      last_run_at,
      updated_at,
    ]);
    const signature = listed.join("\n");
    if (signature === this.#quietSignature) return;
    this.#reader ??= new SincePauseReader(await this.context.client());
    const options = { reader: this.#reader, signal, most: mostReadings };
    const { since, unreadable, skipped } = await readSincePause(this.context, items, options);
    const isRead = unreadable.length === 0 && skipped === 0;
    this.#found = new Map(
      items.flatMap(({ key, automation }) =>
        since.get(key)?.unexpected.length ? [[key, automation.last_run_at] as const] : [],
      ),
    );
    this.isWhole = isRead && [...since.values()].every(({ doubt }) => doubt === undefined);
    const mayChange = [...since.values()].some(({ doubt }) => doubt === "run_not_listed");
    this.#quietSignature = isRead && !mayChange && this.#found.size === 0 ? signature : undefined;
  }

  isUnexpected({ key, automation: { enabled, last_run_at } }: TopRow): boolean {
    return enabled === false && this.#found.has(key) && this.#found.get(key) === last_run_at;
  }
}
