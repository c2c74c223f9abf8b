import type { Context } from "../../context.js";
import { type Badge, late, unexpected } from "../automations/shared/status-column.js";
import { LateMarks } from "./late.js";
import { type TopRow, topRow, waitsOrFails } from "./row.js";
import { UnexpectedMarks } from "./unexpected.js";

/** What is found out of rows beyond what their lists say. */
export class RowMarks {
  readonly #late: LateMarks;
  readonly #unexpected: UnexpectedMarks;
  readonly #marked = new WeakMap<TopRow, TopRow>();

  constructor(context: Context) {
    this.#late = new LateMarks(context);
    this.#unexpected = new UnexpectedMarks(context);
  }

  /** Learns of all that are listed: what `marked` then makes of each. */
  async look(rows: readonly TopRow[], signal: AbortSignal): Promise<void> {
    await this.#unexpected.look(rows, signal);
    await this.#late.look(rows.filter(mayBeLate), signal);
  }

  /** The row with its mark, the same again as long as it is the same row. */
  marked(row: TopRow): TopRow {
    const mark = this.#markOf(row);
    if (mark === undefined) return row;
    const known = this.#marked.get(row) ?? topRow({ ...row, badges: [...(row.badges ?? []), mark] }, row);
    this.#marked.set(row, known);
    return known;
  }

  /** Whether all that seem so could be looked at. */
  whole(): { isLateWhole: boolean; isUnexpectedWhole: boolean } {
    return { isLateWhole: this.#late.isWhole, isUnexpectedWhole: this.#unexpected.isWhole };
  }

  /** What is late is enabled, and what ran unexpectedly is paused. */
  #markOf(row: TopRow): Badge | undefined {
    if (this.#unexpected.isUnexpected(row)) return unexpected;
    return mayBeLate(row) && this.#late.isLate(row) ? late : undefined;
  }
}

/** What waits or fails is told as that, as in `herm status`. */
function mayBeLate(row: TopRow): boolean {
  return !row.isStale && !waitsOrFails(row);
}
