import { printFirst, printOne } from "../../output/one.js";
import type { Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";

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
  server: ShownServer;
  /** It serves the data that `--local` uses. */
  isDefault: boolean;
  /** Its key comes from HERM_DEV_KEY. */
  isKeyGiven: boolean;
}

/** The line that says that requests are accepted (src/dev-server/README.md); for people, how to go on from here. */
export async function printServer(printer: Printer, view: ServerView): Promise<void> {
  const { url, apiKey, pid, dataFile, deploymentIds } = view.server;
  await printFirst(printer, {
    json: { url, api_key: apiKey, data: dataFile ?? null, pid, deployments: deploymentIds },
    name: deploymentIds,
    table: () =>
      printer.stdoutIsTty
        ? printer.out(banner(printer, view))
        : printer.line([url, safe(dataFile ?? "", "cell"), pid].join("\t")),
  });
}

function banner({ style: { bold, dim } }: Printer, view: ServerView): string {
  const lines = bannerRows(view).map(([label, text]) => `  ${dim(label.padEnd(8))}${text}`);
  return `${bold("herm dev")} listens on ${view.server.url}\n${lines.join("\n")}\n  ${dim("Ctrl-C stops it")}\n`;
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

interface ShownData {
  dataFile: string;
  owner: ShownOwner | undefined;
}

/** Whether a server has the data: `{"running","data","url"?,"pid"?,"background"?}`, in a pipe the same in this order. */
export async function printStatus(printer: Printer, { dataFile, owner }: ShownData): Promise<void> {
  const details = owner && { url: owner.url, pid: owner.pid, background: owner.isBackground };
  await printOne(printer, {
    json: { running: owner !== undefined, data: dataFile, ...details },
    table: () => printer.line(printer.stdoutIsTty ? statusText() : statusRow()),
  });

  function statusText(): string {
    const data = `data ${safe(dataFile, "cell")}`;
    if (!owner) return `not running · ${data}`;
    const place = owner.isBackground ? "in the background" : "in the foreground";
    return `running ${place} on ${owner.url} · pid ${owner.pid} · ${data}`;
  }

  function statusRow(): string {
    return [owner !== undefined, safe(dataFile, "cell"), ...Object.values(details ?? {})].join("\t");
  }
}

export async function printStopped(printer: Printer, { dataFile, owner }: ShownData): Promise<void> {
  await printOne(printer, {
    json: { stopped: owner !== undefined, data: dataFile },
    table: async () =>
      printer.note(owner ? `stopped ${owner.url} (pid ${owner.pid})` : `no server uses ${dataFile}`),
  });
}
