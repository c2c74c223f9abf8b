import { safe } from "../../output/safe.js";
import { plainStyle, type Style } from "../../output/style.js";
import { layOut } from "../../output/table/layout.js";
import { titleOf, type Wording, wordingsOf } from "../../output/table/wordings.js";
import { type Column, drawRows } from "../../output/table.js";
import { cut, displayWidth } from "../../output/width.js";
import { automationColumns, automationKeys } from "../automations/shared/automation-columns.js";
import type { TopRow } from "./top-row.js";

const [nameKey] = automationKeys;
/** Marks before a row that is selected, or as its deployment showed it last: also read without colour. */
export const marker = { selected: "›", stale: "~", none: " " };
const markerWidth = 2;

/** Widths of texts that change with time, so that no column moves while time passes. */
const widestTimes: Readonly<Record<string, readonly number[]>> = {
  last: ["✓ 59 min ago", "✓ 59m", "✓"].map((text) => text.length),
  next: ["30 Nov 2026 09:00 +01 · in 59 min", "in 59 min"].map((text) => text.length),
};
const overIsWider = 1;

interface Place {
  at: number;
  wording: number;
  width: number;
}

/** Draws the list; its columns depend on all rows and the terminal's width, so that none moves while one scrolls. */
export class ListLines {
  /** Widths of each row's texts, by column and wording: a row that stays is measured once. */
  readonly #widths = new WeakMap<TopRow, Record<string, number>>();
  #measured: { rows: readonly TopRow[]; width: number; places: readonly Place[] } | undefined;

  async draw(
    rows: {
      all: readonly TopRow[];
      inSight: readonly TopRow[];
      selected: string | undefined;
      isFleet: boolean;
      pending: ReadonlyMap<string, string>;
    },
    { width, now, style }: { width: number; now: Date; style: Style },
  ): Promise<{ head: string; lines: string[] }> {
    const columns = columnsOf(now, rows.isFleet);
    const places = this.#places(rows.all, columns, { width, now });
    const shown = places.flatMap(({ at, wording: index, width }) => {
      const column = columns[at];
      const wording = column && wordingsOf(column)[index];
      if (column === undefined || wording === undefined) return [];
      const texts = rows.inSight.map((row) => safe(wording.cell(row), "cell"));
      return [{ column, wording, width, texts }];
    });
    const paint = (text: string, row: TopRow, column: Column<TopRow>) => {
      const own = row.isStale ? plainStyle : style;
      const styled = column.style?.(text, row, own) ?? text;
      return row.key === rows.selected && column.key === nameKey ? own.bold(styled) : styled;
    };
    const { head, lines } = await drawRows(rows.inSight, shown, { style, paint });
    const marked = rows.inSight.map((row, at) => {
      const pending = rows.pending.get(row.key);
      const text =
        pending === undefined ? lines[at] : cut(safe(`${row.name}  ${pending}`, "cell"), width - markerWidth);
      const first = row.key === rows.selected ? marker.selected : marker.none;
      return `${first}${row.isStale ? marker.stale : marker.none}${text}`.trimEnd();
    });
    return { head: " ".repeat(markerWidth) + head, lines: marked };
  }

  #places(
    rows: readonly TopRow[],
    columns: readonly Column<TopRow>[],
    { width, now }: { width: number; now: Date },
  ): readonly Place[] {
    const known = this.#measured;
    if (known?.rows === rows && known.width === width) return known.places;
    const wordings = columns.map(wordingsOf);
    const extra = rows.some(({ nextMs }) => nextMs !== undefined && nextMs < now.getTime());
    const { states } = layOut(
      columns.map(({ priorities = [] }) => priorities),
      {
        widthOf: (at, index) => {
          const [column, wording] = [columns[at], wordings[at]?.[index]];
          if (column === undefined || wording === undefined) return 0;
          const { key } = column;
          const time = widestTimes[key]?.[index];
          const cells =
            time === undefined
              ? this.#widest(rows, { key: `${key}/${index}`, wording })
              : time + (extra && key === "next" ? overIsWider : 0);
          return Math.max(cells, displayWidth(titleOf({ column, wording })));
        },
        available: width - markerWidth,
      },
    );
    const shown = states.flatMap(({ isHidden, wording, width }, at) =>
      isHidden ? [] : [{ at, wording, width }],
    );
    this.#measured = { rows, width, places: shown };
    return shown;
  }

  #widest(rows: readonly TopRow[], { key, wording }: { key: string; wording: Wording<TopRow> }): number {
    let widest = 0;
    for (const row of rows) {
      const widths = this.#widths.get(row) ?? {};
      this.#widths.set(row, widths);
      widths[key] ??= displayWidth(safe(wording.cell(row), "cell"));
      widest = Math.max(widest, widths[key]);
    }
    return widest;
  }
}

function columnsOf(now: Date, isFleet: boolean): Column<TopRow>[] {
  const all = automationColumns(now, { withDeployment: isFleet });
  return all.filter(({ key }) => key !== "id");
}
