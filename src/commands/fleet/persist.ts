import type { HermError } from "../../api/errors.js";
import type { Persistence } from "../../api/persistence.js";
import type { Context } from "../../context.js";
import type { Selection } from "../../fleet/selection.js";
import { formatDuration } from "../../output/duration.js";
import { createPrinter } from "../../output/printer.js";

/** Whether a selection is of several deployments. */
export function isFleet({ deployments, customer, allDeployments }: Selection): boolean {
  return allDeployments || customer !== undefined || deployments.length > 1;
}

/** Lets what works on many things go on through an outage (persistence.ts), which is told once. */
export async function persist(context: Context): Promise<Persistence> {
  const client = await context.client();
  const printer = await createPrinter(context);
  const tell = ({ message }: HermError, leftMs: number) => {
    // A bar may stand on the line.
    if (context.io.stderrIsTty) printer.err("\n");
    printer.note(`${message}; trying again for up to ${formatDuration(leftMs)}`);
  };
  return client.persist(tell);
}
