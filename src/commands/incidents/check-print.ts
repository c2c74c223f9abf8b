import type { Context } from "../../context/context.js";
import { type CheckedItem, isContained } from "../../incident/check.js";
import { messageOf } from "../../invocation/report-error.js";
import { type RowLabels, renderGroupedRows } from "../../operations/rows/grouped-rows.js";
import { deploymentNames, type NamedItem, Names } from "../../operations/rows/names.js";
import { unreadableText } from "../../operations/rows/session.js";
import { KeyedScreen } from "../../operations/rows/watch-rows.js";
import { printList } from "../../output/print-list.js";
import { toJsonLine } from "../../output/printed-json.js";
import { type Printer, printOne, watchEnd } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { fold } from "../../output/text/fold.js";
import { formatLocalBriefly } from "../../output/time.js";
import {
  checkJson,
  checkLine,
  headLines,
  type IncidentView,
  isFailing,
  itemColumns,
  notableItems,
  stateWord,
  verdictLine,
  whyOf,
} from "./check-view.js";

/** Prints a check in the chosen format; on a terminal exceptions come first, then the proof. */
export async function printCheck(printer: Printer, view: IncidentView): Promise<void> {
  const { state, check } = view;
  const { incident } = state.head;
  if (state.closed !== undefined) {
    const { at, why } = state.closed;
    const when = printer.isForPerson ? formatLocalBriefly(new Date(at), view.at) : at;
    printer.note(`incident ${incident} was closed at ${when} (${why})`);
  }
  await printOne(printer, {
    json: checkJson(state, check),
    name: incident,
    table: async () =>
      printer.stdoutIsTty ? printer.out(await renderCheck(view, printer)) : printItems(printer, view),
  });
}

async function printItems(printer: Printer, { check, title, at, deployments }: IncidentView): Promise<void> {
  if (title !== undefined) printer.note(title);
  await printList<CheckedItem>(printer, {
    items: check.items,
    columns: itemColumns(deploymentNames(deployments), at),
    json: (item) => item,
    name: ({ automation_id }) => automation_id,
    empty: "it has no automations",
  });
  printer.note(checkLine(check));
}

/**
 * Renders the incident, its automations and the proof, with a final line end. `isCut`: the proof comes first, because
 * the end of the screen is cut off.
 */
async function renderCheck(
  view: IncidentView,
  printer: Pick<Printer, "style" | "columns" | "isVerbose">,
  { isCut = false }: { isCut?: boolean } = {},
): Promise<string> {
  const head = headLines(view, printer).join("\n");
  const table = printer.isVerbose ? await renderItems(view, printer) : await renderNotable(view, printer);
  const verdict = verdictLine(view.check, printer);
  if (table === "") return `${head}\n${verdict}\n`;
  return isCut ? `${head}\n${verdict}\n\n${table}` : `${head}\n\n${table}${verdict}\n`;
}

type CheckRow = CheckedItem | (NamedItem & { automation_id: null });

async function renderNotable(
  { check, at, deployments }: IncidentView,
  printer: Pick<Printer, "style" | "columns">,
): Promise<string> {
  const unreadableTexts = new Map(
    check.unreadable.map((each) => [each.deployment.deployment_id, unreadableText(each.error)]),
  );
  const items = notableItems(check);
  const known = new Set(items.map(({ deployment_id }) => deployment_id));
  const others = [...unreadableTexts.keys()].filter((id) => !known.has(id));
  const rows: CheckRow[] = [
    ...items,
    ...others.map((deployment_id) => ({ deployment_id, automation_id: null, name: null })),
  ];
  const isUnreadable = (row: CheckRow) =>
    row.automation_id === null || (row.state === "unknown" && unreadableTexts.has(row.deployment_id));
  const labels: RowLabels<CheckRow> = {
    title: "STATE",
    rankOf: (row) => (row.automation_id === null || isFailing(row) ? "trouble" : "skipped"),
    word: (row) => (row.automation_id === null ? "unknown" : stateWord(row)),
    why: (row) => {
      if (row.automation_id === null || isUnreadable(row))
        return unreadableTexts.get(row.deployment_id) ?? "";
      return whyOf(row, (time) => formatLocalBriefly(time, at));
    },
    isOfDeployment: isUnreadable,
  };
  const isFleet = isOfSeveral([...check.items, ...rows]);
  return renderGroupedRows(rows, { labels, names: new Names(check.items, deployments, isFleet) }, printer);
}

async function renderItems(
  { check, at, deployments }: IncidentView,
  { style, columns: width }: Pick<Printer, "style" | "columns">,
): Promise<string> {
  const { renderTable } = await import("../../output/render-table.js");
  const { items, unreadable } = check;
  const names = deploymentNames(deployments);
  const columns = itemColumns(names, at).filter(({ key }) => isOfSeveral(items) || key !== "deployment");
  const rows = [...items.filter((item) => !isFailing(item)), ...items.filter(isFailing)];
  const unreadableTexts = unreadable.map((each) => {
    const { deployment_id } = each.deployment;
    const line = `${names.get(deployment_id) ?? deployment_id} ${unreadableText(each.error)}`;
    return `${style.failing(fold(safe(line, "cell"), width))}\n`;
  });
  return [await renderTable(rows, columns, { width, style }), ...unreadableTexts].join("");
}

function isOfSeveral(rows: readonly { deployment_id: string }[]): boolean {
  return new Set(rows.map(({ deployment_id }) => deployment_id)).size > 1;
}

const everyMs = 5_000;

/**
 * Repeats the check until `q` or Ctrl-C. Redraws in place; prints only differences on a terminal without cursor
 * control, and in a pipe, one line per check. If a check fails, it only warns.
 */
export async function watchCheck(
  context: Context,
  printer: Printer,
  readCheck: () => Promise<IncidentView>,
): Promise<void> {
  const screen = new KeyedScreen(context);
  let last = "";
  let frame = "";
  const print = async (view: IncidentView) => {
    const { state, check } = view;
    const table = async () => {
      if (!printer.stdoutIsTty)
        return printer.line(`${isContained(check) ? "all paused" : "not all paused"}\t${checkLine(check)}`);
      if (context.io.canRedraw) {
        frame = await renderCheck(view, printer, { isCut: true });
        return screen.show(frame);
      }
      // If only the time is new, that doesn't count as a change.
      const text = JSON.stringify(checkJson(state, { ...check, checkedAt: check.checkedAt && new Date(0) }));
      if (text === last) return;
      last = text;
      await printer.out(await renderCheck(view, printer));
    };
    const jsonLines = () => `${toJsonLine(checkJson(state, check), printer)}\n`;
    await (printer.format.events?.(printer, { jsonLines, table }) ?? table());
  };
  try {
    for (;;) {
      try {
        await print(await readCheck());
      } catch (error) {
        if (context.signal.aborted) throw context.signal.reason;
        const text = `this check failed; the next is in ${everyMs / 1000} s: ${messageOf(error)}`;
        if (frame === "") printer.warn(text);
        else
          await screen.show(
            frame,
            printer.style.failing(fold(safe(context.settings.redact(text), "cell"), printer.columns)),
          );
      }
      if (printer.closed) return;
      await context.sleep(everyMs, context.signal);
    }
  } catch (error) {
    if (!screen.isQuit) throw watchEnd(error, printer);
  } finally {
    await screen.close();
  }
}
