import type { AutomationDetail, Run } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { hintTo, NothingFoundError, UsageError } from "../../../errors/cli-errors.js";
import { listDeployments, matchDeployment } from "../../../fleet/selection.js";
import { requireRef } from "../../../operations/selection/pick-automation.js";
import { resolveAutomation, resolveDeployment } from "../../../operations/selection/resolve.js";
import { textOrDash } from "../../../output/value-text.js";
import {
  cachedRun,
  cacheRuns,
  type FoundRun,
  parseRunRef,
  type RunRef,
  readRunAt,
  searchRun,
} from "../../../runs/find.js";

/** The run that a ref names: by id, or else one that `choose` picks from an automation. Throws NothingFoundError. */
export async function resolveRun(
  context: Context,
  text: string,
  choose: (automation: AutomationDetail) => Run | undefined = newest,
): Promise<FoundRun> {
  const ref = parseRunRef(text) ?? (await runBehindName(context, text));
  const found =
    ref === undefined ? await runOfAutomation(context, text, choose) : await runById(context, ref);
  const { deployment_id, automation, run } = found;
  await cacheRuns(context.settings, [
    { run_id: run.run_id, deployment_id, automation_id: automation.automation_id },
  ]);
  return found;
}

/** `<deployment name>/run_…`; undefined if the name is unknown. */
async function runBehindName(context: Context, text: string): Promise<RunRef | undefined> {
  const [, name, run_id] = /^(?!name:)(.+)\/(run_\w+)$/s.exec(text) ?? [];
  if (name === undefined || run_id === undefined) return undefined;
  const existing = await listDeployments(await context.client(), undefined, context.signal);
  if (existing.every((deployment) => deployment.name !== name)) return undefined;
  return { run_id, deployment_id: matchDeployment(name, existing).deployment_id };
}

function newest(automation: AutomationDetail): Run {
  const [run] = automation.recent_runs;
  if (run !== undefined) return run;
  throw new NothingFoundError(`"${textOrDash(automation.name)}" has no runs yet`, {
    hint: hintTo("to run it now", "automations", "trigger", automation.automation_id),
  });
}

async function runOfAutomation(
  context: Context,
  text: string,
  choose: (automation: AutomationDetail) => Run | undefined,
): Promise<FoundRun> {
  const { deployment_id, automation_id } = await resolveAutomation(context, text);
  const client = await context.client();
  const automation = await client.automations.get(deployment_id, automation_id, { signal: context.signal });
  const run = choose(automation) ?? newest(automation);
  return { deployment_id, automation, run };
}

async function runById(context: Context, { run_id, deployment_id: given }: RunRef): Promise<FoundRun> {
  const { signal, settings } = context;
  const remembered = cachedRun(settings, run_id);
  const options = { client: await context.client(), run_id, signal };
  if (remembered !== undefined && (given ?? remembered.deployment_id) === remembered.deployment_id) {
    const { deployment_id, automation_id } = remembered;
    const found = await readRunAt(options, { deployment_id, automation_id });
    if (found !== undefined) return found;
  }
  const deployment_id = given ?? (await resolveDeployment(context));
  const found = await searchRun(options, deployment_id);
  if (found !== undefined) return found;
  throw new NothingFoundError(`no run ${run_id} among the recent runs of ${deployment_id}`, {
    hint: hintTo("for another deployment's run, use dep_…/run_…; to see recent runs", "runs", "list"),
  });
}

/** The ref that was typed, or one picked from a prompt. Throws UsageError if there is neither. */
export async function requireRunRef(
  context: Context,
  { ref, verb }: { ref: string | undefined; verb: "show" | "watch" },
): Promise<string> {
  if (ref !== undefined) return ref;
  if (context.io.canPrompt) {
    return requireRef(context, { ref, verb, question: `Which automation's newest run to ${verb}?` });
  }
  throw new UsageError("no run given", {
    hint: (herm) => `name one: ${herm("runs", verb)} <run, or an automation's id or name>`,
  });
}
