/** The form of the file; another number is another form. */
export const planVersion = 1;

/** A larger file is neither written nor read. */
export const mostPlanBytes = 8 * 1024 * 1024;

/** Which API a plan is for: a local server is known by its store. */
interface PlanTarget {
  origin: string;
  store_id?: string;
}

/** What a plan says of itself. */
export interface PlanHead {
  madeAt: Date;
  target: PlanTarget;
  /** The record of what apply makes, as it was named from the working folder; absent: there is none. */
  record?: string | undefined;
}

export const headKeys = [
  "herm_plan",
  "made_at",
  "made_by",
  "target",
  "record",
  "texts",
  "deployments",
] as const;
export const targetKeys = ["origin", "store_id"] as const;
export const deploymentKeys = ["deployment_id", "name", "customer_id", "recorded", "items"] as const;

/** What an item must say, and what it may, by what it does. `at`: where the manifest says so. */
export const itemKeys = {
  create: { must: ["action", "set"], may: ["key", "beside", "reason", "at", "template", "spread_minutes"] },
  update: {
    must: ["action", "automation_id", "set", "saw"],
    may: ["key", "beside", "reason", "at", "template", "spread_minutes"],
  },
  delete: { must: ["action", "automation_id", "saw", "reason"], may: ["stays", "at", "template"] },
} as const;

/** The fields that it sets, and those that the plan saw; `instructions` are the number of a text, from 0. */
export const setKeys = ["name", "schedule", "instructions", "enabled"] as const;
export const sawKeys = ["name", "schedule", "enabled", "instructions", "thread_id", "updated_at"] as const;
export const templateKeys = ["name", "varying", "by"] as const;
/** What makes a template's fields vary, where it isn't values alone. */
export const templateMakers = ["spread", "values and spread"] as const;

export type ItemAction = keyof typeof itemKeys;

/** Whether a file's text begins as a plan does: what doesn't isn't overwritten by one. */
export function looksLikePlan(text: string): boolean {
  return /^\s*\{\s*"herm_plan"\s*:/.test(text);
}
