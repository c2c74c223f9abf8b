import { NotFoundError } from "../../api/errors.js";
import type { Context } from "../../context.js";
import { PartialFailureError } from "../../errors.js";
import { itemKey } from "../../fleet/refs.js";
import type { Candidate } from "../../incident/scope.js";
import { counted } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { textOrDash } from "../../output/value-text.js";
import { checkAgain, mostCheckMs } from "./check-again.js";

export interface StartedRun {
  item: Candidate;
  /** Ids of this run and of those before. */
  known: ReadonlySet<string>;
  run_id: string;
}

/** An automation that somebody else started at the same time. */
export interface DuplicateRuns {
  item: Candidate;
  ids: string[];
}

/** Finds, and warns of, runs that somebody else started too. */
export async function findDuplicateRuns(
  context: Context,
  { started, printer }: { started: readonly StartedRun[]; printer: Printer },
): Promise<DuplicateRuns[]> {
  const options = { targets: started, printer, done: "started" };
  const twice = await checkAgain(context, options, (run) => checkRuns(context, run));
  for (const each of twice) printer.warn(duplicateRunsText(each));
  return twice;
}

async function checkRuns(context: Context, { item, known, run_id }: StartedRun): Promise<DuplicateRuns[]> {
  const { automations } = await context.client();
  const options = { signal: context.signal, maxWaitMs: mostCheckMs };
  try {
    const { recent_runs } = await automations.get(item.deployment_id, item.automation_id, options);
    const others = recent_runs.filter(({ run_id, trigger }) => trigger === "manual" && !known.has(run_id));
    return others.length === 0 ? [] : [{ item, ids: [run_id, ...others.map(({ run_id }) => run_id)] }];
  } catch (error) {
    if (error instanceof NotFoundError) return [];
    throw error;
  }
}

/** `"Weekly" was started twice in Acme: run_1, run_2`. */
function duplicateRunsText({ item, ids }: DuplicateRuns): string {
  const times = ids.length === 2 ? "twice" : `${ids.length} times`;
  const where = item.deployment_name ?? item.deployment_id;
  return `"${textOrDash(item.name)}" was started ${times} in ${where}: ${ids.join(", ")}`;
}

export function refuseDuplicateRuns(twice: readonly DuplicateRuns[]): void {
  const [first] = twice;
  if (first === undefined) return;
  const what = `${counted(twice.length, "automation")} ${twice.length === 1 ? "was" : "were"}`;
  throw new PartialFailureError(`${what} started twice: somebody else started the same`, {
    hint: (herm) => `${herm("runs", "list", itemKey(first.item))} shows the runs`,
  });
}
