import { describe, expect, it } from "vitest";
import { displayWidth } from "../../src/output/width.js";
import { addAutomation, addDeployment, addFault, call, type Server } from "../incident/fleet.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { useMachineZone } from "../support/machine-zone.js";
import { steadyIds } from "../support/stage.js";
import { stalledUntil } from "../support/stalled.js";
import { show } from "../support/terminal.js";
import { watching } from "../support/watching.js";

const widths = [40, 60, 80, 100, 120];
const beginning = Date.parse("2026-03-03T08:00:00Z");

useMachineZone("Europe/Berlin");

type Run = (words: readonly string[], options?: HermOptions) => ReturnType<typeof herm>;

interface World {
  server: Server;
  /** A command on a terminal, at the server's time. */
  run: Run;
  acme: string;
}

/** Three deployments with automations of every kind, some of which have run. */
async function startWorld(): Promise<World> {
  const server = await startServer({ now: () => beginning });
  const home = temporaryFolder();
  let passedMs = 0;
  const pass = async (seconds: number) => {
    await server.advance(seconds);
    passedMs += seconds * 1000;
  };
  const acme = await addDeployment(server, { name: "Acme production", customer: "cus_acme" });
  const bolt = await addDeployment(server, { name: "Bolt", customer: "cus_bolt" });
  passedMs += 2000;
  const add = async (
    name: string,
    schedule: string,
    given: { deployment?: string; instructions?: string; enabled?: boolean } = {},
  ) => {
    const id = await addAutomation(server, { name, schedule, ...given });
    await pass(60);
    return `/v1/deployments/${given.deployment ?? "dep_local"}/automations/${id}`;
  };
  await add("Inbox triage", "*/15 9-16 * * 1-5", { enabled: false });
  const weekly = await add("Weekly video variations", "0 9 * * 1");
  const report = await add("Month-end report", "30 7 1 * *", {
    instructions: "@dev wait 63\n@dev fail the ledger is locked by another month-end report",
  });
  await add("動画の要約 🎬", "30 18 * * 1-5");
  const publish = await add("Publish the drafts that were approved by the editors", "0 9 13 * 5", {
    instructions: "@dev ask Publish all five to the main channel?",
  });
  const broken = await add("Report to sales", "0 */6 * * *", {
    deployment: acme,
    instructions: "@dev fail no seat left in the CRM",
  });
  await add("Mentions", "*/5 * * * *", { deployment: acme });
  await add("Old cleanup", "0 3 * * 0", { deployment: bolt, enabled: false });
  for (const path of [weekly, report, publish, broken]) {
    await call(server, "POST", `${path}/trigger`);
    await pass(200);
  }
  const run: Run = (words, options = {}) =>
    herm(words, {
      server,
      home,
      tty: true,
      now: new Date(beginning + passedMs),
      env: { HERM_DEPLOYMENT: "dep_local", HERM_MAX_RETRIES: "0", USER: "oncall" },
      ...options,
    });
  return { server, run, acme };
}

/** The table at every width, one below another; its lines fit. */
async function golden(name: string, draw: (columns: number) => Promise<string>): Promise<void> {
  const steady = steadyIds();
  const screens: string[] = [];
  for (const columns of widths) {
    const text = steady(await draw(columns)).trimEnd();
    expect(text).not.toBe("");
    for (const line of text.split("\n")) expect(displayWidth(line), line).toBeLessThanOrEqual(columns);
    screens.push(`${String(columns).padEnd(columns, "·")}\n${text}\n`);
  }
  await expect(screens.join("\n")).toMatchFileSnapshot(`../fixtures/screens/tables/${name}.txt`);
}

async function printed(run: Run, words: readonly string[], columns: number): Promise<string> {
  return (await run(words, { columns })).stdout;
}

/** Only the table, for a command with more output around it. */
async function tableOf(run: Run, words: readonly string[], columns: number): Promise<string> {
  const lines = (await printed(run, words, columns)).split("\n");
  const rows = lines.slice(lines.findIndex((line) => /^[A-Z]+ {2}/.test(line)));
  const end = rows.findIndex((line) => !/\S {2,}\S/.test(line));
  return rows.slice(0, end).join("\n");
}

