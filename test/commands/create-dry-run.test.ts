import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { useMachineZone } from "../support/machine-zone.js";

const now = new Date("2026-03-02T08:00:00Z");
const flags = [
  "--name",
  "Daily report",
  "--schedule",
  "every day at 9am",
  "--instructions",
  "Report.\nBriefly.",
];

async function prepare() {
  const server = await startServer({ now: () => now.getTime() });
  const home = temporaryFolder();
  const methods: string[] = [];
  const fetch: FetchLike = (url, init) => {
    methods.push(init.method);
    return fetchFrom(server)(url, init);
  };
  const run = (argv: readonly string[], options: HermOptions = {}) =>
    herm(["automations", "create", "-d", "dep_local", ...argv], { server, home, now, fetch, ...options });
  return { run, methods, server };
}

describe("create --dry-run", () => {
  useMachineZone("UTC");

  it("shows the automation, its next runs and its deployment, and writes nothing", async () => {
    const { run, methods } = await prepare();
    const { code, stdout, stderr } = await run([...flags, "--dry-run"], { tty: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Would create Daily report\n");
    expect(stdout).toMatch(/^ {2}in +.* \(dep_local\) · default · 127\.0\.0\.1$/m);
    expect(stdout).toMatch(/^ {2}status +◉ enabled$/m);
    expect(stdout).toMatch(/^ {2}means +every day at 09:00 UTC$/m);
    expect(stdout).toMatch(/^ {2}cron +0 9 \* \* \*$/m);
    expect(stdout).toMatch(/^ {2}Mon 2 Mar 2026 09:00 UTC .*in 1 h$/m);
    expect(stdout).toMatch(/^ {2}instructions\n {4}Report\.\n {4}Briefly\.$/m);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(new Set(methods)).toEqual(new Set(["GET"]));
  });

  it("reports that the automation would be paused, on a terminal and in a pipe", async () => {
    const { run } = await prepare();
    const words = [...flags, "--paused", "--dry-run"];
    expect((await run(words, { tty: true })).stdout).toMatch(/^ {2}status +○ paused$/m);
    expect((await run(words)).stdout).toMatch(/^Daily report\t0 9 \* \* \*\tpaused\t/);
  });

  it("prints the request body as JSON, or a row in a pipe, without an id", async () => {
    const { run, methods } = await prepare();
    const json = await run([...flags, "--dry-run", "--paused", "--json"]);
    expect(JSON.parse(json.stdout)).toEqual({
      deployment_id: "dep_local",
      name: "Daily report",
      schedule: "0 9 * * *",
      instructions: "Report.\nBriefly.",
      enabled: false,
      runs_a_day: 1,
      result: "planned",
    });
    const piped = await run([...flags, "--dry-run"]);
    expect(piped.stdout).toBe("Daily report\t0 9 * * *\tenabled\t\t2026-03-02T09:00:00Z\t\n");
    expect(await run([...flags, "--dry-run", "-o", "name"])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(new Set(methods)).toEqual(new Set(["GET"]));
  });

  it("fails like create: existing name, unreadable schedule, missing flag", async () => {
    const { run } = await prepare();
    await run(flags);
    for (const tty of [false, true]) {
      const refused = await run([...flags, "--dry-run"], { tty });
      expect(refused).toMatchObject({ code: 6, stdout: "" });
      expect(refused.stderr).toMatch(/there is already an automation named "Daily report": auto_\w+\n/);
    }
    expect(await run([...flags, "--dry-run", "--allow-duplicate"])).toMatchObject({ code: 0 });
    const unread = [...flags.slice(0, 2), "--schedule", "whenever", "--instructions", "x", "--dry-run"];
    expect(await run(unread)).toMatchObject({ code: 2, stdout: "" });
    expect(await run(["--name", "x", "--dry-run"])).toMatchObject({ code: 2, stdout: "" });
  });

  it("shows the given time zone, or the schedule as typed for the platform", async () => {
    const { run } = await prepare();
    const zone = await run([...flags, "--tz", "Europe/Berlin", "--dry-run"], { tty: true });
    expect(zone.stdout).toMatch(/means +every day at 09:00 in Europe\/Berlin\n/);
    const [, , , , ...rest] = flags;
    const typed = ["--name", "x", "--schedule", "every blue moon", "--as-typed", ...rest, "--dry-run"];
    const told = await run(typed, { tty: true });
    expect(told.stdout).toMatch(/schedule +every blue moon \(as typed; the platform interprets it\)\n/);
    expect(told.stdout).not.toContain("Next times");
  });

  it("asks for missing fields but no confirmation, and prints the create command", async () => {
    const { run, methods } = await prepare();
    const answers = ["Nightly", "every day at 2am", "Clean up."];
    const { code, stdout, stderr } = await run(["--dry-run"], { answers });
    expect(code).toBe(0);
    expect(stdout).toContain("Would create Nightly\n");
    expect(stderr).toContain(
      "to create it:\n  herm automations create --name Nightly --schedule '0 2 * * *' --instructions 'Clean up.' -d dep_local\n",
    );
    expect(new Set(methods)).toEqual(new Set(["GET"]));
  });

  it("ignores a freeze, and fails like any read", async () => {
    const { run } = await prepare();
    expect((await run([...flags, "--dry-run"], { env: { HERM_FREEZE: "no" } })).code).toBe(0);
    expect((await run(flags, { env: { HERM_FREEZE: "INC-1" } })).code).toBe(6);
    expect((await run([...flags, "--dry-run"], { key: "wrong-key-of-tests" })).code).toBe(3);
    expect((await run([...flags, "--dry-run"], { fetch: gone })).code).toBe(7);
  });
});

const gone: FetchLike = async () => {
  throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
};
