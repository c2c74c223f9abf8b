import type { Template } from "./values/variables.js";

export type ManagedField = "name" | "schedule" | "instructions" | "enabled";

/** An item before a deployment's values are inserted, and so the same for all deployments. */
export interface ItemTemplate {
  name: string;
  varying: ReadonlySet<ManagedField>;
  by?: "spread" | "values and spread";
}

type Texts = { name: Template; enabled?: Template | boolean | undefined } & {
  [Field in "schedule" | "tz" | "spread" | "instructions"]?: Template | undefined;
};

export function itemTemplate(texts: Texts): ItemTemplate | undefined {
  const { name, schedule, tz, spread, instructions, enabled } = texts;
  const fields: [ManagedField, readonly (Template | boolean | undefined)[]][] = [
    ["name", [name]],
    ["schedule", [schedule, tz, spread]],
    ["instructions", [instructions]],
    ["enabled", [enabled]],
  ];
  const varying = new Set(fields.filter(([, values]) => values.some(hasVariables)).map(([field]) => field));
  const written = name.written.text;
  if (spread === undefined) return varying.size === 0 ? undefined : { name: written, varying };
  const by = varying.size === 0 ? "spread" : "values and spread";
  return { name: written, varying: varying.add("schedule"), by };
}

function hasVariables(value: Template | boolean | undefined): boolean {
  return typeof value === "object" && value.parts.some((part) => typeof part !== "string");
}
