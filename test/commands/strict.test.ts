import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);
const item = (name: string, rest = "") =>
  `  - name: ${name}\n    schedule: every day at 9am\n    instructions: Do ${name}.\n${rest}`;
const manifest = (...items: string[]) => `automations:\n${items.join("")}`;
const everywhere = ["-f", "herm.yaml", "--all-deployments"];

/** One deployment that is ready, one that will be in a minute, and one that never will be. */
async function start() {
  const fleet = await startOnMonday();
  fleet.write({ "herm.yaml": manifest(item("A")) });
  const slow = await fleet.deploy("Slow", { prompt: "@dev wait 60", isReady: false });
  const broken = await fleet.deploy("Broken", { prompt: "@dev fail" });
  return { ...fleet, slow, broken };
}

const rowsOf = (stdout: string): string[] =>
  JSON.parse(stdout).map(
    (row: Record<string, string>) =>
      `${row.deployment_name} ${row.result ?? row.action} ${row.error ?? row.reason ?? ""}`,
  );

describe("deployments that are broken or not ready", () => {
  it("are skipped and reported, or fail with --strict, while the rest is done", async () => {
    const { run, state, slow, broken } = await start();
    const loose = await run(["apply", ...everywhere, "--json"], { now });
    expect(loose.code).toBe(0);
    expect(rowsOf(loose.stdout).sort()).toEqual([
      "Broken skipped deployment broken (status: error)",
      "Local done ",
      "Slow skipped deployment not ready",
    ]);
    const isLeftOut = `warning: Broken (${broken}) is broken (status: error): skipped\n`;
    expect(loose.stderr).toContain(isLeftOut);
    for (const verb of ["list", "export"]) {
      const read = await run([verb, "--all-deployments", ...(verb === "export" ? ["--to", "out"] : [])], {
        now,
      });
      expect(read).toMatchObject({ code: 0, stderr: expect.stringContaining(isLeftOut) });
    }
    expect(loose.stderr).toContain(`warning: Slow (${slow}) isn't ready: skipped\n`);
    const strict = await run(["apply", ...everywhere, "--strict", "--json", "--verbose"], { now });
    expect(strict.code).toBe(8);
    expect(rowsOf(strict.stdout).sort()).toEqual([
      "Broken failed Broken is broken (status: error): it won't become ready",
      "Local unchanged ",
      "Slow failed Slow isn't ready",
    ]);
    expect(strict.stderr).toContain("2 of 3 failed");
    expect(strict.stderr).toContain("--strict");
    expect(await state()).toHaveLength(1);
    const dry = await run(["apply", ...everywhere, "--strict", "--dry-run"], { now });
    expect(dry.code).toBe(8);
  });

  it("make diff exit with 8 if named, or with --strict", async () => {
    const { run, create, slow, broken } = await start();
    await create({ name: "A", schedule: "0 9 * * *", instructions: "Do A." });
    expect((await run(["diff", ...everywhere], { now })).code).toBe(0);
    expect((await run(["diff", ...everywhere, "--strict"], { now })).code).toBe(8);
    for (const id of [slow, broken]) {
      const named = await run(["diff", "-f", "herm.yaml", "-d", id, "-d", "dep_local"], { now });
      expect(named.code).toBe(8);
    }
    const one = await run(["diff", "-f", "herm.yaml", "-d", broken], { now });
    expect(one.code).toBe(8);
    expect(one.stderr).toContain(`${broken} is broken (status: error)`);
  });

  it("are awaited together with --wait-ready, unless broken", async () => {
    const { run, state, deploy, server, slow } = await start();
    const slower = await deploy("Slower", { prompt: "@dev wait 50", isReady: false });
    let sleptMs = 0;
    const sleep = async (ms: number) => {
      sleptMs += ms;
      await server.advance(ms / 1000);
    };
    const short = await run(["apply", ...everywhere, "--wait-ready", "10s", "--strict", "--json"], {
      now,
      sleep,
    });
    expect(short.code).toBe(8);
    expect(sleptMs).toBe(10_000);
    expect(rowsOf(short.stdout)).toContain("Slow failed Slow is still provisioning after 10s");
    const long = await run(["apply", ...everywhere, "--wait-ready", "2m", "--json"], { now, sleep });
    expect(long.code).toBe(0);
    expect(await state(slow)).toHaveLength(1);
    expect(await state(slower)).toHaveLength(1);
    expect(sleptMs).toBeLessThan(70_000);
    expect(rowsOf(long.stdout)).toContain("Broken skipped deployment broken (status: error)");
  });
});

