import type { OutageNews, Persistence } from "../../api/persistence.js";
import type { Context } from "../../context.js";
import { formatDuration } from "../../output/duration.js";
import { createPrinter } from "../../output/printer.js";

/** Lets what works on many things go on through an outage (persistence.ts), which is told once. */
export async function persist(context: Context): Promise<Persistence> {
  const client = await context.client();
  const printer = await createPrinter(context);
  const tell = ({ failure: { message }, leftMs, deploymentId }: OutageNews) => {
    // A bar may stand on the line, and would go on saying what isn't so any more.
    const { stderrIsTty, canRedraw, columns } = context.io;
    if (stderrIsTty && canRedraw) printer.err(`\r${" ".repeat(columns - 1)}\r`);
    const where = deploymentId === undefined ? "" : `${deploymentId}: `;
    printer.note(`${where}${message}; trying again for up to ${formatDuration(leftMs)}`);
  };
  return client.persist(tell);
}
