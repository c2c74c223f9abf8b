import type { Command } from "commander";
import type { RawEvent } from "../api/types.js";
import type { Context } from "../context.js";
import { UsageError } from "../errors.js";
import { createPrinter, type Printer } from "../output/printer.js";
import { readEvent } from "../run-view/event.js";
import { rawEventLines } from "../run-view/event-line.js";
import { eventRow, eventText } from "../run-view/event-text.js";
import { resolveDeployment } from "./targets.js";
import { watchEnd } from "./watch-end.js";

interface EventsFlags {
  run?: string;
  thread?: string;
  since?: string;
}

export function addEventsCommand(parent: Command, context: Context): void {
  parent
    .command("events")
    .option("--run <run>", "only one run's events")
    .option("--thread <thread>", "only one thread's")
    .option("--since <event>", "what came after this event (evt_…), then what comes")
    .action((flags: EventsFlags) => printEvents(context, flags));
}

/** Prints the stream until it is over, interrupted, or nobody reads any more. Throws the API's refusal. */
export async function printEvents(context: Context, flags: EventsFlags): Promise<void> {
  const { output } = context.settings;
  if (output === "json" || output === "name") {
    throw new UsageError(`events can't be printed as ${output}: the stream has no end`, {
      hint: "--output jsonl prints an event a line",
    });
  }
  for (const [flag, value] of Object.entries(flags)) {
    if (String(value).trim() === "") throw new UsageError(`--${flag} is empty`);
  }
  const deploymentId = await resolveDeployment(context);
  const client = await context.client();
  const printer = await createPrinter(context);
  const { run, thread, since } = flags;
  const query = {
    ...(run === undefined ? {} : { run_id: run }),
    ...(thread === undefined ? {} : { thread_id: thread }),
  };
  let isCut = false;
  const stream = await client.deployments.events.open(deploymentId, query, {
    signal: context.signal,
    ...(since === undefined ? {} : { lastEventId: since }),
    onReconnect: ({ state }) => {
      if (state === "waiting" && !isCut) printer.note("connection lost, reconnecting …");
      isCut = state === "waiting";
    },
  });
  try {
    // The next batch is asked for when this one is written: only then do its ids count as seen.
    for await (const batch of stream) {
      await printer.out(linesOf(batch, { printer, isJson: output === "jsonl" }));
      if (printer.closed) return;
    }
  } catch (error) {
    throw watchEnd(error, context);
  } finally {
    stream.close();
  }
}

/** All lines of a batch, for one write. */
function linesOf(
  batch: readonly RawEvent[],
  { printer, isJson }: { printer: Printer; isJson: boolean },
): string {
  if (isJson) return rawEventLines(batch, printer);
  const events = batch.map(readEvent);
  const toLine = printer.stdoutIsTty
    ? (event: (typeof events)[number]) => eventText(event, printer.style)
    : eventRow;
  return events.map((event) => `${toLine(event)}\n`).join("");
}
