import type { OutageNews, Persistence } from "../../api/persistence.js";
import type { Context } from "../../context.js";
import { formatDuration } from "../../output/duration.js";
import { createPrinter } from "../../output/printer.js";
import type { Done } from "./outage.js";

/** Whoever wouldn't wait longer than this has said so. */
const hastyMs = 5000;

/**
 * Lets what works on many things go on through an outage (persistence.ts), which is told once. `done`: what nothing is yet
 * before the first change.
 */
export async function persist(context: Context, done?: Done): Promise<Persistence> {
  const client = await context.client();
  const printer = await createPrinter(context);
  let isNothingTold = false;
  const tell = ({ failure, leftMs, deploymentId, isBeforeChanges }: OutageNews) => {
    // A bar may stand on the line, and would go on saying what isn't so any more.
    const { stderrIsTty, canRedraw, columns } = context.io;
    if (stderrIsTty && canRedraw) printer.err(`\r${" ".repeat(columns - 1)}\r`);
    const where = deploymentId === undefined ? "" : `${deploymentId}: `;
    const what = failure === undefined ? "no answer for 5 s; waiting" : `${failure.message}; trying again`;
    printer.note(`${where}${what} for up to ${formatDuration(leftMs)}`);
    if (done === undefined || !isBeforeChanges || isNothingTold) return;
    isNothingTold = true;
    const sooner = ": Ctrl-C, then --max-wait 5s does the others sooner";
    const hasOthers = deploymentId !== undefined && leftMs > hastyMs;
    printer.note(`nothing is ${done} yet${hasOthers ? sooner : ""}`);
  };
  return client.persist(tell);
}
