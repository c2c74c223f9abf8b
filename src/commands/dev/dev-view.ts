import { isWindows, quoteForShells } from "../../command-line/shell-quote.js";
import { drawBlock } from "../../output/block.js";
import { type Printer, printFirst, printOne } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { factSeparator, type Style } from "../../output/style.js";
import { formatLocalBriefly } from "../../output/time.js";
import { dash } from "../../output/value-text.js";
import { exampleProfile, localProfile } from "../../settings/profile-name.js";

interface ShownServer {
  url: string;
  apiKey: string;
  pid: number;
  dataFile: string | undefined;
  keyFile: string | undefined;
  deploymentIds: string[];
}

interface ServerView {
  server: ShownServer;
  profile: string | undefined;
  isKeyGiven: boolean;
}

/** Prints that the server accepts requests (src/dev-server/README.md) and, for people, the next steps. */
export async function printServer(printer: Printer, view: ServerView): Promise<void> {
  const { url, apiKey, pid, dataFile, deploymentIds } = view.server;
  await printFirst(printer, {
    json: { url, api_key: apiKey, data: dataFile ?? null, pid, deployments: deploymentIds },
    name: deploymentIds,
    table: async () =>
      printer.stdoutIsTty
        ? printer.out(await banner(printer, view))
        : printer.line([url, safe(dataFile ?? "", "cell"), pid].join("\t")),
  });
}

async function banner({ style: { bold } }: Printer, view: ServerView): Promise<string> {
  const lines = await drawBlock(bannerRows(view), { indent: "  ", gap: "", widths: [8] });
  return `${bold("herm dev")} listens on ${view.server.url}\n${lines.join("\n")}\n  Ctrl-C stops it\n`;
}

const keyHint = "shown with --output json; to set your own, use HERM_DEV_KEY";

function bannerRows(view: ServerView): [label: string, text: string][] {
  const { server, profile, isKeyGiven } = view;
  const { url, dataFile, keyFile, deploymentIds } = server;
  const [only, ...more] = deploymentIds;
  const rows: [string, string][] = [
    ["data", dataFile === undefined ? "in memory, lost when it stops" : safe(dataFile, "cell")],
    ["serves", more.length === 0 ? safe(only ?? "", "cell") : `${deploymentIds.length} deployments`],
  ];
  if (profile === localProfile) rows.push(["try", "herm --local automations list"]);
  if (profile === exampleProfile) rows.push(["try", "herm --profile example status"]);
  if (isWindows) return [...rows, ...windowsRows(view)];
  const key = isKeyGiven ? '"$HERM_DEV_KEY"' : keyFile && `"$(cat ${quote(keyFile)})"`;
  if (key === undefined) rows.push(["key", keyHint]);
  else
    rows.push([
      profile !== undefined ? "or" : "try",
      `HERM_API_URL=${url} HERM_API_KEY=${key} herm automations list`,
    ]);
  return rows;
}

/** Lines that set the address and key in PowerShell and cmd. */
function windowsRows({ server, isKeyGiven }: ServerView): [label: string, text: string][] {
  const { url, keyFile } = server;
  if (keyFile === undefined && !isKeyGiven) return [["key", keyHint]];
  const file = quoteForShells(keyFile ?? "");
  const [key, cmdKey] = isKeyGiven
    ? ["$env:HERM_DEV_KEY", "set HERM_API_KEY=%HERM_DEV_KEY%"]
    : [`(Get-Content ${file})`, `set /p HERM_API_KEY=<${file}`];
  return [
    ["or set", `$env:HERM_API_URL="${url}"; $env:HERM_API_KEY=${key}`],
    ["in cmd", `set HERM_API_URL=${url}& ${cmdKey}`],
  ];
}

function quote(path: string): string {
  return `'${safe(path, "cell").replaceAll("'", "'\\''")}'`;
}

interface ShownStatus {
  dataFile: string;
  owner: { url: string; pid: number; isBackground: boolean } | undefined;
  /** The file with the key; undefined if the key comes from HERM_DEV_KEY. */
  keyFile: string | undefined;
  status: ShownState | undefined;
  now: Date;
}

interface ShownState {
  stay: { because: string; forMs?: number | undefined } | null;
  due: { name: string; deployment_id: string; automation_id: string } | null;
}

/**
 * Prints `{"running","data","url"?,"pid"?,"background"?,"key_file"?,"stays_until"?,"because"?,"due"?}`; in a pipe, the
 * same fields in this order, without `due`.
 */
export async function printStatus(printer: Printer, status: ShownStatus): Promise<void> {
  const { dataFile, owner, keyFile } = status;
  const stay = status.status?.stay;
  const until = stay?.forMs === undefined ? undefined : new Date(status.now.getTime() + stay.forMs);
  const due = stay?.because === "due" ? status.status?.due : undefined;
  const { deployment_id, automation_id, name } = due ?? {};
  const row = {
    running: owner !== undefined,
    data: dataFile,
    ...(owner && {
      url: owner.url,
      pid: owner.pid,
      background: owner.isBackground,
      key_file: keyFile ?? null,
      stays_until: until?.toISOString().replace(/\.\d+/, "") ?? null,
      because: stay?.because ?? null,
    }),
  };
  const cells = Object.values(row).map((cell) => safe(String(cell ?? ""), "cell"));
  await printOne(printer, {
    json: { ...row, ...(due && { due: { deployment_id, automation_id, name } }) },
    table: () =>
      printer.line(printer.stdoutIsTty ? statusText(status, until, printer.style) : cells.join("\t")),
  });
}

function statusText(status: ShownStatus, until: Date | undefined, style: Style): string {
  const { dataFile, owner, keyFile } = status;
  const data = `data ${safe(dataFile, "cell")}`;
  const inLine = (...parts: string[]) => parts.join(factSeparator(style));
  if (owner === undefined) return inLine("not running", data);
  const place = owner.isBackground ? "in the background" : "in the foreground";
  const lines = [
    inLine(`running ${place} on ${owner.url}`, `pid ${owner.pid}`, data),
    `key ${keyFile === undefined ? "from HERM_DEV_KEY" : `in ${safe(keyFile, "cell")}`}`,
    owner.isBackground ? stayText(status, until) : "runs until it is stopped",
  ];
  return lines.filter((line) => line !== undefined).join("\n");
}

function stayText({ status, now }: ShownStatus, until: Date | undefined): string | undefined {
  const { stay, due } = status ?? {};
  if (stay?.because === "work") return "stays up while a run or a stream is active";
  const time = until === undefined ? dash : formatLocalBriefly(until, now);
  if (stay?.because === "use") return `stops at ${time} unless it is used`;
  if (stay?.because === "due" && due)
    return `runs at least until ${time}: ${safe(due.name, "cell")} is due then`;
  return undefined;
}
