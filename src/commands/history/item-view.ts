import type { ChangeItem } from "../../history/change.js";
import type { RenderOptions } from "../../output/printer.js";
import type { Style } from "../../output/style.js";
import { Names } from "../fleet/names.js";
import { renderChangeGroups, type ShownChange } from "../operations/change-groups.js";
import { endedText, pastOfAct } from "./change-text.js";

/** Renders the items of a change, equal ones once, before → after. */
export async function renderItems(items: readonly ChangeItem[], view: RenderOptions): Promise<string[]> {
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
      ...(is_damaged ? ["instructions aren't known: the text doesn't match its hash"] : []),
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
