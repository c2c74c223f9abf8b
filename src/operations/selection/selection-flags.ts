import { TimeoutError } from "../../api/errors.js";
import type { DeploymentSummary } from "../../api/types.js";
import { advanced, count, flag, inGroup, text, texts, type Values } from "../../command/flags.js";
import { numberOfFailingError, refuseTogether } from "../../command-line/flag-values.js";
import { flagWords } from "../../command-line/next-command.js";
import { quoteForShells } from "../../command-line/shell-quote.js";
import type { Context } from "../../context/context.js";
import { Exclusions, refuseUnmatched } from "../../fleet/exclusions.js";
import { unreadiness } from "../../fleet/outcome.js";
import type { DeploymentTarget, Selection } from "../../fleet/selection.js";
import { counted, joinNames } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { mostFailures } from "../../runs/failures.js";

/** The flags that choose deployments and automations by name; read them with `readSelection`. */
export const nameFlags = inGroup("Which ones", {
  customer: advanced(text("id", "only one customer's deployments", { completes: "customers" })),
  allDeployments: flag("include all deployments"),
  match: text("glob", 'only names matching a pattern: "Daily*"'),
  except: texts("id|glob", "skip a name, deployment or customer", { completes: "exceptions" }),
});

const failureFlags = inGroup("Which ones", {
  failing: advanced(flag("only those whose last run failed (--failures 1)", { excludes: ["failures"] })),
  failures: advanced(count("only those whose last n runs all failed", { most: mostFailures })),
});

/** The flags of a selection, by names and by failures; read them with `readSelection`. */
export const selectionFlags = { ...nameFlags, ...failureFlags };

/** The same flags for a command that makes changes: it counts only failures since the last change. */
export const changeFlags: typeof selectionFlags = {
  ...selectionFlags,
  failures: {
    ...failureFlags.failures,
    about: "only those whose n most recent runs all failed, not counting runs before the last change",
  },
};

/** Throws UsageError if selectors exclude each other. Sends no request. */
export function readSelection(
  { settings, call }: Pick<Context, "settings" | "call">,
  {
    customer,
    allDeployments,
    match,
    except,
    failing = false,
    failures = failing ? 1 : undefined,
  }: Values<typeof nameFlags> & Partial<Values<typeof failureFlags>>,
): Selection {
  const { deployments } = settings.flags;
  refuseTogether({ "-d": deployments[0], "--all-deployments": allDeployments });
  refuseTogether({ "-d": deployments[0], "--customer": customer });
  const number = failing ? call.arguments.flat().find((word) => /^\d+$/.test(word ?? "")) : undefined;
  if (number !== undefined) throw numberOfFailingError(number);
  return { deployments, customer, allDeployments, match, except: new Exclusions(except), failures };
}

/** Throws for selectors beside a ref, which doesn't need any. */
export function refuseSelection(selection: Selection): void {
  refuseTogether({
    "a ref": true,
    "a selection (--customer, --all-deployments, --match, --except, --failing, --failures)":
      isSelecting(selection),
  });
}

/** True if there is a selector other than `-d`. */
export function isSelecting({ match, failures, except, ...selection }: Selection): boolean {
  const isNarrowed = match !== undefined || failures !== undefined || except.values.length > 0;
  return isNarrowed || selection.customer !== undefined || selection.allDeployments;
}

/** A selection as typed, to repeat a command. */
export function selectionWords({
  deployments = [],
  customer,
  allDeployments,
  match,
  except,
  failures,
}: Pick<Selection, "customer" | "match" | "failures"> & {
  deployments?: readonly string[] | undefined;
  allDeployments: boolean;
  except: readonly string[];
}): string[] {
  return [
    ...deployments.flatMap((deployment) => flagWords("-d", deployment)),
    ...(customer === undefined ? [] : flagWords("--customer", customer)),
    ...(allDeployments ? ["--all-deployments"] : []),
    ...(match === undefined ? [] : flagWords("--match", match)),
    ...except.flatMap((each) => flagWords("--except", each)),
    ...(failures === undefined ? [] : failures === 1 ? ["--failing"] : ["--failures", String(failures)]),
  ];
}

const mostAlone = 3;

/** Warns of deployments that aren't ready; on a terminal, many share one line. */
export function warnOfAllSkipped(
  printer: Pick<Printer, "warn" | "isForPerson">,
  targets: readonly DeploymentTarget[],
): void {
  if (!printer.isForPerson || targets.length <= mostAlone) {
    for (const target of targets) warnOfSkipped(printer, target);
    return;
  }
  const names = joinNames(targets.map(({ name }) => name));
  printer.warn(`skipped ${counted(targets.length, "deployment")}, not ready: ${names}`);
}

export function warnOfSkipped(
  printer: Pick<Printer, "warn">,
  { name, deployment_id, status }: Pick<DeploymentTarget, "name" | "deployment_id" | "status">,
  isBroken = status === "error",
): void {
  printer.warn(`${name} (${deployment_id}) ${unreadiness(isBroken)}: skipped`);
}

/** Warns of an `--except` without a match, no error when only reading (src/commands/README.md, "Selections"). */
export function warnOfUnmatched(printer: Pick<Printer, "warn">, { except }: Selection): void {
  for (const each of except.unmatched) printer.warn(`--except ${JSON.stringify(each)} matches nothing`);
}

/** Throws NothingFoundError for an `--except` without a match, before a change; warns instead after failed reads. */
export function checkUnmatched(
  printer: Pick<Printer, "warn">,
  { except }: Selection,
  { isReadWhole, names }: { isReadWhole: boolean; names: readonly string[] },
): void {
  if (isReadWhole) refuseUnmatched(except, { where: "the selection", names });
  for (const each of except.unmatched) {
    printer.warn(`--except ${JSON.stringify(each)} matches none of the automations that could be read`);
  }
}

type MaybeSilent = { error?: unknown } & ({ what: string } | { deployment: DeploymentSummary });

/** Suggests how to continue without deployments that didn't respond in time; undefined if all did. Plain text. */
export function silenceHint(unreadable: readonly MaybeSilent[]): string | undefined {
  const silent = unreadable.filter(({ error }) => error instanceof TimeoutError);
  if (silent.length === 0) return undefined;
  const names = silent.map((each) =>
    "what" in each ? each.what : (each.deployment.name ?? each.deployment.deployment_id),
  );
  return `${skipHint(names)}; to wait longer, raise --max-wait`;
}

const mostSkipped = 3;

/** `to skip: --except Bolt`. Plain text, ready to paste. */
export function skipHint(names: readonly string[]): string {
  const flags = names
    .slice(0, mostSkipped)
    .flatMap((name) => flagWords("--except", name).map(quoteForShells));
  return `to skip: ${flags.join(" ")}${names.length > mostSkipped ? " …" : ""}`;
}
