/** Describes the part of the account that a command covers, and the rest. */

import type { DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { listDeployments, type Selection } from "../../fleet/selection.js";
import { counted, joinNames } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { deploymentNames } from "./names.js";

/** Descriptions of a selection and of the rest, if there is a rest. */
export interface Reach {
  /** `Mossford Tools`, `what matches Daily* in 4 of 15 deployments`. Plain text, as are the others. */
  what: string;
  /** `nothing of Mossford Tools`, `nothing that matches Daily* in 4 of 15 deployments`. */
  nothing: string;
  /** `14 other deployments and 3 automations`. */
  others: string;
  isOneOther: boolean;
}

type Named = Pick<DeploymentSummary, "deployment_id" | "name">;

interface Selected {
  deployments: readonly Named[];
  existing: readonly Named[];
  match?: string | undefined;
  /** The number of unselected automations in these deployments; undefined if some weren't counted. */
  leftOut: number | undefined;
}

const mostNamed = 3;

/** The reach of a selection; undefined if it covers everything. */
export function reachOf({ deployments, existing, match, leftOut }: Selected): Reach | undefined {
  const ids = new Set(deployments.map(({ deployment_id }) => deployment_id));
  const elsewhere = existing.filter(({ deployment_id }) => !ids.has(deployment_id)).length;
  if (elsewhere === 0 && leftOut === 0) return undefined;
  const isNamed = deployments.length > 0 && deployments.length <= mostNamed;
  const names = deploymentNames([...deployments, ...existing]);
  const where = isNamed
    ? joinNames(
        [...ids].map((id) => names.get(id) ?? id),
        mostNamed,
      )
    : `${deployments.length} of ${counted(deployments.length + elsewhere, "deployment")}`;
  const chosen = `${match === undefined ? "was chosen" : `matches ${match}`}${elsewhere === 0 ? "" : ` in ${where}`}`;
  const others = [
    ...(elsewhere > 0 ? [counted(elsewhere, "other deployment")] : []),
    ...(leftOut ? [counted(leftOut, elsewhere > 0 ? "automation" : "other automation")] : []),
  ];
  return {
    what: leftOut === 0 ? where : `what ${chosen}`,
    nothing: leftOut === 0 ? `nothing in ${where}` : `nothing that ${chosen}`,
    others: others.length === 0 ? "all else" : others.join(" and "),
    isOneOther: elsewhere + (leftOut ?? 0) <= 1,
  };
}

/** What a command's read covers, according to the list of deployments (refused: `all else`); undefined if not shown. */
export async function readReach(
  context: Context,
  printer: Pick<Printer, "format" | "isQuiet">,
  {
    deployments,
    selection: { match, allDeployments, except },
    leftOut,
  }: { deployments: readonly Named[]; selection: Selection; leftOut?: number | undefined },
): Promise<Reach | undefined> {
  if (!printer.format.isForReading || printer.isQuiet) return undefined;
  const isNarrow = match !== undefined || except.values.length > 0;
  const known = { deployments, match, leftOut: leftOut ?? (isNarrow ? undefined : 0) };
  if (allDeployments && except.values.length === 0) return reachOf({ ...known, existing: deployments });
  try {
    const existing = await listDeployments(await context.client(), undefined, context.signal);
    return reachOf({ ...known, existing });
  } catch (error) {
    if (context.signal.aborted) throw error;
    return reachOf({ ...known, existing: deployments, leftOut: undefined });
  }
}

/** Words for the rest of the account. */
export type Fate = "not shown" | "go on" | "not changed";

/** `only Mossford Tools: 14 other deployments not shown`. Plain text. */
export function reachLine({ what, others, isOneOther }: Reach, fate: Fate): string {
  return `only ${what}: ${others} ${isOneOther && fate === "go on" ? "goes on" : fate}`;
}

/** The start of a good verdict: `nothing`, or `nothing of Mossford Tools` if it covers only that. Plain text. */
export function nothingOf(reach: Reach | undefined): string {
  return reach?.nothing ?? "nothing";
}

/**
 * Describes how far back runs are known for the automation with the fewest, and how many others have incomplete runs.
 * `from`: undefined if no runs are known. Plain text.
 */
export function lastRunsText(
  name: string,
  { runs, from, others }: { runs: number; from: string | undefined; others: number },
): string {
  const last = runs === 1 ? "last run" : `last ${runs} runs`;
  const known = from === undefined || runs === 0 ? "no known runs" : `${last} only, from ${from}`;
  const more = others === 0 ? "" : `; runs of ${counted(others, "other automation")} are incomplete`;
  return `${name}: ${known}${more}`;
}
