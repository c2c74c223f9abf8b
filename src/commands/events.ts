import type { RawEvent } from "../api/types.js";
import { declareCommand, type InputOf } from "../command/declaration.js";
import { text } from "../command/flags.js";
import { requestCodes } from "../command/help.js";
import type { Context } from "../context.js";
import { UsageError } from "../errors.js";
import { createPrinter, type Printer } from "../output/printer.js";
import { watchEnd } from "../output/watch-end.js";
import { readEvent } from "../run-view/event.js";
import { rawEventLines } from "../run-view/event-line.js";
import { eventRow, eventText } from "../run-view/event-text.js";
import { resolveDeployment } from "./targets/deployment.js";

export const command = declareCommand({
  effect: "reads",
  flags: {
    run: text("run", "only one run's events", { completes: "runs" }),
    thread: text("thread", "only one thread's"),
    since: text("event", "what came after this event (evt_…), then what comes"),
  },
  help: {
    about: "Print what happens in a deployment as it comes, until Ctrl-C.",
    use: "To watch everything at once, or to feed a program: --output jsonl gives each event as it was sent.",
    notes: 'With --output jsonl each line is {"event","id","data"}.',
    inPipe: "event id, event, run id, what it says",
    exitCodes: requestCodes({ 4: "no such deployment" }),
    examples: [
      "herm events",
      "herm events --run run_8Qk2 --output jsonl",
      "herm events --since evt_42 --output jsonl",
    ],
  },
  run: (context, input): Promise<void> => printEvents(context, input),
});

/** Prints the stream until it is over, interrupted, or nobody reads any more. Throws the API's refusal. */
async function printEvents(context: Context, { run, thread, since }: InputOf<typeof command>): Promise<void> {
  const printer = await createPrinter(context);
  const { events } = printer.format;
  if (events === undefined) {
    throw new UsageError(`events can't be printed as ${context.settings.output}: the stream has no end`, {
      hint: "--output jsonl prints an event a line",
    });
  }
  const deploymentId = await resolveDeployment(context);
  const client = await context.client();
  const query = { run_id: run, thread_id: thread };
  let isCut = false;
  const stream = await client.deployments.events.open(deploymentId, query, {
    signal: context.signal,
    lastEventId: since,
    onReconnect: ({ state }) => {
      if (state === "waiting" && !isCut) printer.note("connection lost, reconnecting …");
      isCut = state === "waiting";
    },
  });
  try {
    // The next batch is asked for when this one is written: only then do its ids count as seen.
    for await (const batch of stream) {
      await events(printer, {
        jsonLines: () => rawEventLines(batch, printer),
        table: () => printer.out(tableLines(batch, printer)),
      });
      if (printer.closed) return;
    }
  } catch (error) {
    throw watchEnd(error, printer);
  } finally {
    stream.close();
  }
}

/** All lines of a batch, for one write. */
function tableLines(batch: readonly RawEvent[], { stdoutIsTty, style }: Printer): string {
  const events = batch.map(readEvent);
  const lines = events.map((event) => (stdoutIsTty ? eventText(event, style) : eventRow(event)));
  return lines.map((line) => `${line}\n`).join("");
}
