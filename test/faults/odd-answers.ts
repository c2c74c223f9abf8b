import type { FetchLike, FetchResponse } from "../../src/api/fetch.js";
import { answer } from "../support/fake-api.js";

/** Values that may appear in place of the expected ones. As JSON, because JavaScript can't represent every number. */
export const oddities = [
  "null",
  "7",
  "-0.5",
  "12345678901234567890",
  "true",
  '""',
  '"soon"',
  '"2026-13-45T99:99:99Z"',
  '"-271821-04-20T00:00:00Z"',
  '"9999-12-31T23:59:59Z"',
  '"\\u0000\\u202e"',
  "[]",
  "[null]",
  "{}",
  '{"toJSON":1,"toString":2}',
] as const;

const removed = Symbol("removed");
type Oddity = (typeof oddities)[number] | typeof removed;

/** Random numbers in [0, 1). */
type Random = () => number;

export interface Damage {
  /** The id of the object that is damaged in every response; absent: the response around the objects is damaged. */
  victim: string | undefined;
  field: string;
  oddity: Oddity;
}

const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  auto: [
    "",
    "automation_id",
    "deployment_id",
    "name",
    "schedule",
    "enabled",
    "next_run_at",
    "created_at",
    "updated_at",
    "last_run_at",
    "last_run_status",
    "instructions",
    "thread_id",
    "recent_runs",
  ],
  run: ["", "run_id", "thread_id", "status", "trigger", "started_at", "completed_at", "error"],
  dep: ["", "customer_id", "name", "status", "created_at", "model", "thread_id", "filesystem", "events"],
  thr: ["title", "status", "messages"],
};

/** A single fault in one of the victims, in every response. An empty field means all of it. */
export function anyDamage(victims: readonly string[], random: Random): Damage {
  const victim = pick(victims, random);
  const field = pick(fieldsOf[victim.split("_")[0] ?? ""] ?? ["name"], random);
  const oddity = field !== "" && random() < 0.1 ? removed : pick(oddities, random);
  return { victim, field, oddity };
}

export function describeDamage({ victim, field, oddity }: Damage): string {
  const what = typeof oddity === "string" ? `is ${oddity}` : "is missing";
  return `${victim ?? "an answer"}${field === "" ? "" : `'s ${field}`} ${what}`;
}

function pick<T>(all: readonly T[], random: Random): T {
  const [first] = all;
  if (first === undefined) throw new Error("nothing to pick from");
  return all[Math.floor(random() * all.length)] ?? first;
}

/** A server that responds like the other, but with the damage. */
export function damaged(fetch: FetchLike, damage: Damage): FetchLike {
  return async (url, init) => {
    const whole = await fetch(url, init);
    const type = whole.headers.get("content-type") ?? "";
    if (!type.includes("json")) return whole;
    const text = await textOf(whole);
    return answer(whole.status, damageJson(text, damage), type);
  };
}

/** A JSON text with the damage. Odd values are inserted as text, because some are odd only in how they are written. */
export function damageJson(text: string, { victim, field, oddity }: Damage): string {
  const placeholder = "\u0001odd";
  const odd = typeof oddity === "string" ? placeholder : undefined;
  const idOf = (value: object) => {
    const own: Record<string, unknown> = { ...value };
    const kind = victim?.split("_")[0];
    const idField = { auto: "automation_id", run: "run_id", dep: "deployment_id", thr: "thread_id" }[
      kind ?? ""
    ];
    const isOther =
      (kind === "dep" && "automation_id" in own) ||
      (kind === "thr" && ("run_id" in own || "automation_id" in own));
    return idField === undefined || isOther ? undefined : own[idField];
  };
  const json = JSON.stringify(JSON.parse(text), (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value) || idOf(value) !== victim)
      return value;
    return field === "" ? odd : { ...value, [field]: odd };
  });
  return json.replaceAll(JSON.stringify(placeholder), String(oddity));
}

/** The whole body of a response. */
export async function textOf({ body }: FetchResponse): Promise<string> {
  if (body === null) return "";
  const parts: Uint8Array[] = [];
  if ("getReader" in body) {
    const reader = body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read())
      if (part.value !== undefined) parts.push(part.value);
  } else for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString();
}
