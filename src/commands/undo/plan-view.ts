import type { ChangeItem } from "../../history/change.js";
import { groupBy } from "../../manifest/group-by.js";
import { counted, firstOf, listed } from "../../output/count.js";
import { type FromTo, renderChanges } from "../../output/diff.js";
import { fold } from "../../output/fold.js";
import { safe } from "../../output/safe.js";
import { between, type Style } from "../../output/style.js";
import { formatLocalBriefly } from "../../output/time.js";
import { messageOf } from "../../report.js";
import { Names } from "../fleet/names.js";
import { countDeployments } from "../fleet/rows.js";
import type { OpenStep, PreparedUndo, UndoPlan } from "./prepared.js";

export interface UndoPlanView {
  /** The target, as every plan begins. */
  target: string;
  style: Style;
  /** Of the terminal; undefined: lines of any length. */
  width: number | undefined;
  /** Each automation by itself. */
  isVerbose: boolean;
  now: Date;
}

const mostGroups = 10;
const mostLeft = 20;

/** What an undo is about to do, for a person: equal steps once, and what is left alone with why; ends with a line end. */
export async function renderUndoPlan(prepared: PreparedUndo, view: UndoPlanView): Promise<string> {
  const { plan, deployments, change } = prepared;
  const { style, width, isVerbose, target, now } = view;
  const items = [
    ...plan.steps.map(({ item }) => item),
    ...plan.left.map(({ item }) => item),
    ...plan.unread.map(({ item }) => item),
  ];
  const names = new Names(items.map(callable), deployments);
  const line = (text: string) => fold(safe(text, "cell"), width);
  const groups = [...groupBy(plan.steps, (step) => keyOf(step, isVerbose)).values()];
  const shown = isVerbose ? groups : groups.slice(0, mostGroups);
  const blocks = await Promise.all(shown.map((group) => renderGroup(group, { names, view })));
  const unshown = groups.slice(shown.length).reduce((sum, group) => sum + group.length, 0);
  const when = formatLocalBriefly(new Date(change.at), now);
  const why = change.reason === undefined ? [] : [line(`  reason: ${change.reason}`)];
  return `${[
    style.bold(line(target)),
    line(`${change.id}${between(style)}${when} by ${change.by.user}${between(style)}${change.command}`),
    ...why,
    fold(countsText(plan, style), width),
    ...blocks.flat(),
    ...(unshown > 0 ? [line(`  … and ${counted(unshown, "automation")} more: --verbose`)] : []),
    ...leftLines(plan, names).map((text) => style.dim(line(text))),
    ...firstOf(
      plan.unread.map(({ item, error }) => `can't be read: ${names.of(callable(item))}: ${messageOf(error)}`),
      mostLeft,
    ).map((text) => style.red(line(text))),
  ].join("\n")}\n`;
}

function countsText({ steps, unchanged, left, unread }: UndoPlan, style: Style): string {
  const places = counted(countDeployments(steps.map(({ item }) => item)), "deployment");
  return [
    steps.length === 0
      ? "nothing to undo"
      : `${counted(steps.length, "automation")} to bring back in ${places}`,
    ...(unchanged.length > 0 ? [`${unchanged.length} as before already`] : []),
    ...(left.length > 0 ? [`${left.length} left alone`] : []),
    ...(unread.length > 0 ? [`${unread.length} not read`] : []),
  ].join(between(style));
}

/** Equal reasons once. */
function leftLines({ left }: UndoPlan, names: Names): string[] {
  const lines = [...groupBy(left, ({ why }) => why)].map(([why, group]) => {
    const called = names.once(group.map(({ item }) => callable(item))).map(({ what }) => what);
    return `  left: ${listed(called)}: ${why}`;
  });
  return firstOf(lines, mostLeft);
}

function keyOf(step: OpenStep, isVerbose: boolean): string {
  const { deployment_id, automation_id } = step.item;
  return isVerbose ? `${deployment_id}/${automation_id}` : JSON.stringify([step.does, changesOf(step)]);
}

const signs = { restore: "~", remake: "+", remove: "-" } as const;
const words = { restore: "bring back", remake: "create again", remove: "delete" } as const;

async function renderGroup(
  group: readonly OpenStep[],
  { names, view: { style, width } }: { names: Names; view: UndoPlanView },
): Promise<string[]> {
  const [first] = group;
  if (first === undefined) return [];
  const { does } = first;
  const called = names.once(group.map(({ item }) => callable(item))).map(({ what }) => what);
  const what =
    group.length === 1 || called.length === 1
      ? listed(called)
      : `${counted(group.length, "automation")}: ${listed(called)}`;
  const title = `${style.isInWords ? "" : `${signs[does]} `}${words[does]}: ${safe(what, "cell")}`;
  const colour = does === "restore" ? style.magenta : does === "remake" ? style.green : style.red;
  const fields = await renderChanges(changesOf(first), { style, width: width && width - 2 });
  return [colour(fold(title, width)), ...fields.map((each) => `  ${each}`)];
}

/** Each field before and after the undo. */
function changesOf(step: OpenStep): Record<string, FromTo> {
  if (step.does !== "restore") return {};
  const { current, fields } = step;
  return Object.fromEntries(
    Object.entries(fields).map(([field, to]) => [field, { from: current[field], to }]),
  );
}

function callable({ deployment_id, automation_id, name }: ChangeItem) {
  return { deployment_id, automation_id: automation_id ?? "", name };
}
