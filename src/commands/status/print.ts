import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import { itemKey } from "../../fleet/refs.js";
import { type Selection, selectsDeployments } from "../../fleet/selection.js";
import { printList } from "../../output/list.js";
import { printOne } from "../../output/one.js";
import type { Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import type { Style } from "../../output/style.js";
import { renderTable } from "../../output/table.js";
import { rowsNow } from "../../output/terminal/watch.js";
import { warnOfBrokenLedgers } from "../fleet/session.js";
import { noneMatches } from "../targets/why-empty.js";
import type { FleetLook, ListsLook, ReadRow } from "./fleet-look.js";
import { statusJson } from "./json.js";
import { sameSelection } from "./same-selection.js";
import { headOf, mayHaveRunLines, pipedCounts, rowColumns, unprovenLines } from "./view.js";

/** So many rows are read by themselves where no screen has an end. */
export const mostRead = 100;

const fewestRows = 3;
/** The empty line and the titles above the rows, the line that says how many more there are, a hint, and the prompt below. */
const linesBeside = 5;

interface Paper {
  style: Style;
  columns: number;
}

/** How many rows a terminal has room for, below what is told above them. */
export function roomOn(
  context: Pick<Context, "io">,
  { style, columns }: Paper,
): (draft: ListsLook) => number {
  if (style.isInWords) return () => rowsInWords;
  return (draft) => {
    const above = headHeight(draft, { style, columns });
    return Math.max(fewestRows, rowsNow(context.io) - above - linesBeside);
  };
}

function headHeight(draft: ListsLook, { style, columns: width }: Paper): number {
  const { standing, passing } = headOf(draft, { style, width });
  return standing.length + passing.length;
}

/** What is heard has no height. */
const rowsInWords = 20;

/** Prints the fleet at one moment in the format in force. */
export async function printLook(
  context: Context,
  printer: Printer,
  { look, selection, room }: { look: FleetLook; selection: Selection; room: number },
): Promise<void> {
  const names = look.rows.map(({ first }) => itemKey(first));
  if (printer.format.isNamesOnly && names.length === 0) return;
  await printOne(printer, {
    json: statusJson(look),
    name: names,
    table: async () => {
      if (!printer.isForPerson) return printPiped(printer, look);
      const more = moreText(look, room);
      await printer.out(await renderLook(look, { room, more }, printer));
    },
  });
  if (!printer.format.isInWords) return;
  const why = whyNothing(look, selection);
  if (why !== undefined) printer.note(why);
  const hint = printer.isForPerson ? hintAt(context, look, selection) : undefined;
  if (hint !== undefined) printer.hint(hint);
}

async function printPiped(printer: Printer, look: FleetLook): Promise<void> {
  const { unreadable, notReady, names, broken } = look;
  printer.note(look.target);
  await printer.line(pipedCounts(look));
  warnOfBrokenLedgers(printer, broken);
  for (const { deployment_id } of notReady)
    printer.warn(`${names.deployment(deployment_id)} isn't ready: skipped`);
  await printList<ReadRow>(printer, {
    items: look.rows,
    columns: rowColumns(look.at).filter(({ key }) => key !== "count"),
    json: (row) => row,
    name: ({ first }) => itemKey(first),
    empty: "nothing needs attention",
  });
  for (const line of [...mayHaveRunLines(look), ...unprovenLines(look)]) printer.note(line);
  for (const { deployment, error } of unreadable) {
    const { messageOf } = await import("../../report.js");
    printer.warn(`can't be read: ${names.deployment(deployment.deployment_id)}: ${messageOf(error)}`);
  }
}

/** All of it for a terminal; ends with a line end. */
async function renderLook(
  look: FleetLook,
  { room, more }: { room: number; more: string | undefined },
  { style, columns: width }: Paper,
): Promise<string> {
  const { standing, passing } = headOf(look, { style, width });
  const head = [...standing, ...passing].map((line) => `${line}\n`);
  const table = await renderTable(look.rows.slice(0, room), rowColumns(look.at), { width, style });
  const below = more === undefined ? "" : `${safe(more, "cell")}\n`;
  return head.join("") + (table === "" ? "" : `\n${table}`) + below;
}

/** How many rows there is no room for, and the command that lists them; undefined: there is room for all. */
export function moreText({ rows, facts, list, lateFlags }: FleetLook, room: number): string | undefined {
  const left = rows.length - room;
  if (left <= 0) return undefined;
  const isUnexpected = facts.unexpected.length > 0;
  return `… ${left} more: ${list}${isUnexpected ? " --unexpected" : ""} --failing --waiting ${lateFlags}`;
}

/** What to do about the worst, or where else to look: one command. */
function hintAt(context: Context, look: FleetLook, selection: Selection): string | undefined {
  const { rows, names, deployments, total, unreadable, notReady } = look;
  const [worst] = rows;
  if (worst === undefined) {
    const isInUse = !selectsDeployments(selection) && context.settings.deployment() !== undefined;
    if (!isInUse || deployments.length === total) return undefined;
    return `${commandLine(context, ["status", "--all-deployments"])} shows all ${total}`;
  }
  if (worst.trouble === "waiting") {
    const isReadWhole = unreadable.length + notReady.length === 0;
    const same = sameSelection(context, { selection, isReadWhole });
    const answer = commandLine(context, ["runs", "answer", ...same]);
    return `${answer} answers them one by one`;
  }
  return `${commandLine(context, ["automations", "get", names.ref(worst.first)])} shows its runs`;
}

/** Why there is nothing at all; undefined: there is something. Plain text. */
function whyNothing({ facts, known, unreadable }: FleetLook, { match }: Selection): string | undefined {
  if (facts.automations > 0 || unreadable.length > 0) return undefined;
  if (known.length === 0) return undefined;
  return noneMatches(match, known) ?? "nothing to show: --except leaves out everything";
}
