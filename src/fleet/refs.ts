import { type Hint, UsageError } from "../errors/cli-errors.js";
import { askWhetherMeant, nearMisses } from "../errors/near-misses.js";

/** A parsed argument that names one automation (src/commands/README.md, "Refs"). */
export interface ParsedRef {
  text: string;
  deployment_id?: string;
  automation_id?: string;
  name?: string;
}

/** A reading of a name with a slash in it: a deployment's name, and what is in that deployment. */
export interface PrefixReading {
  deployment: string;
  ref: ParsedRef;
}

const automationIdForm = /^auto_\w+$/;
const behindDeployment = /^(dep_\w+)\/(.+)$/s;

export function isAutomationId(text: string): boolean {
  return automationIdForm.test(text);
}

export function isDeploymentId(text: string): boolean {
  return /^dep_\w+$/.test(text);
}

/** The key of an automation among those of all deployments; as a ref it means this one, whatever its name. */
export function itemKey({
  deployment_id,
  automation_id,
}: {
  deployment_id: string;
  automation_id: string | null;
}): string {
  return `${deployment_id}/${automation_id}`;
}

/** Parses a ref: an id is never tried as a name, `name:` forces a name. Throws UsageError for an empty one. */
export function parseRef(text: string): ParsedRef {
  const split = behindDeployment.exec(text);
  return readIn(split?.[1], split?.[2] ?? text, text);
}

function readIn(deployment_id: string | undefined, rest: string, text: string): ParsedRef {
  if (isAutomationId(rest)) return { text, deployment_id, automation_id: rest };
  const name = rest.replace(/^name:/, "");
  if (name.trim() === "")
    throw new UsageError(`"${text}" names no automation`, { hint: "give an id (auto_…) or an exact name" });
  return { text, deployment_id, name };
}

/**
 * Splits a name at each slash into `<deployment name>/<ref>`; not where `name:` or a deployment's id says that it is
 * one.
 */
export function prefixReadings({ text, name, deployment_id }: ParsedRef): PrefixReading[] {
  if (name === undefined || deployment_id !== undefined || text.startsWith("name:")) return [];
  return [...text.matchAll(/\//g)].flatMap(({ index }) => {
    const [deployment, rest] = [text.slice(0, index), text.slice(index + 1)];
    const isEmpty = deployment.trim() === "" || rest.replace(/^name:/, "").trim() === "";
    return isEmpty ? [] : [{ deployment, ref: readIn(undefined, rest, text) }];
  });
}

/** The hint for an unknown name, of a deployment where one was named; one with a glob in it was meant for `--match`. */
export function seeAutomationsNamed(name: string, deployment?: string): Hint {
  const place = deployment === undefined ? [] : ["-d", deployment];
  if (!/[*?]/.test(name)) return (herm) => `${herm("automations", "list", ...place)} shows what exists`;
  const slash = name.indexOf("/");
  const where = slash > 0 ? ["-d", name.slice(0, slash)] : [];
  const list = ["automations", "list", ...where, "--match", name.slice(slash + 1)];
  return (herm) => `names match exactly; ${herm(...list)} shows what matches the pattern`;
}

export const seeDeployments: Hint = (herm) => `${herm("deployments", "list")} shows what exists`;

/** "did you mean …" with the names close to the given one; else `otherwise`. */
export function nearMissHint<Otherwise extends Hint>(
  wantedName: string,
  names: readonly string[],
  otherwise: Otherwise,
): string | Otherwise {
  return askWhetherMeant(nearMisses(wantedName, names).map((name) => `"${name}"`)) ?? otherwise;
}
