import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addAutomation, addFault, enabledNames } from "../incident/fleet.js";
import { differences, ledgerOf } from "../incident/interruption.js";
import { herm, startServer, temporaryFolder } from "../support/harness.js";
import { spawnHerm, startHerm } from "../support/spawn.js";

const hourMs = 3_600_000;
const due = ["automations", "resume", "--due", "--yes"];

/** A server on a real socket, and incidents that were paused two hours ago until an hour ago. */
async function start(names: readonly string[], more: { env?: Record<string, string>; home?: string } = {}) {
  const server = await startServer();
  const { url } = await server.listen();
  const home = more.home ?? temporaryFolder();
  const env = { HERM_API_URL: url, HERM_API_KEY: server.apiKey, ...more.env };
  const now = new Date(Date.now() - 2 * hourMs);
  const told: string[] = [];
  for (const name of names) {
    await addAutomation(server, { name });
    const words = `automations pause ${name} -d dep_local --incident INC-${name} --until 1h`.split(" ");
    const { code, stderr } = await herm(words, { server, home, env, now });
    expect(code).toBe(0);
    told.push(stderr);
  }
  return { server, home, env: { ...env, HOME: home }, told };
}

/** Runs what a line of a crontab holds as cron does: by sh, at home, with next to nothing in the environment. */
async function runAsCron(line: string, { home, key }: { home: string; key: string }) {
  const [, command = ""] = /^(?:\S+ ){5}(.*)$/.exec(line) ?? [];
  const text = command.replace(/\\([%\\])|%.*/g, (_, escaped?: string) => escaped ?? "");
  const env = { HOME: home, PATH: "/usr/bin:/bin", SHELL: "/bin/sh", HERM_API_KEY: key };
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile("/bin/sh", ["-c", text], { env, cwd: home }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
}

const lineIn = (text: string) => /crontab, [a-z ]+:\n(.*)\n/.exec(text)?.[1] ?? "";

describe("the crontab's line that a pause prints", () => {
  it("names the minute on this machine's clocks, and brings back what is due", async () => {
    const { server, home, told } = await start(["a"]);
    const line = lineIn(told[0] ?? "");
    const at = new Date(ledgerOf(home, "INC-a")?.until ?? "");
    const date = [at.getMinutes(), at.getHours(), at.getDate(), at.getMonth() + 1, "*"];
    expect(line.split(" ").slice(0, 5)).toEqual(date.map(String));
    const { code, stderr } = await runAsCron(line, { home, key: server.apiKey });
    expect([code, stderr.match(/error.*/)?.[0]]).toEqual([0, undefined]);
    expect(stderr).toContain("incident INC-a is closed");
    expect(await enabledNames(server)).toEqual(["a"]);
    expect((await runAsCron(line, { home, key: server.apiKey })).code).toBe(0);
  });

  it("finds folders and the profile that the shell chose, also those with odd names", async () => {
    const home = join(temporaryFolder(), "100% of \\ it's");
    mkdirSync(home, { recursive: true });
    const config = join(home, "con fig");
    mkdirSync(config, { mode: 0o700 });
    const { server, told, env } = await start(["a"], {
      home,
      env: { HERM_DATA_DIR: join(home, "da%ta"), HERM_CONFIG_DIR: config },
    });
    writeFileSync(join(config, "config.json"), JSON.stringify({ profile: "work", profiles: { work: {} } }));
    chmodSync(join(config, "config.json"), 0o600);
    const { stderr } = await spawnHerm(
      ["automations", "pause", "a", "-d", "dep_local", "--incident", "INC-b", "--until", "1h"],
      { env },
    );
    expect(lineIn(stderr)).toContain(" HERM_PROFILE=work HERM_API_URL=");
    expect((await runAsCron(lineIn(told[0] ?? ""), { home, key: server.apiKey })).stderr).toContain(
      "INC-a is closed",
    );
    expect(await enabledNames(server)).toEqual(["a"]);
  });
});

describe("resume --due as processes", () => {
  it("finishes what a kill between two incidents left", async () => {
    const names = ["a", "b", "c"];
    const { server, home, env } = await start(names);
    await addFault(server, { method: "PATCH", skip: 1, count: null, action: { type: "delay", ms: 30_000 } });
    const child = startHerm(due, { env });
    child.stderr.resume();
    const progress = () =>
      names.map((name) => [...(ledgerOf(home, `INC-${name}`)?.items.values() ?? [])][0]?.resume);
    await expect.poll(progress).toEqual(["done", "sent", "none"]);
    child.kill("SIGKILL");
    await once(child, "exit");
    await server.fetch(
      new Request("http://127.0.0.1/_dev/faults", {
        method: "DELETE",
        headers: { authorization: `Bearer ${server.apiKey}` },
      }),
    );
    const again = await spawnHerm(due, { env });
    expect([again.code, again.stderr.match(/error.*/)?.[0]]).toEqual([0, undefined]);
    expect(await enabledNames(server)).toEqual(names);
    for (const name of names) {
      expect(await differences(ledgerOf(home, `INC-${name}`), server)).toEqual([]);
      expect(ledgerOf(home, `INC-${name}`)?.closed?.why).toBe("resumed");
    }
  });

  it("two at once bring each back once, and say so", async () => {
    const { server, env } = await start(["a", "b"]);
    await addFault(server, { method: "PATCH", count: null, action: { type: "delay", ms: 300 } });
    const ended = await Promise.all([1, 2].map(() => spawnHerm(due, { env })));
    const [first, second] = ended.toSorted((one, other) => Number(one.code) - Number(other.code));
    expect(first?.code).toBe(0);
    if (second?.code !== 0)
      expect(second?.stderr).toMatch(/error: (?:resume --due|incident INC-\w) is locked by another herm/);
    expect(await enabledNames(server)).toEqual(["a", "b"]);
    const sent = ended.flatMap(({ stderr }) => stderr.match(/^resumed\t/gm) ?? []);
    expect(sent).toHaveLength(2);
  });
});
