import type { Automation } from "../api/types.js";
import { type Hint, NothingFoundError, NotPossibleError, UsageError } from "../errors.js";
import { askWhetherMeant, nearMisses } from "../near-misses.js";

/** What a person wrote to name one automation (src/commands/README.md, "Refs"). */
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
 * The one automation of this exact name. Throws NotPossibleError with the ids where several fit,
 * NothingFoundError with near misses where none does.
 */
export function matchName(name: string, automations: readonly Automation[], where: string): Automation {
  const fitting = automations.filter((automation) => automation.name === name);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  if (fitting.length > 1) {
    const ids = fitting.map((automation) => automation.automation_id).join(", ");
    throw new NotPossibleError(`${fitting.length} automations in ${where} are named "${name}"`, {
      hint: `give one of their ids: ${ids}`,
    });
  }
  throw new NothingFoundError(`no automation named "${name}" in ${where}`, {
    hint: /^run_\w+$/.test(name)
      ? (herm) => `${name} is a run: ${herm("runs", "show", name)}`
      : nearMissHint(
          name,
          automations.flatMap((automation) => automation.name ?? []),
          seeAutomations,
        ),
  });
}

export const seeAutomations: Hint = (herm) => `${herm("automations", "list")} shows what is there`;
export const seeDeployments: Hint = (herm) => `${herm("deployments", "list")} shows what is there`;

/** "did you mean …" from the names that are close to the wanted one; else where to look. */
export function nearMissHint<Otherwise extends Hint>(
  wantedName: string,
  names: readonly string[],
  otherwise: Otherwise,
): string | Otherwise {
  return askWhetherMeant(nearMisses(wantedName, names).map((name) => `"${name}"`)) ?? otherwise;
}
