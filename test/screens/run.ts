/**
 * Makes the README's screens from the real thing: the built command on a terminal, against a server of its own.
 * What stands between `<!-- screen: name -->` and `<!-- /screen -->` is replaced.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pty from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { addAutomation, addDeployment, call, listAll, type Server } from "../incident/fleet.js";

const command = fileURLToPath(new URL("../../bin/herm.cjs", import.meta.url));
const readme = fileURLToPath(new URL("../../README.md", import.meta.url));
const columns = 116;

async function main(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "herm-screens-"));
  const server = await embedDevServer({ stepDelayMs: 5 });
  const { url } = await server.listen();
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: home,
    TZ: "Europe/Berlin",
    NO_COLOR: "1",
    HERM_API_URL: url,
    HERM_API_KEY: server.apiKey,
    HERM_DEPLOYMENT: "dep_local",
  };
  try {
    const create = (name: string, schedule: string, instructions: string) =>
      screenOf(
        ["automations", "create", "--name", name, "--schedule", schedule, "--instructions", instructions],
        env,
      );
    const weekly = "Weekly video variations";
    const created = await create(
      weekly,
      "every Monday at 9am",
      "Make five variations of last week's best video.",
    );
    await create("Inbox triage", "every 15 minutes between 9am and 5pm on weekdays", "Sort the inbox.");
    await create("Month-end report", "on the 1st of every month at 7:30am", "@dev fail the ledger is locked");
    await screenOf(["automations", "trigger", "Month-end report"], env);
    await screenOf(["automations", "pause", "Inbox triage"], env);
    const followed = await screenOf(["automations", "trigger", weekly], env);
    const list = await screenOf(["automations", "list"], env);
    const text = [
      ["first", created],
      ["run", followed],
      ["list", list],
      ["incident", await incidentScreen(home)],
    ].reduce(
      (whole, [name = "", screen = ""]) => replaceScreen(whole, name, screen),
      readFileSync(readme, "utf8"),
    );
    writeFileSync(readme, text);
  } finally {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** An incident from its pause to its resume, on a small fleet. */
async function incidentScreen(home: string): Promise<string> {
  const server = await embedDevServer();
  try {
    const { url } = await server.listen();
    await addFleet(server);
    const env = {
      PATH: process.env.PATH ?? "",
      HOME: join(home, "night"),
      USER: "oncall",
      NO_COLOR: "1",
      HERM_API_URL: url,
      HERM_API_KEY: server.apiKey,
    };
    const pause = ["pause", "--all-deployments", "--incident", "INC-42", "--reason", "bad model", "--yes"];
    const resume = ["resume", "--incident", "INC-42", "--except", "Report*", "--yes"];
    const screens = [
      await screenOf(["automations", ...pause], env),
      await screenOf(["incidents", "show", "INC-42"], env),
      await screenOf(["automations", ...resume], env),
    ];
    return screens.join("\n\n").replaceAll(home, "~").replaceAll("~/night", "~");
  } finally {
    await server.close();
  }
}

async function addFleet(server: Server): Promise<void> {
  const deployments: string[] = [];
  for (const name of ["Acme", "Bolt", "Core"]) deployments.push(await addDeployment(server, { name }));
  const schedules = {
    "Inbox triage": "*/15 * * * *",
    "Weekly videos": "0 9 * * 1",
    "Report to sales": "0 7 1 * *",
  };
  for (const deployment of deployments) {
    for (const [name, schedule] of Object.entries(schedules)) {
      await addAutomation(server, { deployment, name, schedule, instructions: "@dev wait 100000" });
    }
  }
  const [deployment = ""] = deployments;
  await addAutomation(server, { deployment, name: "Old cleanup", enabled: false });
  const busy = (await listAll(server, [deployment])).find(({ name }) => name === "Inbox triage");
  await call(server, "POST", `/v1/deployments/${deployment}/automations/${busy?.automation_id}/trigger`);
}

/** The command line and what the terminal showed for it. */
async function screenOf(words: readonly string[], env: Record<string, string>): Promise<string> {
  const terminal = new xterm.Terminal({ cols: columns, rows: 40, scrollback: 500, allowProposedApi: true });
  const child = pty.spawn(process.execPath, [command, ...words], { cols: columns, rows: 40, env });
  child.onData((data) => terminal.write(data));
  await new Promise((resolve) => child.onExit(resolve));
  await new Promise<void>((resolve) => terminal.write("", resolve));
  const { active } = terminal.buffer;
  const lines: string[] = [];
  for (let row = 0; row < active.length; row += 1) {
    const line = active.getLine(row);
    const text = line?.translateToString(true) ?? "";
    if (line?.isWrapped === true) lines.push(`${lines.pop() ?? ""}${text}`);
    else lines.push(text);
  }
  terminal.dispose();
  const typed = words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `"${word}"`)).join(" ");
  return `$ herm ${typed}\n${lines.join("\n").trimEnd()}`;
}

function replaceScreen(text: string, name: string, screen: string): string {
  const begin = `<!-- screen: ${name} -->`;
  const end = "<!-- /screen -->";
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`README.md has no place for the screen ${name}`);
  return `${text.slice(0, from)}${begin}\n\n\`\`\`\n${screen}\n\`\`\`\n\n${text.slice(to)}`;
}

await main();
