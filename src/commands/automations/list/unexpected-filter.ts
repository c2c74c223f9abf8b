import type { HermClient } from "../../../api/client.js";
import type { Context } from "../../../context.js";
import { itemKey } from "../../../fleet/refs.js";
import { unreadableAutomation } from "../../../operations/rows/read-with-progress.js";
import { RunsReader } from "../../../operations/rows/runs-reader.js";
import { doubtText, sinceJson } from "../../../operations/rows/since-text.js";
import type { AutomationRow } from "../shared/columns.js";
import { loadKnownPauses } from "../shared/known-changes.js";
import type { Reach } from "./rows.js";

/** Finds what ran although it was paused; what was judged once isn't read again. */
export class UnexpectedFilter {
  readonly #reader: RunsReader;
  #mayHaveRun = 0;

  constructor(
    private readonly context: Context,
    client: HermClient,
    private readonly isFleet: boolean,
  ) {
    this.#reader = new RunsReader(client);
  }

  /** Filters the pages of one reading, and gives what JSON says of each run found. */
  async forReading(
    reach: Reach,
  ): Promise<(rows: readonly AutomationRow[]) => Promise<ReadonlyMap<AutomationRow, object>>> {
    const { context } = this;
    const pauses = await loadKnownPauses(context);
    this.#mayHaveRun = 0;
    return async (rows) => {
      const items = rows.map((row) => {
        const { automation, deployment_id } = row;
        return { row, automation, deployment_id, automation_id: automation.automation_id };
      });
      const { since, unreadable } = await this.#reader.sincePause(pauses(items), context);
      context.signal.throwIfAborted();
      for (const { item, error } of unreadable) {
        const { automation, deployment_name: name = "" } = item.row;
        const called = automation.name ?? automation.automation_id;
        const options = { target: { name }, error, isFleet: this.isFleet };
        reach.unreadable.push(unreadableAutomation(called, options));
      }
      const found = items.flatMap(({ row, ...item }) => {
        const ran = since.get(itemKey(item));
        if (ran?.doubt !== undefined) this.#mayHaveRun += 1;
        return ran === undefined || ran.unexpected.length === 0 ? [] : [[row, sinceJson(ran)] as const];
      });
      return new Map(found);
    };
  }

  doubtText(): string | undefined {
    return this.#mayHaveRun === 0 ? undefined : doubtText(this.#mayHaveRun);
  }
}
