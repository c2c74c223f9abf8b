import type { Automation } from "../api/types.js";
import { ConflictError, NotFoundError, UsageError } from "../errors.js";

/** What a person wrote to name one automation (cli.md, "Refs"). */
export interface AutomationRef {
  text: string;
  /** Given before the slash: `dep_…/…`. */
  deploymentId?: string;
  automationId?: string;
  name?: string;
}

const automationId = /^auto_\w+$/;
const behindDeployment = /^(dep_\w+)\/(.+)$/s;

export function isAutomationId(text: string): boolean {
  return automationId.test(text);
}

export function isDeploymentId(text: string): boolean {
  return /^dep_\w+$/.test(text);
}

/** Reads a ref: an id is never tried as a name, `name:` forces a name. Throws UsageError for an empty one. */
export function parseRef(text: string): AutomationRef {
  const split = behindDeployment.exec(text);
  const deploymentId = split?.[1];
  const rest = split?.[2] ?? text;
  const where = deploymentId === undefined ? {} : { deploymentId };
  if (rest.startsWith("name:")) return { text, ...where, name: wanted(rest.slice("name:".length), text) };
  if (isAutomationId(rest)) return { text, ...where, automationId: rest };
  return { text, ...where, name: wanted(rest, text) };
}

function wanted(name: string, text: string): string {
  if (name.trim() === "")
    throw new UsageError(`"${text}" names no automation`, { hint: "give an id (auto_…) or an exact name" });
  return name;
}

/**
 * The one automation of this exact name. Throws ConflictError with the ids where several fit,
 * NotFoundError with near misses where none does.
 */
export function matchName(name: string, automations: readonly Automation[], where: string): Automation {
  const fitting = automations.filter((automation) => automation.name === name);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  if (fitting.length > 1) {
    const ids = fitting.map((automation) => automation.automation_id).join(", ");
    throw new ConflictError(`${fitting.length} automations in ${where} are named "${name}"`, {
      hint: `give one of their ids: ${ids}`,
    });
  }
  throw new NotFoundError(`no automation named "${name}" in ${where}`, {
    hint: nearMissHint(
      name,
      automations.map((automation) => automation.name),
    ),
  });
}

/** "did you mean …" from the names that are close to the wanted one; else where to look. */
export function nearMissHint(
  wantedName: string,
  names: readonly string[],
  otherwise = "herm automations list shows what is there",
): string {
  const near = nearMisses(wantedName, names);
  return near.length === 0 ? otherwise : `did you mean ${near.map((name) => `"${name}"`).join(" or ")}?`;
}

/** Up to three names within an edit distance of a third of the length, or that hold the wanted text, closest first. */
export function nearMisses(wantedName: string, names: readonly string[]): string[] {
  const wantedText = wantedName.toLowerCase();
  const limit = Math.max(1, Math.floor(wantedText.length / 3));
  return [...new Set(names)]
    .map((name) => ({ name, distance: distanceTo(wantedText, name.toLowerCase(), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

function distanceTo(wantedText: string, name: string, limit: number): number {
  const asPart = wantedText.length > 2 && name.includes(wantedText) ? limit : limit + 1;
  if (Math.abs(wantedText.length - name.length) > limit) return asPart;
  return Math.min(asPart, editDistance(wantedText, name));
}

function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1] ? 0 : 1;
      const replaced = (previous[column - 1] ?? 0) + same;
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}
