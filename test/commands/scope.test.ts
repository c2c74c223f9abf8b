import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addAutomation, addDeployment, addFault, call } from "../incident/fleet.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { farOff } from "./status-fleet.js";

/** `Digest` in the local deployment, Acme and Bolt, and `Other` in Acme. */
async function start() {
  const server = await startServer();
  const home = temporaryFolder();
  const acme = await addDeployment(server, { name: "Acme", customer: "cus_9" });
  const bolt = await addDeployment(server, { name: "Bolt" });
  for (const deployment of ["dep_local", acme, bolt])
    await addAutomation(server, { deployment, name: "Digest", schedule: farOff() });
  await addAutomation(server, { deployment: acme, name: "Other", schedule: farOff() });
  const run = (argv: readonly string[], options: HermOptions = {}) =>
    herm(argv, { server, home, ...options });
  const enabledIn = async (deployment: string) => {
    const { body } = await call(server, "GET", `/v1/deployments/${deployment}/automations`);
    return (Array.isArray(body.data) ? body.data : []).filter(({ enabled }) => enabled).length;
  };
  return { run, server, home, acme, bolt, enabledIn };
}

const ofAcme = "only Acme: 2 other deployments";

describe("the plan of a bulk change", () => {
  it.each([
    [["pause", "--all", "--incident", "INC-1"], "go on"],
    [["delete", "--all"], "not changed"],
    [["trigger", "--all"], "not changed"],
    [["update", "--all", "--replace", "Do", "--with", "Make"], "not changed"],
    [["catch-up", "--since", "1h"], "not changed"],
  ])("mentions the deployments outside the selection: %j", async (words, fate) => {
    const { run, acme } = await start();
    const dryRun = ["automations", ...words, "--dry-run"];
    const plan = (argv: readonly string[], env = {}) => run([...dryRun, ...argv], { tty: true, env });
    for (const { code, stdout, stderr } of [
      await plan(["-d", "Acme"]),
      await plan(["-d", acme]),
      await plan([], { HERM_DEPLOYMENT: "Acme" }),
    ]) {
      expect(code).toBe(0);
      expect(stdout + stderr).toContain(`\n${ofAcme} ${fate}\n`);
    }
    const rest = words.filter((word) => word !== "--all");
    const whole = await run(["automations", ...rest, "--dry-run", "--all-deployments"], { tty: true });
    expect(whole.code).toBe(0);
    expect(whole.stdout + whole.stderr).not.toMatch(/^only /m);
  });

  it("mentions the deployments outside the selection for runs answer", async () => {
    const { run, server, acme } = await start();
    const asking = { name: "Asking", schedule: farOff(), instructions: "@dev ask Publish?" };
    for (const deployment of [acme, "dep_local"]) {
      const id = await addAutomation(server, { ...asking, deployment });
      await call(server, "POST", `/v1/deployments/${deployment}/automations/${id}/trigger`);
    }
    await server.advance(2);
    const answer = ["runs", "answer", "--text", "yes", "--dry-run"];
    const { code, stdout, stderr } = await run([...answer, "-d", "Acme"], { tty: true });
    expect(code).toBe(0);
    expect(stdout + stderr).toMatch(new RegExp(`^${ofAcme} not changed$`, "m"));
    const all = await run([...answer, "--all-deployments"], { tty: true });
    expect(all.stdout + all.stderr).not.toMatch(/^only /m);
  });

  it("names automations that a glob excludes, and changes only the others", async () => {
    const { run, acme, bolt, enabledIn } = await start();
    const pause = ["automations", "pause", "--match", "Dig*", "--incident", "INC-1"];
    const plan = await run([...pause, "--all-deployments", "--dry-run"], { tty: true });
    expect(plan.stdout).toContain("\nonly what matches Dig*: 1 other automation goes on\n");
    const { code, stderr } = await run([...pause, "-d", "Acme", "--yes"], { tty: true });
    expect(code).toBe(0);
    expect(stderr).toContain(
      "\nonly what matches Dig* in Acme: 2 other deployments and 1 automation go on\n",
    );
    expect([await enabledIn(acme), await enabledIn(bolt), await enabledIn("dep_local")]).toEqual([1, 1, 1]);
  });

  it.each(["pause", "trigger", "delete", "update"])(
    "rejects a reference together with --all: %s",
    async (verb) => {
      const { run } = await start();
      expect(await run(["automations", verb, "Digest", "--all", "-d", "Acme"])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("a ref and --all can't be used together"),
      });
    },
  );
});

