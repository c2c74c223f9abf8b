import type { EventQuery } from "../../api/types.js";
import { declareCommand, type InputOf } from "../../command/declaration.js";
import { inGroup, text } from "../../command/flags.js";
import { requestCodes } from "../../command/help.js";
import { refuseTogether } from "../../command-line/flag-values.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { isOfSeveral, type Selection } from "../../fleet/selection.js";
import { resolveDeployment } from "../../operations/selection/resolve-deployment.js";
import { nameFlags, readSelection } from "../../operations/selection/selection.js";
import { createPrinter } from "../../output/printer.js";
import { watchEnd } from "../../output/terminal/watch-end.js";
import { openOutput } from "./event-output.js";
import { readStream } from "./stream.js";

const { customer, allDeployments } = nameFlags;

export const command = declareCommand({
  effect: "reads",
  flags: {
    ...inGroup("Which ones", {
      run: text("run", "only those of one run", { completes: "runs" }),
      thread: text("thread", "only those of one thread"),
      since: text("event", "only those after this event (evt_…)"),
    }),
    customer,
    allDeployments,
  },
  help: {
    about: "Print everything that happens in deployments, as it happens, until Ctrl-C.",
    use: "Watch everything, or feed a program: --output jsonl prints each event as it was sent.",
    notes:
      'With --output jsonl each line is {"event","id","data"}, with several deployments also {"deployment_id","deployment_name"}. Follows at most 8 deployments, and says which.',
    inPipe: "event id, event, run id, what it says (with several deployments the deployment's id first)",
    exitCodes: requestCodes({
      4: "no such deployment",
      8: "could not keep following any deployment",
    }),
    examples: ["herm events", "herm events --run run_8Qk2 --output jsonl", "herm events --all-deployments"],
  },
  /** Throws the API's refusal. */
  async run(context, input): Promise<void> {
    const printer = await createPrinter(context);
    if (printer.format.events === undefined) {
      throw new UsageError(`events can't be printed as ${context.settings.output}: the stream has no end`, {
        hint: "--output jsonl prints one event per line",
      });
    }
    const selection = readSelection(context, { ...input, match: undefined, except: [] });
    try {
      if (isOfSeveral(selection)) await printFleet(context, { selection, input });
      else await printOne(context, input);
    } catch (error) {
      throw watchEnd(error, printer);
    }
  },
});

async function printOne(
  context: Context,
  { run, thread, since }: Pick<InputOf<typeof command>, "run" | "thread" | "since">,
): Promise<void> {
  const deployment_id = await resolveDeployment(context);
  const output = await openOutput(context);
  const query: EventQuery = { run_id: run, thread_id: thread };
  await readStream(context, {
    deployment_id,
    query,
    since,
    onEvents: (events) => output.show(events, { deployment_id }),
    onCut: () => output.note("connection lost, reconnecting …"),
    isClosed: () => output.isClosed,
  });
}

async function printFleet(
  context: Context,
  { selection, input }: { selection: Selection; input: InputOf<typeof command> },
): Promise<void> {
  const { run, thread, since } = input;
  for (const [flag, value] of Object.entries({ "--run": run, "--thread": thread, "--since": since })) {
    refuseTogether({ [flag]: value, "several deployments": true }, { hint: "give -d once" });
  }
  const { followFleet } = await import("./fleet.js");
  await followFleet(context, selection);
}
