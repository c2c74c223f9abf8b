import type { Context } from "../../context/context.js";
import { NothingFoundError } from "../../errors/cli-errors.js";
import type { Change, ChangeItem } from "../../history/change.js";
import { wasForgotten } from "../../history/folder.js";
import { readChanges } from "../../history/read.js";
import { renderChangeGroups, type ShownChange } from "../../operations/change-groups.js";
import { Names } from "../../operations/rows/names.js";
import { drawBlock } from "../../output/block.js";
import { column, deploymentColumn, idColumn, nameColumn, pipedRow } from "../../output/columns.js";
import { createPrinter, type Printer, printOne, type RenderOptions } from "../../output/printer.js";
import type { Column } from "../../output/render-table.js";
import { safe } from "../../output/safe.js";
import { factSeparator, type Style } from "../../output/style.js";
import { ago, formatLocalTime } from "../../output/time.js";
import { textOrDash } from "../../output/value-text.js";
import { wrap } from "../../output/width.js";
import { redactTexts } from "../../settings/key.js";
import { changeJson, endedText, pastOfAct, whatText } from "./change-text.js";

const mostNamed = 5;

export async function showChange(context: Context, found: Change): Promise<void> {
  const change = redactTexts(found, context.settings);
  const printer = await createPrinter(context);
  await printOne(printer, {
    json: changeJson(change),
    name: change.id,
    table: () => printTable(printer, change, context.now()),
  });
}

/** The error for an unknown id; lists the last five ids. */
export function unknownChange(context: Context, id: string): NothingFoundError {
  if (wasForgotten(context.settings, id))
    return new NothingFoundError(`change ${id} is no longer in the history`);
  const last: string[] = [];
  for (const change of readChanges(context.settings)) {
    const what = whatText(redactTexts(change, context.settings));
    last.push(`${change.id} (${what}, ${ago(change.at, context.now())})`);
    if (last.length === mostNamed) break;
  }
  return new NothingFoundError(`there is no change ${id} here`, {
    hint: last.length === 0 ? "this data folder has no changes" : `the newest: ${last.join(", ")}`,
  });
}

async function printTable(printer: Printer, change: Change, now: Date): Promise<void> {
  const { items } = change;
  if (!printer.stdoutIsTty) {
    await printer.out(items.map((item) => `${pipedRow(item, itemColumns)}\n`).join(""));
    return;
  }
  const { style } = printer;
  const facts = headFacts(change, { now, separator: factSeparator(style) });
  const widest = Math.max(...facts.map(([label]) => label.length));
  const wrapped = (value: string) => wrap(safe(value, "cell"), Math.max(20, printer.columns - widest - 2));
  const head = style.isInWords
    ? facts.map(([label, value]) => `${label}: ${safe(value, "cell")}`)
    : await drawBlock(facts.map(([label, value]) => [label, wrapped(value).join("\n")]));
  const lines = await renderItems(items, printer.renderOptions);
  await printer.out(`${[...head, "", ...lines].join("\n")}\n`);
}

function headFacts(
  change: Change,
  { now, separator }: { now: Date; separator: string },
): (readonly [label: string, value: string])[] {
  const { id, at, by, command: typed, target, reason, undoes, incident, is_over, was_killed } = change;
  const facts: [string, string | undefined][] = [
    ["change", id],
    ["when", formatLocalTime(at, now, separator, ago)],
    ["who", `${by.user} on ${by.host}`],
    ["why", reason],
    ["what", whatText({ ...change, incident: undefined })],
    ["command", typed],
    ["API", target.store_id === undefined ? target.origin : `${target.origin}, store ${target.store_id}`],
    ["undoes", undoes],
    ["incident", incident],
    ["state", is_over ? was_killed && "herm was killed" : "still going"],
  ];
  return facts.flatMap(([label, value]) => (value === undefined ? [] : [[label, value]]));
}

const itemColumns: Column<ChangeItem>[] = [
  column("act", ({ act }) => act),
  column("result", ({ result }) => result),
  nameColumn(({ name }) => name ?? ""),
  deploymentColumn(),
  idColumn(({ automation_id }) => textOrDash(automation_id)),
  column("why", ({ error }) => error ?? ""),
];

/** Renders the items in a change as before → after; equal ones appear once. */
async function renderItems(items: readonly ChangeItem[], view: RenderOptions): Promise<string[]> {
  const ids = [...new Set(items.map(({ deployment_id }) => deployment_id))];
  const names = new Names(
    items,
    ids.map((deployment_id) => ({ deployment_id })),
  );
  const shown = items.map((item) => shownChange(item, view.style));
  return renderChangeGroups(shown, { ...view, names });
}

function shownChange(item: ChangeItem, style: Style): ShownChange {
  const { act, result, error, run_id, message, is_damaged } = item;
  const ended = endedText(result);
  const mark = result === "done" ? style.ok : result === "skipped" ? "–" : style.failed;
  return {
    item,
    ...(act === "answer" && { run_id }),
    sign: "~",
    lead: `${mark} ${pastOfAct[act]}`,
    changes: changesOf(item),
    notes: [
      ...(ended === undefined ? [] : [error === undefined ? ended : `${ended}: ${error}`]),
      ...(message === undefined ? [] : [message]),
      ...(is_damaged ? ["instructions are unknown: the text doesn't match its hash"] : []),
    ],
  };
}

function changesOf({ act, before = {}, after = {} }: ChangeItem): ShownChange["changes"] {
  const { updated_at: _updated, ...fields } = act === "delete" ? before : after;
  const [from, to]: Record<string, unknown>[] = [{ ...before }, { ...after }];
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name]) => [name, { from: from?.[name], to: to?.[name] }]),
  );
}
