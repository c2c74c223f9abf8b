import type { RawEvent } from "../../api/types.js";
import type { Context } from "../../context.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { columnsNow } from "../../output/terminal/watch.js";
import { cut } from "../../output/width.js";
import { type RunEvent, readEvent, runOf } from "../../run-view/event.js";
import { rawEventLines } from "../../run-view/event-line.js";
import { eventRow, eventSummary } from "../../run-view/event-text.js";

interface EventDeployment {
  deployment_id: string;
  name?: string;
}

export interface EventOutput {
  show(events: readonly RawEvent[], deployment: EventDeployment): Promise<void>;
  note(text: string): void;
  warn(text: string): void;
  readonly isClosed: boolean;
}

/** Prints each event as a line: as a row in a pipe, cut to the width on a terminal. */
export async function openOutput(context: Context): Promise<EventOutput> {
  const printer = await createPrinter(context);
  return {
    async show(events, { deployment_id, name }) {
      const deployment = name === undefined ? undefined : { id: deployment_id, name };
      const lineOf = (event: RunEvent) =>
        printer.isForPerson
          ? cut(safe(lineText(event, name), "cell"), columnsNow(context.io) - 1)
          : eventRow(event, deployment?.id);
      await printer.format.events?.(printer, {
        jsonLines: () => rawEventLines(events, { githubActions: printer.githubActions, deployment }),
        table: () => printer.out(events.map((event) => `${lineOf(readEvent(event))}\n`).join("")),
      });
    },
    note: (text) => printer.note(text),
    warn: (text) => printer.warn(text),
    get isClosed() {
      return printer.closed;
    },
  };
}

function lineText(event: RunEvent, deployment: string | undefined): string {
  return [deployment ?? [], runOf(event) ?? [], event.event, eventSummary(event)].flat().join("  ");
}
