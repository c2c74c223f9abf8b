import type { Context } from "../../context.js";
import { type Hint, PartialFailureError } from "../../errors.js";
import { groupBy } from "../../manifest/group-by.js";
import type { Printer } from "../../output/printer.js";
import { checkAgain, mostCheckMs } from "./check-again.js";

export interface CreatedNames {
  deployment_id: string;
  deployment: string;
  names: ReadonlySet<string>;
  /** Ids of all that was there before and of what the command created. */
  known: Pick<ReadonlySet<string>, "has">;
}

/** A name that somebody else gave to an automation while a command created ours. */
export interface DuplicateName extends Pick<CreatedNames, "deployment_id" | "deployment"> {
  name: string;
  /** Ids of all with that name, ours among them. */
  ids: string[];
}

export function findDuplicateNames(
  context: Context,
  { places, printer }: { places: readonly CreatedNames[]; printer: Pick<Printer, "warn"> },
): Promise<DuplicateName[]> {
  const options = { targets: places, printer, done: "created" };
  return checkAgain(context, options, (each) => checkNames(context, each));
}

async function checkNames(
  context: Context,
  { deployment_id, deployment, names, known }: CreatedNames,
): Promise<DuplicateName[]> {
  const client = await context.client();
  const options = { signal: context.signal, maxWaitMs: mostCheckMs };
  const found: { automation_id: string; name: string }[] = [];
  for await (const automation of client.automations.list(deployment_id, { limit: 100 }, options)) {
    const { automation_id, name } = automation;
    if (typeof name === "string" && names.has(name)) found.push({ automation_id, name });
  }
  return [...groupBy(found, ({ name }) => name)].flatMap(([name, automations]) => {
    const ids = automations.map(({ automation_id }) => automation_id);
    return ids.every((id) => known.has(id)) ? [] : [{ deployment_id, deployment, name, ids }];
  });
}

/** `"Weekly" now exists twice in Acme: auto_1, auto_2`. */
export function duplicateNameText({ name, deployment, ids }: DuplicateName): string {
  const times = ids.length === 2 ? "twice" : `${ids.length} times`;
  return `"${name}" now exists ${times} in ${deployment}: ${ids.join(", ")}`;
}

/** Throws PartialFailureError where there is any. `hint`: replaces the one to delete by hand. */
export function refuseDuplicateNames(twice: readonly DuplicateName[], hint?: Hint): void {
  const [first] = twice;
  if (first === undefined) return;
  const what = twice.length === 1 ? "1 automation exists" : `${twice.length} automations exist`;
  const { deployment_id, name } = first;
  throw new PartialFailureError(`${what} twice: somebody else created the same`, {
    hint:
      hint ??
      ((herm) =>
        `${herm("automations", "list", "-d", deployment_id, "--match", name)} shows them: delete the ones you don't want`),
  });
}
