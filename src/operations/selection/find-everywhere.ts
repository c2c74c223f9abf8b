import type { Automation, AutomationRef, DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import {
  DeclinedError,
  NothingFoundError,
  NotPossibleError,
  PartialFailureError,
} from "../../errors/cli-errors.js";
import { askWhetherMeant, nearMisses } from "../../errors/near-misses.js";
import { isNotReady } from "../../fleet/outcome.js";
import { readEach } from "../../fleet/read-many.js";
import { itemKey, type ParsedRef, seeAutomationsNamed } from "../../fleet/refs.js";
import { messageOf } from "../../invocation/report-error.js";
import { joinNames } from "../../output/count.js";
import { createPrinter } from "../../output/printer.js";
import { textOrDash } from "../../output/value-text.js";
import { warnOfUnreadable } from "../rows/progress.js";

interface Match extends AutomationRef {
  deployment_name: string | undefined;
  automation: Automation;
  customer: string;
}

interface Everywhere {
  existing: readonly DeploymentSummary[];
  listOf(deployment_id: string): Promise<readonly Automation[]>;
}

/**
 * Finds the only automation with a name if no deployment is chosen (src/commands/README.md, "Refs"). Throws
 * NothingFoundError, NotPossibleError with the candidates, and PartialFailureError if an unreadable deployment may
 * have the name too.
 */
export async function findEverywhere(
  context: Context,
  ref: ParsedRef,
  { existing, listOf }: Everywhere,
): Promise<Match> {
  const { found, errors } = await readLists(context, existing, listOf);
  const matches = found
    .flatMap(({ item, value }) =>
      value.filter(({ name }) => name === ref.name).map((each) => matchOf(item, each)),
    )
    .sort((one, other) => titleOf(one).localeCompare(titleOf(other)));
  const [only] = matches;
  if (errors.length === 0 && only !== undefined && matches.length === 1) return confirmed(context, only);
  if (matches.length > 0 && context.io.canPrompt) return pick(context, matches, errors);
  const name = JSON.stringify(ref.name);
  if (errors[0] !== undefined) {
    const where = joinNames(
      errors.map(({ item }) => textOrDash(item.name ?? item.deployment_id)),
      mostNamed,
    );
    throw new PartialFailureError(
      `other automations may be named ${name}: ${where} can't be read: ${messageOf(errors[0].error)}`,
      {
        hint: "to look in only one deployment, add -d",
      },
    );
  }
  if (matches.length > 0)
    throw new NotPossibleError(`${matches.length} automations are named ${name}`, {
      hint: `give one of ${joinNames(
        matches.map((each) => `${titleOf(each)} (${itemKey(each)})`),
        mostNamed,
      )}`,
    });
  const names = found.flatMap(({ value }) => value.flatMap((each) => each.name ?? []));
  const near = nearMisses(ref.name ?? "", names).map((each) => `"${each}"`);
  throw new NothingFoundError(`no automation named ${name} in ${existing.length} deployments`, {
    hint: askWhetherMeant(near) ?? seeAutomationsNamed(ref.name ?? ""),
  });
}

const mostNamed = 5;

/** Reads all lists; a deployment that isn't ready has no automations yet. */
async function readLists(
  context: Context,
  existing: readonly DeploymentSummary[],
  listOf: Everywhere["listOf"],
) {
  const [client, { signal }] = [await context.client(), context];
  const read = ({ deployment_id }: DeploymentSummary) => listOf(deployment_id);
  const { found, errors } = await readEach(existing, { client, signal, read });
  return { found, errors: errors.filter(({ error }) => !isNotReady(error)) };
}

function matchOf({ deployment_id, name, customer_id }: DeploymentSummary, automation: Automation): Match {
  const { automation_id } = automation;
  return {
    deployment_id,
    deployment_name: name ?? undefined,
    automation_id,
    automation,
    customer: textOrDash(customer_id),
  };
}

/** Confirms a change, and its deployment; `--yes` and `--dry-run` skip the question, and delete has its own. */
async function confirmed(context: Context, match: Match): Promise<Match> {
  const { effect, path, flags } = context.call;
  if (effect === "reads" || effect === "destroys" || flags.yes === true || flags.dryRun === true)
    return match;
  const [first = "", ...rest] = path.at(-1) ?? "";
  const message = `${first.toUpperCase()}${rest.join("")} ${titleOf(match)}?`;
  if (!(await context.prompts.confirm({ message, default: false }))) throw new DeclinedError();
  return match;
}

async function pick(
  context: Context,
  matches: readonly Match[],
  errors: readonly { item: DeploymentSummary; error: unknown }[],
): Promise<Match> {
  const unread = errors.map(({ item: { name, deployment_id }, error }) => {
    return { kind: "deployment" as const, what: name ?? deployment_id, error };
  });
  await warnOfUnreadable(unread, { printer: await createPrinter(context), settings: context.settings });
  return context.prompts.pick({
    message: "Which one?",
    choices: matches.map((match) => ({ name: titleOf(match), value: match, description: match.customer })),
  });
}

function titleOf({ deployment_id, deployment_name, automation }: Match): string {
  return `${deployment_name ?? deployment_id}/${textOrDash(automation.name)}`;
}
