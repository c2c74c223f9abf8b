import type { CheckedItem } from "../../incident/check.js";
import { printList } from "../../output/list.js";
import { printOne } from "../../output/one.js";
import type { Printer } from "../../output/printer.js";
import { renderTable } from "../../output/table.js";
import {
  checkJson,
  checkLine,
  type IncidentLook,
  itemColumns,
  notableItems,
  renderCheck,
} from "./check-view.js";

/** Prints one look at an incident in the format in force. On a terminal: the proof, then what isn't simply paused. */
export async function printCheck(printer: Printer, look: IncidentLook): Promise<void> {
  const { state, check } = look;
  const { incident } = state.head;
  if (state.closed !== undefined)
    printer.note(`incident ${incident} was closed at ${state.closed.at} (${state.closed.why})`);
  await printOne(printer, {
    json: checkJson(state, check),
    name: incident,
    table: async () =>
      printer.stdoutIsTty ? printer.out(await renderLook(look, printer)) : printItems(printer, look),
  });
}

async function printItems(printer: Printer, { check, target, names }: IncidentLook): Promise<void> {
  if (target !== undefined) printer.note(target);
  await printList<CheckedItem>(printer, {
    items: check.items,
    columns: itemColumns(names),
    json: (item) => item,
    name: ({ automation_id }) => automation_id,
    empty: "nothing is in it",
  });
  printer.note(checkLine(check));
}

/** The proof and what isn't simply paused, for a terminal; ends with a line end. */
export async function renderLook(
  { state, check, target, names }: IncidentLook,
  { style, columns: width }: Pick<Printer, "style" | "columns">,
): Promise<string> {
  const isFleet = new Set(check.items.map(({ deployment_id }) => deployment_id)).size > 1;
  const columns = itemColumns(names).filter(({ key }) => isFleet || key !== "deployment");
  const table = await renderTable(notableItems(check.items), columns, { width, style });
  return `${renderCheck(state, check, { target, style, width })}${table === "" ? "" : `\n${table}`}`;
}