describe("a selector without a match", () => {
  it("is rejected with exit code 4 under --strict, before any change", async () => {
    const { run, write, writes } = await startOnMonday();
    write({ "herm.yaml": manifest(item("A")) });
    for (const command of ["diff", "apply"]) {
      const words = [command, "-f", "herm.yaml", "-d", "dep_local", "--strict"];
      const match = await run([...words, "--match", "a*"], { now });
      expect(match).toMatchObject({
        code: 4,
        stderr: expect.stringContaining('--match "a*" matches no automation'),
      });
      const except = await run([...words, "--except", "B"], { now });
      expect(except).toMatchObject({
        code: 4,
        stderr: expect.stringContaining('--except "B" matches nothing'),
      });
    }
    expect(await writes()).toEqual([]);
  });

  it("causes only a note in `for` and `not`, even with --strict", async () => {
    const { run, write, writes, deploy, cwd } = await startOnMonday();
    await deploy("Acme", { customer: "cus_1" });
    write({
      "herm.yaml": `values:\n  - {for: {customers: [cus_2]}, hour: 7}\n${manifest(
        item("A", "    for: {deployments: [Acmee*, Acme, dep_gone]}\n"),
        item("B", "    not: {customers: [cus_1, cus_9]}\n"),
      )}`,
    });
    const filtered = await run(["diff", "-f", "herm.yaml", "-d", "Acme", "--strict"], { now });
    expect(filtered).toMatchObject({ code: 9, stderr: expect.not.stringContaining("none of the selected") });
    const report = ["--report", "markdown=plan.md"];
    const strict = await run(["apply", ...everywhere, "--strict", ...report], { now });
    expect(strict.code).toBe(0);
    for (const printed of [
      "herm.yaml:2:24: customer cus_2 has none of the selected deployments (did you mean cus_1?)",
      "herm.yaml:7:25: deployment Acmee* matches none of the selected deployments (did you mean Acme?)",
      "herm.yaml:7:39: deployment dep_gone matches none of the selected deployments",
      "herm.yaml:11:30: customer cus_9 has none of the selected deployments (did you mean cus_1?)",
    ])
      expect(strict.stderr).toContain(`\n${printed}\n`);
    expect(readFileSync(join(cwd, "plan.md"), "utf8").match(/none of the selected/g)).toHaveLength(4);
    expect((await writes()).length).toBeGreaterThan(1);
  });
});

describe("a manifest from stdin", () => {
  const stdin = manifest(item("A"));
  const words = ["apply", "-f", "-", "-d", "dep_local"];

  it("needs confirmation on a terminal, or --yes without a terminal", async () => {
    const { run, state } = await startOnMonday();
    const no = await run(words, { now, stdin, answers: [false] });
    expect(no).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing changed") });
    const nobody = await run(words, { now, stdin, tty: true, terminal: false });
    expect(nobody).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no terminal could be opened: this\s+change needs --yes/),
    });
    expect(await state()).toEqual([]);
    expect((await run(words, { now, stdin, answers: [true] })).code).toBe(0);
    expect(await state()).toHaveLength(1);
    const again = await run(words, { now, stdin, tty: true, terminal: false });
    expect(again.code).toBe(0);
    const remove = ["apply", "-f", "-", "-d", "dep_local"];
    const gone = { now, stdin: "removed: [A]\n" };
    expect((await run(remove, { ...gone, tty: true, terminal: false })).code).toBe(2);
    expect((await run(remove, { ...gone, answers: [true] })).code).toBe(0);
    expect(await state()).toEqual([]);
  });

  it("is applied without a question in a pipe, in CI and with --yes", async () => {
    const { run, state } = await startOnMonday();
    expect((await run(words, { now, stdin })).code).toBe(0);
    const more = { now, tty: true } as const;
    const other = manifest(item("B"));
    expect((await run(words, { ...more, stdin: other, env: { CI: "true" } })).code).toBe(0);
    expect((await run([...words, "--yes"], { ...more, stdin: manifest(item("C")) })).code).toBe(0);
    expect(await state()).toHaveLength(3);
  });
});
