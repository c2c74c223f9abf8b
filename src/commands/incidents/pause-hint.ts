import { commandLine, flagWords } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import { itemKey } from "../../fleet/refs.js";
import type { ScopeLine } from "../../history/incident-lines.js";
import { countEnabled } from "../../incident/check.js";
import type { Printer } from "../../output/printer.js";
import { Names } from "../fleet/names.js";
import { selectionWords } from "../targets/selection.js";
import type { IncidentView } from "./check-view.js";

const mostRefs = 10;

/** Hints at the same pause again for what is enabled; not while the incident is being resumed. */
export function printPauseHint(
  context: Context,
  printer: Printer,
  { state, check, deployments }: IncidentView,
): void {
  if (countEnabled(check) === 0 || check.items.some((item) => item.state === "back")) return;
  const { incident } = state.head;
  const [scope, ...others] = state.scopes;
  const refs = scope?.automations ?? [];
  if (scope === undefined || others.length > 0 || refs.length > mostRefs) {
    printer.hint(`the same pause with --incident ${incident} pauses what is enabled`);
    return;
  }
  const names = new Names(check.items, deployments);
  const known = new Map(check.items.map((item) => [itemKey(item), item]));
  const refOf = (key: string) => {
    const item = known.get(key);
    return item === undefined ? key : names.ref(item);
  };
  const words = scopeWords(scope, { names, refs: refs.map(refOf) });
  const again = commandLine(context, [
    "automations",
    "pause",
    ...words,
    ...flagWords("--incident", incident),
  ]);
  printer.hint(`${again} pauses what is enabled`);
}

function scopeWords(
  { deployments, customer, match, except, automations }: ScopeLine,
  { names, refs }: { names: Names; refs: readonly string[] },
): string[] {
  if (automations !== undefined) return [...refs];
  const isWhole = customer === undefined && deployments === undefined;
  const selected = selectionWords({
    deployments: deployments?.map((id) => names.deployment(id)),
    customer,
    allDeployments: isWhole,
    match,
    except,
  });
  return [...selected, ...(deployments !== undefined && match === undefined ? ["--all"] : [])];
}
