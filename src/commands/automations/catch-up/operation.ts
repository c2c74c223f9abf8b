import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { UsageError } from "../../../errors.js";
import { counted } from "../../../output/count.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { conduct } from "../../operations/conduct.js";
import { type DuplicateRuns, refuseDuplicateRuns, type StartedRun } from "../../sending/duplicate-runs.js";
import {
  type MissedItem,
  type StartAnswer,
  startedRuns,
  startingMissed,
} from "../../sending/start-missed.js";
import { readSelection, refuseSelection } from "../../targets/selection.js";
import type { CatchUpInput } from "./input.js";
import { type CatchUpPlan, planCatchUp } from "./plan.js";

/** Starts one run for each automation that missed any and has had none since (src/observe/README.md, "Catching up"). */
export async function catchUp(context: Context, input: CatchUpInput): Promise<void> {
  const selection = readSelection(context, input);
  if (input.refs.length > 0) refuseSelection(selection);
  if (input.since === undefined)
    throw new UsageError("since when?", { hint: "--since 24h: what was due in the last day" });
  const printer = await createPrinter(context);
  let plan: CatchUpPlan | undefined;
  let twice: readonly DuplicateRuns[] = [];
  const starting = startingMissed<MissedItem>(context, {
    printer,
    whyNot: (item, automation) => plan?.whyNot(item, automation),
  });
  const work = conduct<MissedItem, StartAnswer>(context, {
    ...starting,
    input,
    asks: "catch-up",
    plan: async () => {
      plan = await planCatchUp(context, { input, selection });
      return plan;
    },
    after: async ({ results, isOutage }) => {
      twice = await starting.end(results);
      if (!isOutage) sayNext(context, printer, startedRuns(results));
    },
    refuse: () => refuseDuplicateRuns(twice),
  });
  await work.finally(() => starting.close());
}

function sayNext(context: Context, printer: Printer, started: readonly StartedRun[]): void {
  const [first] = started;
  if (first === undefined) return;
  const isOne = started.length === 1;
  const where = isOne ? ["-d", first.item.deployment_id] : ["--all-deployments"];
  const shows = commandLine(context, ["runs", "list", "--running", ...where]);
  printer.hint(`${shows} follows ${isOne ? "the run" : `the ${counted(started.length, "run")}`}`);
}