describe("the verdict on a selection", () => {
  it.each([
    [["list", "--failing"], 0],
    [["list", "--overdue"], 0],
    [["list", "--waiting"], 0],
    [["list", "--unexpected"], 0],
    [["audit"], 0],
  ])("starts with the excluded deployments: %j", async (words, code) => {
    const { run } = await start();
    const first = async (argv: readonly string[], env = {}) => {
      const result = await run(["automations", ...words, ...argv], { env });
      expect(result.code).toBe(code);
      return result.stderr.split("\n")[0];
    };
    const line = `${ofAcme} not shown`;
    expect(await first(["-d", "Acme"])).toBe(line);
    expect(await first([], { HERM_DEPLOYMENT: "Acme" })).toBe(line);
    expect(await first(["--customer", "cus_9"])).toBe(line);
    expect(await first(["--all-deployments"])).not.toContain("only");
    expect(await first(["-d", "Acme", "-q"])).not.toContain("only");
    const part = await first(["--all-deployments", "--match", "Dig*"]);
    expect(part).toMatch(/^only what matches Dig\*: (1 other automation|all else) not shown$/);
  });

  it.each([["list", "--overdue"], ["audit"]])(
    'says "all others" if deployments are unreadable: %j',
    async (...words) => {
      const { run, server, acme } = await start();
      const fault = {
        method: "GET",
        path: "/v1/deployments",
        count: null,
        action: { type: "fail", status: 403 },
      };
      await addFault(server, fault);
      const { code, stderr } = await run(["automations", ...words, "-d", acme]);
      expect({ code, first: stderr.split("\n")[0] }).toEqual({
        code: 0,
        first: "only what was chosen: all else not shown",
      });
    },
  );

  it("is shown even if no run is waiting", async () => {
    const { run } = await start();
    const none = async (...argv: string[]) =>
      (await run(["runs", "answer", ...argv], { answers: [], tty: true })).stderr;
    expect(await none("-d", "Acme")).toBe(`${ofAcme} not shown\nno run is waiting for an answer\n`);
    expect(await none("--all-deployments")).toBe("no run is waiting for an answer\n");
  });

  it("is omitted from lists that don't show problems", async () => {
    const { run } = await start();
    expect((await run(["automations", "list", "-d", "Acme"])).stderr).not.toContain("only");
  });

  it("is shown for an incident that doesn't cover all automations", async () => {
    const { run } = await start();
    await run(["automations", "pause", "--all", "-d", "Acme", "--incident", "INC-1", "--yes"]);
    const { code, stdout } = await run(["incidents", "show", "INC-1"], { tty: true });
    expect(code).toBe(0);
    expect(stdout.split("\n")[0]).toBe(`${ofAcme} not shown`);
    const piped = await run(["incidents", "show", "INC-1"]);
    expect(piped.stderr.split("\n")[0]).toBe(`${ofAcme} not shown`);
    expect(piped.stderr).toContain("\nnothing in Acme is enabled; to resume it: ");
    expect(piped.stderr).not.toContain("everything is paused");
    await run(["automations", "pause", "--all-deployments", "--incident", "INC-2", "--yes"]);
    expect((await run(["incidents", "show", "INC-2"], { tty: true })).stdout).not.toContain("only");
  });
});

describe("the scope shown by status, top, lists and plans", () => {
  it("names up to three deployments, and counts the rest", async () => {
    const { run, server } = await start();
    for (const name of ["Core", "Dune"]) await addDeployment(server, { name });
    const only = async (...argv: string[]) => {
      const { stdout } = await run(["status", ...argv], { tty: true });
      return /^only (.*): /m.exec(stdout)?.[1]?.split(", ").toSorted();
    };
    const three = ["-d", "Acme", "-d", "Bolt", "-d", "Local"];
    expect(await only(...three)).toEqual(["Acme", "Bolt", "Local"]);
    expect(await only(...three, "-d", "Core")).toEqual(["4 of 5 deployments"]);
    expect(await only("-d", "Acme", "--except", "Acme")).toEqual(["0 of 5 deployments"]);
  });

  const shown = ["automations", "list", "--failing"];
  const plan = ["automations", "pause", "--all", "--incident", "INC-1", "--dry-run"];
  const whole = /· 3 of 3 deployments$/;

  /** The first line that names the scope. */
  async function firstLine(argv: readonly string[], options: HermOptions, run: Run): Promise<string> {
    const { stdout, stderr } = await run(argv, { tty: true, ...options });
    const lines = (stdout + stderr).split("\n");
    return lines.find((line) => line.startsWith("only ") || whole.test(line)) ?? "";
  }

  type Run = Awaited<ReturnType<typeof start>>["run"];

  it.each<[how: string, prepare: (run: Run, home: string) => Promise<HermOptions>]>([
    [
      "deployments use",
      async (run) => {
        expect((await run(["deployments", "use", "Acme"])).code).toBe(0);
        return {};
      },
    ],
    ["HERM_DEPLOYMENT", async () => ({ env: { HERM_DEPLOYMENT: "Acme" } })],
    [
      ".herm.json",
      async (_run, home) => {
        const cwd = join(home, "project");
        mkdirSync(cwd);
        writeFileSync(join(cwd, ".herm.json"), JSON.stringify({ deployment: "Acme" }));
        return { cwd };
      },
    ],
  ])("is narrowed by %s in lists and plans, not in status", async (_how, prepare) => {
    const { run, home } = await start();
    const options = await prepare(run, home);
    expect(await firstLine(["status"], options, run)).toMatch(whole);
    expect(await firstLine(shown, options, run)).toBe(`${ofAcme} not shown`);
    expect(await firstLine(plan, options, run)).toBe(`${ofAcme} go on`);
  });

  it("is narrowed by -d everywhere, and by default status covers all", async () => {
    const { run } = await start();
    expect(await firstLine(["status"], {}, run)).toMatch(whole);
    expect(await firstLine(["status", "-d", "Acme"], {}, run)).toBe(`${ofAcme} not shown`);
    expect(await firstLine([...shown, "-d", "Acme"], {}, run)).toBe(`${ofAcme} not shown`);
    expect(await firstLine([...plan, "-d", "Acme"], {}, run)).toBe(`${ofAcme} go on`);
  });
});
