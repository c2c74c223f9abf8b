import type { Context } from "../../context.js";
import { execute } from "../../fleet/execute.js";
import { groupBy } from "../../manifest/group-by.js";
import type { Printer } from "../../output/printer.js";
import { messageOf } from "../../report.js";

/** What a command created in one deployment. */
export interface MadeIn {
  deploymentId: string;
  /** What people call it. */
  deployment: string;
  names: ReadonlySet<string>;
  /** Ids of all that was there before, and of what the command made. */
  known: ReadonlySet<string>;
}

/** A name that somebody else gave to an automation of theirs while a command created ours. */
export interface MadeTwice extends Pick<MadeIn, "deploymentId" | "deployment"> {
  name: string;
  /** Of all that are named so, ours among them. */
  ids: string[];
}

/** Nothing waits for this look: what was made is known. */
const mostWaitMs = 5_000;

/**
 * Lists again where something was created: two machines that create the same at once can't be kept from it, only told.
 * Where it can't be looked, or a person interrupts it, nothing is found; the former is a warning.
 */
export async function findMadeTwice(
  context: Context,
  { places, printer }: { places: readonly MadeIn[]; printer: Pick<Printer, "warn"> },
): Promise<MadeTwice[]> {
  const { signal } = context;
  const client = await context.client();
  const looks = await execute<MadeIn, MadeTwice[]>({
    items: places,
    signal,
    persistence: client.persistence,
    reader: client,
    run: async (place) => ({ result: "done", value: await lookIn(context, place) }),
  });
  const failed = looks.flatMap(({ outcome }) => ("error" in outcome ? [outcome.error] : []));
  if (failed.length > 0 && !signal.aborted) {
    printer.warn(
      `it can't be told whether somebody else created the same meanwhile: ${messageOf(failed[0])}`,
    );
  }
  return looks.flatMap(({ outcome }) => ("value" in outcome ? outcome.value : []));
}

async function lookIn(
  context: Context,
  { deploymentId, deployment, names, known }: MadeIn,
): Promise<MadeTwice[]> {
  const client = await context.client();
  const options = { signal: context.signal, maxWaitMs: mostWaitMs };
  const found: { automation_id: string; name: string }[] = [];
  for await (const automation of client.automations.list(deploymentId, { limit: 100 }, options)) {
    const { automation_id, name } = automation;
    if (typeof name === "string" && names.has(name)) found.push({ automation_id, name });
  }
  return [...groupBy(found, ({ name }) => name)].flatMap(([name, automations]) => {
    const ids = automations.map(({ automation_id }) => automation_id);
    return ids.every((id) => known.has(id)) ? [] : [{ deploymentId, deployment, name, ids }];
  });
}

/** `"Weekly" now exists twice in Acme: auto_1, auto_2`. */
export function madeTwiceText({ name, deployment, ids }: MadeTwice): string {
  const times = ids.length === 2 ? "twice" : `${ids.length} times`;
  return `"${name}" now exists ${times} in ${deployment}: ${ids.join(", ")}`;
}
