import type { Context } from "../../../context.js";
import type { ItemResult, Outcome } from "../../../fleet/outcome.js";
import { itemKey } from "../../../fleet/refs.js";
import type { ChangeResult } from "../../../incident/change.js";
import type { ResumeItem } from "../../../incident/resume-selection.js";
import { whyNotStarted } from "../../../observe/catch-up.js";
import type { FleetRow } from "../../fleet/rows.js";
import {
  leftAnswer,
  type StartAnswer,
  type Starts,
  startMissed,
  startRow,
} from "../../sending/start-missed.js";
import type { KeptItem } from "./kept.js";
import type { PreparedResume, ResumeReadBack } from "./prepared.js";

interface Resumed {
  prepared: PreparedResume;
  results: readonly ChangeResult<ResumeItem>[];
  readBack: ResumeReadBack | undefined;
}

interface KeptStarts extends Pick<Starts<KeptItem>, "twice"> {
  /** By incident. */
  rows: FleetRow[][];
}

/**
 * Starts one run for each that came back and was kept from firing, of all incidents of one command together; before the
 * incidents are closed, so that the same command goes on after a kill. Throws nothing: what was resumed has to be told.
 */
export async function startKept(context: Context, resumed: readonly Resumed[]): Promise<KeptStarts> {
  const [first] = resumed;
  if (first?.prepared.options.catchUp !== true || context.signal.aborted)
    return { rows: resumed.map(() => []), twice: [] };
  const { session, options } = first.prepared;
  const wanted = resumed.map(cameBack);
  const items = wanted.flat();
  const { results, twice } = await startMissed(context, {
    items,
    printer: session.printer,
    concurrency: options.concurrency,
    whyNot: (item, automation) => {
      const isPaused = automation.enabled !== true;
      const why = isPaused ? ({ reason: "paused" } as const) : whyNotStarted(automation, item.owed);
      return why && leftAnswer(why);
    },
  }).catch((error: unknown) => {
    const outcome: Outcome<StartAnswer> = context.signal.aborted
      ? { result: "skipped", reason: "interrupted" }
      : { result: "failed", error };
    const none = items.map((item): ItemResult<KeptItem, StartAnswer> => ({ item, outcome }));
    return { results: none, twice: [] };
  });
  const rows = new Map(results.map((result) => [result.item, rowOf(result)]));
  return { rows: wanted.map((each) => each.flatMap((item) => rows.get(item) ?? [])), twice };
}

/** What is enabled by now, as far as is known. */
function cameBack({ prepared, results, readBack }: Resumed): KeptItem[] {
  const done = new Set(
    results.flatMap(({ item, outcome }) =>
      "value" in outcome && outcome.value.result === "done" ? [itemKey(item)] : [],
    ),
  );
  const isBack = (key: string) => done.has(key) || readBack?.confirmed.has(key) === true;
  return prepared.kept.filter((item) => item.isBack || isBack(itemKey(item)));
}

function rowOf(result: ItemResult<KeptItem, StartAnswer>): FleetRow {
  const row = startRow(result);
  return row.result === "left" ? { ...row, reason: `not started: ${row.reason}` } : row;
}
