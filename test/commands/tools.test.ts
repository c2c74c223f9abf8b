import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandNames } from "../support/declarations.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

async function prepare() {
  const server = await startServer();
  const home = temporaryFolder();
  const run = (argv: readonly string[], options: HermOptions = {}) =>
    herm(argv, { server, home, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
  return { server, home, run };
}

describe("herm without arguments", () => {
  it("shows common tasks and their commands, within 80 columns", async () => {
    const { code, stdout } = await herm([]);
    const headings = stdout.split("\n").filter((line) => /^\S.*:$/.test(line));
    expect({ code, headings }).toEqual({
      code: 0,
      headings: ["Work:", "Watch:", "Incidents:", "Files:", "Set-up:"],
    });
    for (const name of ["audit", "catch-up"]) expect(stdout).toContain(`automations ${name} `);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
});

describe("herm commands", () => {
  it("lists every command, each with a summary", async () => {
    const { stdout } = await herm(["commands"]);
    const rows = stdout.trimEnd().split("\n");
    expect(rows.map((row) => row.split("\t")[0])).toEqual(commandNames.map((name) => `herm ${name}`));
    expect(rows).toContain("herm automations list\tlist automations in one deployment or many");
  });

  it("fits a terminal of 80 columns", async () => {
    const { stdout } = await herm(["commands"], { tty: true, columns: 80 });
    expect(stdout.split("\n").filter((line) => line.length > 80 || line.includes("…"))).toEqual([]);
  });

  it("provides everything as JSON: arguments, flags, values, exit codes, examples", async () => {
    const { stdout, stderr, code } = await herm(["commands", "-o", "json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const commands: { command: string; summary: string; flags: { flag: string; summary: string }[] }[] =
      JSON.parse(stdout);
    expect(commands.map(({ command }) => command)).toEqual(commandNames.map((name) => `herm ${name}`));
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
      arguments: [
        {
          name: "ref",
          required: false,
          several: false,
          summary: "an id, an exact name, or <deployment>/<name>",
        },
      ],
    });
    const undescribed = commands.flatMap(({ command, flags }) =>
      flags.filter(({ summary }) => summary === "").map(({ flag }) => `${command} ${flag}`),
    );
    expect(undescribed).toEqual([]);
  });
});

describe("herm doctor", () => {
  const clockOf = (served: Date, server: { fetch(request: Request): Promise<Response> }) => {
    const fetch: NonNullable<HermOptions["fetch"]> = async (url, { method, headers }) => {
      const answer = await server.fetch(new Request(url, { method, headers }));
      return new Response(await answer.text(), {
        status: answer.status,
        headers: { date: served.toUTCString() },
      });
    };
    return fetch;
  };
  const noon = new Date(Date.UTC(2026, 0, 1, 12));

  it("finds no problem, and exits with 0", async () => {
    const { run, server } = await prepare();
    const { code, stdout, stderr } = await run(["doctor"], { fetch: clockOf(noon, server), now: noon });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "no problems found\n" });
    expect(stdout.split("\n").filter((row) => !row.startsWith("ok\tfiles"))).toEqual([
      "ok\tversion\therm 0.0.0-test on Node 20.19.0\t",
      "ok\tsettings\thttp://127.0.0.1, profile default, dep_local (HERM_DEPLOYMENT)\t",
      "ok\tserver\tanswers\t",
      "ok\tkey\taccepted\t",
      "ok\tdeployment\tLocal (dep_local) is ready\t",
      "ok\tclock\tsame as the server's\t",
      "",
    ]);
  });

  it("lists problems with their fixes, and exits with 1", async () => {
    const home = temporaryFolder();
    const config = join(home, ".config", "herm");
    mkdirSync(config, { recursive: true });
    chmodSync(config, 0o755);
    writeFileSync(join(config, "config.json"), "{}", { mode: 0o644 });
    chmodSync(join(config, "config.json"), 0o644);
    const { code, stdout, stderr } = await herm(["doctor"], { home, key: null, nodeVersion: "20.18.1" });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "4 problems\n" });
    expect(stdout).toContain(
      "problem\tversion\therm 0.0.0-test on Node 20.18.1\therm needs Node 20.19 or newer\n",
    );
    expect(stdout).toContain(`problem\tfiles\t0755 ${config}\tchmod 700 ${config}\n`);
    expect(stdout).toContain(`problem\tfiles\t0644 ${config}/config.json\tchmod 600 ${config}/config.json\n`);
    expect(stdout).toMatch(/^problem\tkey\t.*herm auth login/m);
  });

  it("compares this machine's clock with the server's", async () => {
    const { run, server } = await prepare();
    const clock = async (minutes: number) => {
      const now = new Date(noon.getTime() + minutes * 60_000);
      return (await run(["doctor"], { fetch: clockOf(noon, server), now })).stdout;
    };
    expect(await clock(1)).toContain("ok\tclock\tsame as the server's\t\n");
    expect(await clock(5)).toContain("problem\tclock\t5 min ahead of the server's\tset this machine's clock");
    expect(await clock(-5)).toContain("problem\tclock\t5 min behind the server's\t");
  });

  it.each([
    ["a wrong key", { key: "hk_wrong_000000" }, /^problem\tkey\t.*herm auth status/m],
    [
      "an unreachable server",
      { fetch: undefined, server: undefined, key: "hk_any_0000000" },
      /^problem\tserver\t/m,
    ],
    [
      "a deployment that doesn't exist",
      { env: { HERM_DEPLOYMENT: "dep_none" } },
      /^problem\tdeployment\t.*herm deployments list/m,
    ],
    [
      "settings that contradict each other",
      { env: { HERM_API_URL: "http://example.com" } },
      /^problem\tsettings\t/m,
    ],
  ])("distinguishes %s", async (_what, options: HermOptions, row) => {
    const { run } = await prepare();
    const { code, stdout } = await run(["doctor"], options);
    expect(code).toBe(1);
    expect(stdout).toMatch(row);
  });

  it("prints the same as JSON, and gives each finding a state", async () => {
    const { run } = await prepare();
    const { code, stdout } = await run(["doctor", "-o", "json"], { key: "hk_wrong_000000" });
    expect(code).toBe(1);
    const findings: { check: string; state: string; found: string; advice?: string }[] = JSON.parse(stdout);
    expect(findings.filter(({ state }) => state !== "ok")).toEqual([
      {
        check: "key",
        state: "problem",
        found: expect.any(String),
        advice: expect.stringContaining("herm auth status"),
      },
    ]);
  });

  it("aligns findings and file modes on a terminal", async () => {
    const { run, home } = await prepare();
    await run(["config", "set", "deployment", "dep_local"]);
    const { stdout } = await run(["doctor"], { tty: true, columns: 200 });
    const lines = stdout.trimEnd().split("\n");
    expect(lines.filter((line) => !/^✓ \w+ +(?<=^.{14})\S/.test(line))).toEqual([]);
    expect(lines.filter((line) => line.startsWith("✓ files"))).toEqual([
      `✓ files       0700 ${home}/.config/herm`,
      `✓ files       0600 ${home}/.config/herm/config.json`,
    ]);
    const json: object[] = JSON.parse((await run(["doctor", "--json"])).stdout);
    expect(json.flatMap((finding) => Object.keys(finding))).not.toContain("aligned");
  });

  it("never tells its user to run doctor", async () => {
    const { stdout } = await herm(["doctor"], { key: "key-of-environment" });
    expect(stdout).toContain("is the server up, and the address right?");
    expect(stdout).not.toContain("herm doctor");
  });

  it.each([20, 80])("puts each fix below its finding, in %i columns", async (columns) => {
    const { stdout } = await herm(["doctor"], { key: null, tty: true, columns });
    const lines = stdout.trimEnd().split("\n");
    expect(lines.slice(-4).join(" ").replaceAll(/\s+/g, " ")).toContain("to save a key: herm auth login");
    expect(
      lines.filter((line) => line.length > columns && line.trim().includes(" ") && columns > 20),
    ).toEqual([]);
    if (columns === 80) {
      expect(lines.slice(-3)).toEqual([
        '✗ key         no API key for profile "default"',
        "              to try it, add --local; in CI set HERM_API_KEY; to save a key:",
        "              herm auth login",
      ]);
    }
  });
});
