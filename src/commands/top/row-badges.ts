import type { Context } from "../../context.js";
import { type Badge, lateBadge, unexpectedBadge } from "../automations/shared/status-column.js";
import { LateBadges } from "./late-badges.js";
import { hasRunProblem, type TopRow, topRow } from "./top-row.js";
import { UnexpectedBadges } from "./unexpected-badges.js";

export class RowBadges {
  readonly #late: LateBadges;
  readonly #unexpected: UnexpectedBadges;
  readonly #withBadges = new WeakMap<TopRow, TopRow>();

  constructor(context: Context) {
    this.#late = new LateBadges(context);
    this.#unexpected = new UnexpectedBadges(context);
  }

  async update(rows: readonly TopRow[], signal: AbortSignal): Promise<void> {
    await this.#unexpected.update(rows, signal);
    await this.#late.update(rows.filter(mayBeLate), signal);
  }

  /** The row with its badge: the same object for the same row. */
  withBadge(row: TopRow): TopRow {
    const badge = this.#badgeOf(row);
    if (badge === undefined) return row;
    const known =
      this.#withBadges.get(row) ?? topRow({ ...row, badges: [...(row.badges ?? []), badge] }, row);
    this.#withBadges.set(row, known);
    return known;
  }

  whole(): { isLateComplete: boolean; isUnexpectedComplete: boolean } {
    return { isLateComplete: this.#late.isWhole, isUnexpectedComplete: this.#unexpected.isWhole };
  }

  #badgeOf(row: TopRow): Badge | undefined {
    if (this.#unexpected.isUnexpected(row)) return unexpectedBadge;
    return mayBeLate(row) && this.#late.isLate(row) ? lateBadge : undefined;
  }
}

function mayBeLate(row: TopRow): boolean {
  return !row.isStale && !hasRunProblem(row);
}
