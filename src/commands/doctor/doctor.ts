import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { HermClient } from "../../api/client.js";
import { declareCommand } from "../../command/declaration.js";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context/context.js";
import { CliError, codeOf, exitCodes, QuietExit } from "../../errors/cli-errors.js";
import { withFileErrors } from "../../files/file-error.js";
import { tryWriting } from "../../files/write-together.js";
import { findDeployments } from "../../fleet/selection.js";
import { explainItemError } from "../../invocation/report-error.js";
import { drawBlock } from "../../output/block.js";
import { clockProblem } from "../../output/clock-skew.js";
import { column, pipedFields } from "../../output/columns.js";
import { counted } from "../../output/count.js";
import { printList } from "../../output/print-list.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { formatRfc3339 } from "../../output/time.js";
import { textOrDash } from "../../output/value-text.js";
import { wrap } from "../../output/width.js";
import { originOf } from "../../settings/origin.js";
import { describeProfile } from "../../settings/profile-name.js";
import { checkKey } from "../auth/key-check.js";

const columns = [
  column<CheckResult>("state", ({ isWell }) => (isWell ? "ok" : "problem"), { pipedAs: "ok or problem" }),
  column<CheckResult>("check", ({ check }) => check),
  column<CheckResult>("found", ({ found }) => found),
  column<CheckResult>("advice", ({ advice }) => advice ?? "", { title: "WHAT TO DO" }),
];

export const command = declareCommand({
  effect: "reads",
  help: {
    about: "Check your setup: Node, settings, files, the server, the key, the deployment and the clock.",
    use: "Use it when something doesn't work. It says how to fix each problem, and changes nothing.",
    inPipe: pipedFields(columns),
    exitCodes: { 0: "all is well", 1: "there are problems" },
    examples: ["herm doctor", "herm doctor --profile prod --output json"],
  },
  async run(context): Promise<void> {
    // This check comes first, because reading the files makes their modes stricter.
    const files = checkFiles(context);
    const findings = [
      checkVersion(context),
      checkSettings(context),
      ...files,
      ...checkProxy(context),
      ...checkTrust(context),
      ...(await checkServer(context)),
    ];
    const printer = await createPrinter(context);
    if (printer.isForPerson) {
      for (const finding of findings) await printer.line((await findingLines(finding, printer)).join("\n"));
    } else await printFindings(printer, findings);
    const problems = findings.filter(({ isWell }) => !isWell).length;
    printer.note(problems === 0 ? "no problems found" : counted(problems, "problem"));
    if (problems > 0) throw new QuietExit(exitCodes.unexpected);
  },
});

async function printFindings(printer: Printer, findings: readonly CheckResult[]): Promise<void> {
  await printList<CheckResult>(printer, {
    items: findings,
    columns,
    json: ({ isWell, ...rest }) => ({ ...rest, state: isWell ? "ok" : "problem" }),
    name: ({ check }) => check,
    empty: "",
  });
}

const besideMargin = "✓ deployment  ".length;
const narrow = 40;

/** Puts the advice below the finding, so that neither is cut. */
async function findingLines(
  { check, isWell, found, advice }: CheckResult,
  { style, columns }: Pick<Printer, "style" | "columns">,
): Promise<string[]> {
  const mark = isWell ? style.ok : style.failed;
  const isNarrow = columns < narrow;
  const margin = isNarrow ? 4 : besideMargin;
  const body = (text: string) => wrap(safe(text, "cell"), Math.max(10, columns - margin));
  const indented = (line: string) => `${" ".repeat(margin)}${line}`;
  const lines = [...body(found), ...(advice === undefined ? [] : body(advice).map(style.bold))];
  if (style.isInWords)
    return [
      `${mark} ${check}: ${safe(found, "cell")}`,
      ...(advice === undefined ? [] : [`to do: ${safe(advice, "cell")}`]),
    ];
  if (isNarrow) return [`${mark} ${check}`, ...lines.map(indented)];
  return drawBlock([[`${mark} ${check}`, lines.join("\n")]], { gap: "", widths: [margin] });
}

interface CheckResult {
  check: "version" | "settings" | "files" | "proxy" | "trust" | "key" | "server" | "deployment" | "clock";
  isWell: boolean;
  found: string;
  advice?: string;
}

const oldestNode = [20, 19] as const;

/** Doesn't look for a newer version of herm, because herm sends requests only to the API. */
function checkVersion({ version, runtime }: Pick<Context, "version" | "runtime">): CheckResult {
  const [major = 0, minor = 0] = runtime.version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = oldestNode;
  const isOld = major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
  const isWell = runtime.name !== "Node" || !isOld;
  const found = `herm ${version} on ${runtime.name} ${runtime.version}`;
  const advice = `herm needs Node ${oldestNode.join(".")} or newer`;
  return { check: "version", isWell, found, ...(isWell ? {} : { advice }) };
}

function checkSettings(context: Context): CheckResult {
  const { settings } = context;
  try {
    const target = settings.target();
    const { baseUrl } = target;
    const where = baseUrl === undefined ? "the local server" : originOf(baseUrl);
    const deployment = settings.deployment();
    const on = deployment === undefined ? "" : `, ${deployment.ref} (${deployment.source})`;
    const found = `${where}, profile ${describeProfile(target)}${on}`;
    return { check: "settings", isWell: true, found };
  } catch (error) {
    return problem("settings", error, context);
  }
}

