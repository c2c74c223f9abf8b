/** The command `dev fault`, and the row for a fault. */

import { declareCommand, type InputOf } from "../../command/declaration.js";
import { choice, count, duration, optional, required, text } from "../../command/flags.js";
import { commandLine } from "../../command-line/next-command.js";
import { UsageError } from "../../errors/cli-errors.js";
import { didYouMean } from "../../errors/near-misses.js";
import { formatDuration } from "../../output/duration.js";
import { createPrinter, printOne } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { askServer, dataFlags } from "./dev-flags.js";

const forms = {
  fail: "herm dev fault fail --status 503",
  delay: "herm dev fault delay --for 5s",
  cut: "herm dev fault cut --method GET",
  commit: "herm dev fault commit --method PATCH --count 3",
  "run-paused": 'herm dev fault run-paused "Acme/Weekly report"',
};

type Kind = keyof typeof forms;

export const command = declareCommand({
  effect: "local",
  arguments: {
    kind: required("kind", Object.keys(forms).join(", ")),
    automation: optional("automation", "for run-paused: a paused automation"),
  },
  flags: {
    ...dataFlags,
    status: count("for fail: the HTTP status (default: 503)", { most: 599 }),
    for: duration("for delay: how long to wait"),
    method: choice("method", "only GET, POST, PATCH or DELETE requests", ["GET", "POST", "PATCH", "DELETE"]),
    path: text("path", "only this path; * matches one part, ** the rest"),
    count: count("how many requests to affect (default: 1)"),
  },
  help: {
    about: "Simulate a fault in the next requests to a running local server.",
    use: "Rehearse an incident, or test what your scripts do when the network fails.",
    notes:
      "fail returns an error; delay waits before it responds; cut drops the connection; commit carries out the request, then drops the connection. run-paused starts a scheduled run of a paused automation, for herm incidents show to find.",
    exitCodes: { 4: "no server uses this data, or no paused automation matches" },
    examples: [
      "herm dev fault fail --status 503 --method GET --count 3",
      "herm dev fault commit --method PATCH",
      'herm dev fault run-paused "Mossford Tools/Lead follow-up" --example',
    ],
  },
  async run(context, input): Promise<void> {
    const kind = readKind(input);
    const { data, example, automation } = input;
    const printer = await createPrinter(context);
    if (kind === "run-paused") {
      const request = { method: "POST", path: "runs", body: { automation } };
      const started = (await askServer(context, { data, example }, request)) as { run_id: string };
      return printOne(printer, {
        json: started,
        name: started.run_id,
        table: () => printer.line(safe(started.run_id, "cell")),
      });
    }
    const { method, path, count: times = 1 } = input;
    const body = { method, path, count: times, action: actionOf(kind, input) };
    const fault = await askServer(context, { data, example }, { method: "POST", path: "faults", body });
    const shown = fault as ShownFault;
    await printOne(printer, {
      json: shown,
      name: shown.fault_id,
      table: () => printer.line(faultRow(shown).join(printer.stdoutIsTty ? "  " : "\t")),
    });
    const server = data !== undefined ? ["--data", data] : example ? ["--example"] : [];
    printer.hint(`to end it earlier: ${commandLine(context, ["dev", "fault", "clear", ...server])}`);
  },
});

type Input = InputOf<typeof command>;

function readKind({ kind, automation, ...flags }: Input): Kind {
  if (!isKind(kind)) {
    const known = [...Object.keys(forms), "list", "clear"];
    throw new UsageError(`there is no fault "${kind}"`, {
      hint: didYouMean(kind, known) ?? `faults: ${known.slice(0, -2).join(", ")}`,
    });
  }
  const isRun = kind === "run-paused";
  const wrong = [
    flags.status !== undefined && kind !== "fail" && "doesn't accept --status",
    flags.for !== undefined && kind !== "delay" && "doesn't accept --for",
    flags.for === undefined && kind === "delay" && "needs --for",
    automation !== undefined && !isRun && "doesn't accept an automation",
    automation === undefined && isRun && "needs an automation",
    isRun &&
      (flags.method ?? flags.path ?? flags.count) !== undefined &&
      "doesn't accept --method, --path or --count",
    flags.status !== undefined && flags.status < 400 && "needs a --status from 400 to 599",
    flags.for !== undefined && flags.for > 600_000 && "needs a --for of at most 10 minutes",
    flags.path !== undefined && !flags.path.startsWith("/") && "needs a --path that starts with /",
  ].find((each) => each !== false);
  if (wrong !== undefined) throw new UsageError(`${kind} ${wrong}`, { hint: `for example: ${forms[kind]}` });
  return kind;
}

function isKind(kind: string): kind is Kind {
  return Object.hasOwn(forms, kind);
}

function actionOf(
  kind: Exclude<Kind, "run-paused">,
  { status = 503, for: ms = 0 }: Input,
): ShownFault["action"] {
  if (kind === "fail") return { type: kind, status };
  if (kind === "delay") return { type: kind, ms };
  return { type: kind === "cut" ? kind : "commit_then_cut" };
}

export interface ShownFault {
  fault_id: string;
  method?: string;
  path?: string;
  /** Null for a fault that lasts until it is cleared. */
  count: number | null;
  action: { type: string; status?: number; ms?: number };
}

export function faultRow({ fault_id, method, path, count, action }: ShownFault): string[] {
  const { type, status, ms } = action;
  const what = [
    type.replace("commit_then_cut", "commit"),
    status,
    ms === undefined ? undefined : formatDuration(ms),
  ];
  return [
    what.filter((part) => part !== undefined).join(" "),
    [method, path].filter((part) => part !== undefined).join(" ") || "all requests",
    String(count ?? "all"),
    fault_id,
  ].map((cell) => safe(cell, "cell"));
}
