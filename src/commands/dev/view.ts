import type { Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import type { OutputFormat } from "../../settings/settings.js";

interface ShownServer {
  url: string;
  apiKey: string;
  pid: number;
  dataFile: string | undefined;
  keyFile: string | undefined;
  deploymentIds: string[];
}

interface ShownOwner {
  url: string;
  pid: number;
  isBackground: boolean;
}

export interface ServerView {
  format: OutputFormat;
  server: ShownServer;
  /** It serves the data that `--local` uses. */
  isDefault: boolean;
  /** Its key comes from HERM_DEV_KEY. */
  isKeyGiven: boolean;
}

/** The line that says that requests are accepted (src/dev-server/README.md); for people, how to go on from here. */
export async function printServer(printer: Printer, view: ServerView): Promise<void> {
  const { url, apiKey, pid, dataFile, deploymentIds } = view.server;
  if (view.format === "json" || view.format === "jsonl") {
    const data = dataFile ?? null;
    return printer.jsonLine({ url, api_key: apiKey, data, pid, deployments: deploymentIds });
  }
  if (view.format === "name") return printer.line(deploymentIds.map((id) => safe(id, "cell")).join("\n"));
  if (!printer.stdoutIsTty) return printer.line([url, safe(dataFile ?? "", "cell"), pid].join("\t"));
  const { bold, dim } = printer.style;
  const lines = bannerRows(view).map(([label, text]) => `  ${dim(label.padEnd(8))}${text}`);
  await printer.out(
    `${bold("herm dev")} listens on ${url}\n${lines.join("\n")}\n  ${dim("Ctrl-C stops it")}\n`,
  );
}

/** The key itself is in the JSON line only. */
function bannerRows({ server, isDefault, isKeyGiven }: ServerView): [label: string, text: string][] {
  const { url, dataFile, keyFile, deploymentIds } = server;
  const [only, ...more] = deploymentIds;
  const rows: [string, string][] = [
    ["data", dataFile === undefined ? "in memory, gone when it stops" : safe(dataFile, "cell")],
    ["serves", more.length === 0 ? safe(only ?? "", "cell") : `${deploymentIds.length} deployments`],
  ];
  if (isDefault) rows.push(["try", "herm --local automations list"]);
  const key = isKeyGiven ? '"$HERM_DEV_KEY"' : keyFile && `"$(cat ${quote(keyFile)})"`;
  if (key === undefined) rows.push(["key", "shown with --output json; HERM_DEV_KEY sets one of your own"]);
  else rows.push([isDefault ? "or" : "try", `HERM_API_URL=${url} HERM_API_KEY=${key} herm automations list`]);
  return rows;
}

/** As one word of a POSIX shell. */
function quote(path: string): string {
  return `'${safe(path, "cell").replaceAll("'", "'\\''")}'`;
}

/** Whether a server has the data: `{"running","data","url"?,"pid"?,"background"?}`, in a pipe the same in this order. */
export function printStatus(
  printer: Printer,
  { format, dataFile, owner }: { format: OutputFormat; dataFile: string; owner: ShownOwner | undefined },
): Promise<void> {
  const running = owner !== undefined;
  if (format === "json" || format === "jsonl") {
    const details = owner && { url: owner.url, pid: owner.pid, background: owner.isBackground };
    const status = { running, data: dataFile, ...details };
    return format === "json" ? printer.json(status) : printer.jsonLine(status);
  }
  const data = safe(dataFile, "cell");
  if (!printer.stdoutIsTty) {
    const details = owner ? [owner.url, owner.pid, owner.isBackground] : [];
    return printer.line([running, data, ...details].join("\t"));
  }
  if (!owner) return printer.line(`not running · data ${data}`);
  const place = owner.isBackground ? "in the background" : "in the foreground";
  return printer.line(`running ${place} on ${owner.url} · pid ${owner.pid} · data ${data}`);
}

export async function printStopped(
  printer: Printer,
  { format, dataFile, owner }: { format: OutputFormat; dataFile: string; owner: ShownOwner | undefined },
): Promise<void> {
  if (format === "json" || format === "jsonl") {
    const result = { stopped: owner !== undefined, data: dataFile };
    return format === "json" ? printer.json(result) : printer.jsonLine(result);
  }
  printer.note(owner ? `stopped ${owner.url} (pid ${owner.pid})` : `no server has ${dataFile}`);
}
