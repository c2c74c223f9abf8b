import { NotPossibleError } from "../../errors.js";
import { groupBy } from "../group-by.js";
import type { ItemTemplate, ManagedField } from "../item-template.js";
import { type DeploymentPlan, type Task, tasksOf } from "../plan/fleet-plan.js";
import type { ActualAutomation, ManifestChanges, PlanItem } from "../plan/plan-item.js";
import type { FindKey } from "../values/expand.js";
import { mostPlanBytes, type PlanHead, seal } from "./format.js";

export interface PlanToWrite extends PlanHead {
  madeBy: string;
  plans: readonly DeploymentPlan[];
}

/** The file's JSON; instructions are indexes into `texts`. */
export interface WrittenPlan {
  made_at: string;
  made_by: string;
  target: PlanHead["target"];
  record?: string | undefined;
  texts: string[];
  deployments: {
    deployment_id: string;
    name: string;
    customer_id?: string;
    recorded?: string[];
    items: WrittenItem[];
  }[];
}

export interface WrittenItem extends Omit<PlanItem, "changes" | "before" | "template" | "values" | "error"> {
  changes?: Omit<ManifestChanges, "instructions"> & { instructions?: { from?: number; to: number } };
  before?: Omit<ActualAutomation, "instructions"> & { instructions?: number };
  template?: Omit<ItemTemplate, "varying"> & { varying: ManagedField[] };
}

/**
 * Writes a plan: a line for each item, with what was seen of it. Throws NotPossibleError where it would hold a key that
 * `findKey` knows, or be too large to read back.
 */
export function writePlan(
  { madeAt, madeBy, target, record, plans }: PlanToWrite,
  { findKey }: { findKey: FindKey },
): string {
  const texts = new Map<string, number>();
  const groups = groupBy(tasksOf(plans), ({ target: { deployment_id } }) => deployment_id);
  const deployments = [...groups.values()].map((tasks) => {
    const { target, recorded } = tasks[0] as Task;
    const { deployment_id, name, customer_id } = target;
    const items = tasks.map(({ planItem }) => {
      const text = itemText(planItem, (instructions) => numberOf(instructions, planItem.name));
      return withoutKey(text, `"${planItem.name}" in ${name}`);
    });
    const facts = json({ deployment_id, name, customer_id, recorded });
    return `${facts.slice(0, -1)},"items":[${lines(items)}]}`;
  });
  const head = { made_at: madeAt.toISOString(), made_by: madeBy, target, record };
  const facts = Object.entries(head).flatMap(([key, value]) =>
    value === undefined ? [] : [`"${key}": ${json(value)},`],
  );
  const rest = [
    `"texts": [${lines([...texts.keys()].map(json))}],`,
    `"deployments": [${lines(deployments)}]`,
    "}\n",
  ];
  const text = seal([...facts, ...rest].join("\n"));
  if (Buffer.byteLength(text) > mostPlanBytes) {
    throw new NotPossibleError(`the plan would be larger than ${mostPlanBytes / 1024 / 1024} MiB`, {
      hint: "split it with -d, --customer or --match",
    });
  }
  return text;

  function numberOf(text: string | null | undefined, name: string): number | undefined {
    if (text === undefined || text === null) return undefined;
    if (!texts.has(text)) texts.set(withoutKey(text, `the instructions of "${name}"`), texts.size);
    return texts.get(text);
  }

  function withoutKey(text: string, what: string): string {
    if (findKey(text) === undefined) return text;
    throw new NotPossibleError(`a plan can't be saved: one of your API keys is in ${what}`, {
      hint: "remove it, or apply without --plan-out",
    });
  }
}

/** Writes an item; `numberOf` gives the number of a text. */
function itemText(
  { changes, before, template, values: _, ...item }: PlanItem,
  numberOf: (text: string | null | undefined) => number | undefined,
): string {
  const { instructions: text } = changes ?? {};
  const instructions = text && { from: numberOf(text.from), to: numberOf(text.to) };
  return json({
    ...item,
    changes: changes && { ...changes, instructions },
    before: before && { ...before, instructions: numberOf(before.instructions) },
    template: template && { ...template, varying: [...template.varying] },
  });
}

function lines(items: readonly string[]): string {
  return items.length === 0 ? "" : `\n${items.join(",\n")}\n`;
}

/** Escapes what a terminal would act on or hide, and U+FFFD, which stands for broken UTF-8. */
function json(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
