import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandNames } from "../security/matrix.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

async function prepare() {
  const server = await startServer();
  const home = temporaryFolder();
  const run = (argv: readonly string[], options: HermOptions = {}) =>
    herm(argv, { server, home, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
  return { server, home, run };
}

describe("herm alone", () => {
  it("shows the commands by task, within 80 columns", async () => {
    const { code, stdout } = await herm([]);
    expect(code).toBe(0);
    const headings = stdout.split("\n").filter((line) => /^\S.*:$/.test(line));
    expect(headings).toEqual(
      expect.arrayContaining(["Automations:", "Runs:", "Setting up:", "Tools:", "Begin:"]),
    );
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
});

describe("herm commands", () => {
  it("lists every command, each with a summary", async () => {
    const { stdout } = await herm(["commands"]);
    const rows = stdout.trimEnd().split("\n");
    expect(rows.map((row) => row.split("\t")[0])).toEqual(commandNames().map((name) => `herm ${name}`));
    expect(rows).toContain("herm automations list\tlist automations of one deployment or many");
  });

  it("tells tools everything with JSON: arguments, flags with their values, exit codes, examples", async () => {
    const { stdout, stderr, code } = await herm(["commands", "-o", "json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const commands: { command: string; summary: string; flags: { flag: string; summary: string }[] }[] =
      JSON.parse(stdout);
    expect(commands.map(({ command }) => command)).toEqual(commandNames().map((name) => `herm ${name}`));
    expect(commands.find(({ command }) => command === "herm deployments list")).toMatchObject({
      summary: "list deployments",
      description: "List deployments, newest first.",
      arguments: [],
      flags: expect.arrayContaining([
        {
          flag: "--status",
          value: "status",
          choices: ["provisioning", "ready", "error"],
          summary: expect.any(String),
        },
        {
          flag: "--output",
          short: "-o",
          value: "format",
          choices: ["table", "json", "jsonl", "name"],
          summary: expect.any(String),
        },
      ]),
      exit_codes: { 3: "no key, or the API refused it" },
      examples: expect.arrayContaining(["herm deployments list"]),
    });
    expect(commands.find(({ command }) => command === "herm automations get")).toMatchObject({
      arguments: [{ name: "ref", required: false, several: false, summary: "an id or an exact name" }],
    });
    const undescribed = commands.flatMap(({ command, flags }) =>
      flags.filter(({ summary }) => summary === "").map(({ flag }) => `${command} ${flag}`),
    );
    expect(undescribed).toEqual([]);
  });
});

describe("herm doctor", () => {
  it("finds all well", async () => {
    const { run } = await prepare();
    const { code, stdout } = await run(["doctor", "-o", "json"]);
    expect(code).toBe(0);
    const findings: { check: string; state: string }[] = JSON.parse(stdout);
    const found = findings.map(({ check, state }) => `${check} ${state}`);
    expect(found.filter((each) => !each.startsWith("clock") && !each.startsWith("files"))).toEqual([
      "version ok",
      "settings ok",
      "server ok",
      "key ok",
    ]);
  });

  it("says what isn't well and what to do: an open folder, no key", async () => {
    const home = temporaryFolder();
    const config = join(home, ".config", "herm");
    mkdirSync(config, { recursive: true });
    chmodSync(config, 0o755);
    const { code, stdout } = await herm(["doctor"], { home, key: null });
    expect(code).toBe(1);
    expect(stdout).toContain(`problem\tfiles\t${config} 0755\tchmod 700 ${config}\n`);
    expect(stdout).toMatch(/^problem\tkey\t.*herm auth login/m);
  });

  it("compares this machine's clock with the server's", async () => {
    const { run, server } = await prepare();
    const fetch: NonNullable<HermOptions["fetch"]> = async (url, { method, headers }) => {
      const answer = await server.fetch(new Request(url, { method, headers }));
      const date = new Date(Date.UTC(2026, 0, 1, 12)).toUTCString();
      return new Response(await answer.text(), { status: answer.status, headers: { date } });
    };
    const clock = async (minutes: number) =>
      (await run(["doctor"], { fetch, now: new Date(Date.UTC(2026, 0, 1, 12, minutes)) })).stdout;
    expect(await clock(0)).toContain("ok\tclock\tas the server's\t\n");
    expect(await clock(5)).toContain("problem\tclock\t5 min ahead of the server's\tset this machine's clock");
    expect(await clock(-5)).toContain("problem\tclock\t5 min behind the server's\t");
  });

  it("tells a wrong key from a server that isn't there", async () => {
    const { run } = await prepare();
    expect((await run(["doctor"], { key: "hk_wrong_000000" })).stdout).toMatch(/^problem\tkey\t/m);
    expect((await herm(["doctor"], { key: "hk_any_0000000" })).stdout).toMatch(/^problem\tserver\t/m);
  });
});