/** Checks that folders and files are private, and that folders can be written to. */
function checkFiles(context: Context): CheckResult[] {
  const { configDir, dataDir } = context.settings;
  const paths = [configDir, join(configDir, "config.json"), join(configDir, "credentials.json"), dataDir];
  return paths.flatMap((path): CheckResult[] => {
    try {
      const finding = checkModes(path, context);
      if (finding?.isWell !== false && (path === configDir || path === dataDir))
        tryWriting(path, { mode: 0o700 });
      return finding === undefined ? [] : [finding];
    } catch (error) {
      return [problem("files", error, context)];
    }
  });
}

/** Throws FileError. */
function checkModes(path: string, { settings: { environment } }: Context): CheckResult | undefined {
  const stats = withFileErrors(path, "can't be checked", () => lstatSync(path, { throwIfNoEntry: false }));
  if (stats === undefined) return undefined;
  const mode = (stats.mode & 0o777).toString(8).padStart(4, "0");
  const privateMode = stats.isDirectory() ? "700" : "600";
  const isOurs = environment.uid === undefined || stats.uid === environment.uid;
  const isPrivate = environment.uid === undefined || (stats.mode & 0o077) === 0;
  const remarks = `${isOurs ? "" : " (another user's)"}${stats.isSymbolicLink() ? " (a link)" : ""}`;
  // Windows has no file modes.
  const found = `${environment.uid === undefined ? "" : `${mode} `}${path}${remarks}`;
  const isWell = isOurs && isPrivate && !stats.isSymbolicLink();
  const advice = isOurs
    ? `chmod ${privateMode} ${path}`
    : "set HERM_CONFIG_DIR or HERM_DATA_DIR to a writable folder of your own";
  return { check: "files", isWell, found, ...(isWell ? {} : { advice }) };
}

/** Ignores a setting that is refused, because another check reports it. */
function checkProxy({ settings }: Context): CheckResult[] {
  try {
    const { baseUrl } = settings.target();
    const proxy = baseUrl === undefined ? undefined : settings.proxy(baseUrl);
    if (proxy === undefined) return [];
    return [{ check: "proxy", isWell: true, found: `${proxy.url.host} (${proxy.source})` }];
  } catch {
    return [];
  }
}

/** Checked here because the runtime in the executable doesn't report unreadable certificate authorities. */
function checkTrust({ settings }: Context): CheckResult[] {
  const path = settings.env("NODE_EXTRA_CA_CERTS");
  if (path === undefined) return [];
  const text = `the certificates in ${path} (NODE_EXTRA_CA_CERTS)`;
  const advice = "set it to a PEM file of certificates, or unset it: nothing in the current file is trusted";
  try {
    const isPem = /^-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----/m.test(readFileSync(path, "utf8"));
    if (isPem) return [{ check: "trust", isWell: true, found: text }];
    return [{ check: "trust", isWell: false, found: `${text}: none found`, advice }];
  } catch (error) {
    return [{ check: "trust", isWell: false, found: `${text} can't be read (${codeOf(error)})`, advice }];
  }
}

async function checkServer(context: Context): Promise<CheckResult[]> {
  try {
    const client = await context.client();
    const { state, error } = await checkKey(client, context.signal);
    if (state === "refused") return [problem("key", error, context)];
    if (state === "unreachable") return [problem("server", error, context)];
    return [
      { check: "server", isWell: true, found: "answers" },
      { check: "key", isWell: true, found: "accepted" },
      ...(await checkDeployment(context, client)),
      ...(await checkClock(context, client)),
    ];
  } catch (error) {
    context.signal.throwIfAborted();
    return [problem(error instanceof CliError && error.code === "no_key" ? "key" : "server", error, context)];
  }
}

async function checkDeployment(context: Context, client: HermClient): Promise<CheckResult[]> {
  const choice = context.settings.deployment();
  if (choice === undefined) return [];
  try {
    const [deployment] = await findDeployments(client, [choice.ref], context.signal);
    if (deployment === undefined) return [];
    const { deployment_id, name, status } = deployment;
    const found = `${textOrDash(name)} (${deployment_id}) is ${status ?? "in an unknown state"}`;
    if (status === "ready") return [{ check: "deployment", isWell: true, found }];
    const advice =
      status === "error"
        ? `to choose another: ${commandLine(context, ["deployments", "list", "--status", "ready"])}`
        : "wait until it is ready";
    return [{ check: "deployment", isWell: false, found, advice }];
  } catch (error) {
    context.signal.throwIfAborted();
    return [problem("deployment", error, context)];
  }
}

async function checkClock(context: Context, client: HermClient): Promise<CheckResult[]> {
  let served: Date | undefined;
  const onAnswer = ({ date }: { date?: Date | undefined }) => {
    served = date;
  };
  await client.deployments.list({ limit: 1 }, { signal: context.signal, onAnswer });
  if (served === undefined) return [];
  const wrong = await clockProblem(context.now().getTime() - served.getTime());
  if (wrong === undefined) return [{ check: "clock", isWell: true, found: "same as the server's" }];
  if (client.isLocalServer)
    return [{ check: "clock", isWell: true, found: `the local server's own: ${formatRfc3339(served)}` }];
  const advice = "set this machine's clock: the times shown here are off";
  return [{ check: "clock", isWell: false, found: wrong, advice }];
}

function problem(check: CheckResult["check"], error: unknown, { settings }: Context): CheckResult {
  const { message, hint } = explainItemError(error, settings);
  // Removes the command from the hint, because it is the one that is running.
  const advice = hint?.replace(` to check both: ${commandLine({ settings }, ["doctor"])}`, "");
  return { check, isWell: false, found: message, advice };
}
