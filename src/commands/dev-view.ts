import type { Printer } from "../output/printer.js";
import { safe } from "../output/safe.js";
import type { OutputFormat } from "../settings/settings.js";

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

/** The line that says that requests are accepted (cli.md, "The local server"); for people, how to go on from here. */
export async function printServer(
  printer: Printer,
  { format, server, isDefault }: { format: OutputFormat; server: ShownServer; isDefault: boolean },
): Promise<void> {
  const { url, apiKey, pid, dataFile, deploymentIds } = server;
  if (format === "json" || format === "jsonl") {
    const data = dataFile ?? null;
    return printer.jsonLine({ url, api_key: apiKey, data, pid, deployments: deploymentIds });
  }
  if (format === "name") return printer.line(deploymentIds.map((id) => safe(id, "cell")).join("\n"));
  if (!printer.stdoutIsTty) return printer.line([url, safe(dataFile ?? "", "cell"), pid].join("\t"));
  const { bold, dim } = printer.style;
  const deployments =
    deploymentIds.length === 1 ? deploymentIds.join() : `${deploymentIds.length} deployments`;
  const rows = [
    ["data", safe(dataFile ?? "in memory, gone when it stops", "cell")],
    ["here", deployments],
    ...(isDefault ? [["use it", "herm --local automations list"]] : []),
    [
      isDefault ? "or" : "use it",
      `HERM_API_URL=${url} HERM_API_KEY=${keySource(server)} herm automations list`,
    ],
  ];
  const lines = rows.map(([label = "", text = ""]) => `  ${dim(label.padEnd(7))}${text}`);
  await printer.out(
    `${bold("herm dev")} listens on ${url}\n${lines.join("\n")}\n  ${dim("Ctrl-C stops it")}\n`,
  );
}

/** Where the key is to be had; the key itself is in the JSON line only. */
function keySource({ dataFile, keyFile }: ShownServer): string {
  if (keyFile !== undefined) return `"$(cat '${safe(keyFile, "cell")}')"`;
  return dataFile === undefined ? "(--output json shows it)" : '"$HERM_DEV_KEY"';
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
