import { type Hint, hintTo, UsageError } from "../errors/cli-errors.js";
import { askWhetherMeant, nearMisses } from "../errors/near-misses.js";

/** A parsed argument that names an automation (src/commands/README.md, "Refs"). */
export interface ParsedRef {
  text: string;
  deployment_id?: string;
  automation_id?: string;
  name?: string;
}

/** One way to read a name with a slash: as the name of a deployment, and a ref in that deployment. */
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

/** A key that is unique across deployments; used as a ref, it identifies this automation, not one by that name. */
export function itemKey({
  deployment_id,
  automation_id,
}: {
  deployment_id: string;
  automation_id: string | null;
}): string {
  return `${deployment_id}/${automation_id}`;
}

/** Parses a ref: an id is never tried as a name, and `name:` makes it a name. Throws UsageError for an empty ref. */
export function parseRef(text: string): ParsedRef {
  const split = behindDeployment.exec(text);
  return readIn(split?.[1], split?.[2] ?? text, text);
}

function readIn(deployment_id: string | undefined, rest: string, text: string): ParsedRef {
  if (isAutomationId(rest)) return { text, deployment_id, automation_id: rest };
  const name = rest.replace(/^name:/, "");
  if (name.trim() === "")
    throw new UsageError(`"${text}" isn't a name or id`, { hint: "give an id (auto_…) or an exact name" });
  return { text, deployment_id, name };
}

/** Splits a name into `<deployment name>/<ref>` at each of its slashes, unless `name:` or an id rules that out. */
export function prefixReadings({ text, name, deployment_id }: ParsedRef): PrefixReading[] {
  if (name === undefined || deployment_id !== undefined || text.startsWith("name:")) return [];
  return [...text.matchAll(/\//g)].flatMap(({ index }) => {
    const [deployment, rest] = [text.slice(0, index), text.slice(index + 1)];
    const isEmpty = deployment.trim() === "" || rest.replace(/^name:/, "").trim() === "";
    return isEmpty ? [] : [{ deployment, ref: readIn(undefined, rest, text) }];
  });
}

/** The hint for an unknown name, with the deployment if one was named; if the name is a glob, suggests `--match`. */
export function seeAutomationsNamed(name: string, deployment?: string): Hint {
  const place = deployment === undefined ? [] : ["-d", deployment];
  if (!/[*?]/.test(name)) return hintTo("to see what exists", "automations", "list", ...place);
  const slash = name.indexOf("/");
  const where = slash > 0 ? ["-d", name.slice(0, slash)] : [];
  const list = ["automations", "list", ...where, "--match", name.slice(slash + 1)];
  return hintTo("names must match exactly; to see what matches the pattern", ...list);
}

export const seeDeployments = hintTo("to see what exists", "deployments", "list");

/** Returns "did you mean …" with similar names or, if there are none, `otherwise`. */
export function nearMissHint<Otherwise extends Hint>(
  wantedName: string,
  names: readonly string[],
  otherwise: Otherwise,
): string | Otherwise {
  return askWhetherMeant(nearMisses(wantedName, names).map((name) => `"${name}"`)) ?? otherwise;
}
