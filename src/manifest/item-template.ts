import type { Template } from "./values/variables.js";

/** A field of an automation that manifests say. */
export type ManagedField = "name" | "schedule" | "instructions" | "enabled";

/** What an automation of a manifest is before a deployment's values are put in: the same for every deployment. */
export interface ItemTemplate {
  /** Its name as written. */
  name: string;
  /** The fields that differ between deployments. */
  varying: ReadonlySet<ManagedField>;
  /** What makes them differ; absent: values alone. */
  by?: "spread" | "values and spread";
}

interface Texts {
  name: Template;
  schedule?: Template;
  tz?: Template;
  spread?: Template;
  instructions?: Template;
  enabled?: Template | boolean;
}

/** Nothing where every deployment has the same. */
export function itemTemplate(texts: Texts): ItemTemplate | undefined {
  const { name, schedule, tz, spread, instructions, enabled } = texts;
  const fields: [ManagedField, readonly (Template | boolean | undefined)[]][] = [
    ["name", [name]],
    ["schedule", [schedule, tz, spread]],
    ["instructions", [instructions]],
    ["enabled", [enabled]],
  ];
  const varying = new Set(fields.filter(([, values]) => values.some(isOpen)).map(([field]) => field));
  const written = name.written.text;
  if (spread === undefined) return varying.size === 0 ? undefined : { name: written, varying };
  const by = varying.size === 0 ? "spread" : "values and spread";
  return { name: written, varying: varying.add("schedule"), by };
}

function isOpen(value: Template | boolean | undefined): boolean {
  return typeof value === "object" && value.parts.some((part) => typeof part !== "string");
}