describe("a table at 40, 60, 80, 100 and 120 columns", () => {
  it.each<[name: string, ...words: string[]]>([
    ["list", "automations", "list"],
    ["list-all", "automations", "list", "--all-deployments"],
    ["list-paused", "automations", "list", "--paused", "--all-deployments"],
    ["list-enabled", "automations", "list", "--enabled"],
    ["list-failing", "automations", "list", "--failing", "--all-deployments"],
    ["list-failing-waiting", "automations", "list", "--failing", "--waiting"],
    ["list-columns", "automations", "list", "--paused", "--columns", "name,status,last,next"],
    ["runs-list", "runs", "list"],
    ["runs-list-all", "runs", "list", "--all-deployments"],
    ["runs-list-waiting-all", "runs", "list", "--waiting", "--all-deployments"],
    ["runs-list-failed", "runs", "list", "--failed"],
    ["runs-list-failed-all", "runs", "list", "--failed", "--all-deployments"],
    ["audit-by-automation", "automations", "audit", "--by", "automation"],
    ["audit-by-automation-all", "automations", "audit", "--by", "automation", "--all-deployments"],
    ["upcoming", "automations", "upcoming", "--within", "4d"],
    ["upcoming-all", "automations", "upcoming", "--within", "12h", "--all-deployments"],
    ["deployments-list", "deployments", "list"],
    ["deployments-list-ready", "deployments", "list", "--status", "ready", "--customer", "cus_acme"],
  ])("fits %s", async (name, ...words) => {
    const { run } = await startWorld();
    await golden(name, (columns) => printed(run, words, columns));
  });

  it("fits list --overdue, whose last line marks it as an estimate", async () => {
    const { run, server } = await startWorld();
    const words = ["automations", "list", "--overdue", "--all-deployments"];
    const now = new Date(beginning + 90 * 60_000);
    const fetch = stalledUntil(now, server);
    await golden("list-overdue", async (columns) => (await run(words, { columns, now, fetch })).stdout);
    const { stderr } = await run(words, { now, fetch });
    expect(stderr).toBe("1 automation in 3 deployments · overdue is an estimate\n");
  });

  it("fits list --watch", async () => {
    const { run } = await startWorld();
    await golden("list-watch", async (columns) => {
      const { options, drawn } = watching();
      await run(["automations", "list", "--watch"], { ...options, columns });
      const { lines } = await show(drawn[0] ?? "", { columns });
      return lines.map((line) => line.trimEnd()).join("\n");
    });
  });

  it("fits an incident: pause with failures, items, incidents, marks, resume", async () => {
    const { server, run, acme } = await startWorld();
    const path = `/v1/deployments/${acme}/automations/*`;
    await addFault(server, { method: "PATCH", path, count: null, action: { type: "fail", status: 422 } });
    const pause = ["automations", "pause", "--all-deployments", "--incident", "INC-42", "--yes"];
    await golden("pause", (columns) => tableOf(run, [...pause, "--reason", "bad model"], columns));
    await golden("incidents-show", (columns) => tableOf(run, ["incidents", "show", "INC-42"], columns));
    await golden("incidents-list", (columns) => printed(run, ["incidents", "list"], columns));
    await golden("list-held", (columns) => printed(run, ["automations", "list"], columns));
    const resume = ["automations", "resume", "--incident", "INC-42", "--yes", "--dry-run"];
    await golden("resume", (columns) => tableOf(run, resume, columns));
  });

  it("fits results of a few references", async () => {
    const { server, run } = await startWorld();
    const path = "/v1/deployments/dep_local/automations/*";
    await addFault(server, { method: "PATCH", path, count: null, action: { type: "fail", status: 422 } });
    const refs = ["Weekly video variations", "Inbox triage", "Month-end report"];
    await golden("pause-refs", (columns) => tableOf(run, ["automations", "pause", ...refs], columns));
  });

  it("fits profiles", async () => {
    const { run } = await startWorld();
    const set = (...words: string[]) => run(["config", "set", ...words]);
    await set("api_url", "https://api.staging.prismagents.example", "--profile", "staging");
    await set("deployment", "dep_162dpyqxyipk", "--profile", "staging");
    await set("deployment", "dep_local", "--profile", "default");
    await golden("config-list", (columns) => printed(run, ["config", "list"], columns));
  });

  it("fits an automation's runs", async () => {
    const { run } = await startWorld();
    await golden("get-runs", async (columns) => {
      const screen = await printed(run, ["automations", "get", "Month-end report"], columns);
      return screen.slice(screen.indexOf("Recent runs"));
    });
  });
});
