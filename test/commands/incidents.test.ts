import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import type { EmbedOptions } from "../../src/dev-server/embed.js";
import { InterruptedError, interruptions } from "../../src/errors/cli-errors.js";
import {
  addAutomation,
  addDeployment,
  addFault,
  call,
  enabledNames,
  requestCounts,
  setEnabled,
} from "../incident/fleet.js";
import { addMany, differences, ledgerOf } from "../incident/interruption.js";
import { withoutUpdatedAt } from "../incident/without-updated-at.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

type Server = Awaited<ReturnType<typeof startServer>>;

/** A fleet with its own home. */
async function start(count = 0, options: EmbedOptions = {}) {
  const server = await startServer(options);
  if (count > 0) await addMany(server, count);
  const home = temporaryFolder();
  const run = (words: string, options: HermOptions = {}) =>
    herm(words.split(" "), { server, home, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
  return { server, home, run };
}

/** In a later year than any test runs in, because a clock never goes backwards. */
const halfPast = new Date("2099-01-05T12:30:10Z");
const pauseAll = "automations pause --all --incident INC-1 --yes";
const resumeAll = "automations resume --incident INC-1 --yes";
const rowsOf = (stdout: string): { name: string; result: string; reason?: string; error?: string }[] =>
  JSON.parse(stdout);
const resultsOf = (stdout: string) =>
  Object.fromEntries(rowsOf(stdout).map(({ name, result }) => [name, result]));
const reasonsOf = (stdout: string) =>
  Object.fromEntries(rowsOf(stdout).map(({ name, reason }) => [name, reason]));
const ledgerFolder = (home: string) => join(home, ".local", "share", "herm", "history", "incidents");

async function patches(server: Server): Promise<number> {
  return (await requestCounts(server)).PATCH ?? 0;
}

describe("an incident from its pause to its end", () => {
  it("resumes exactly its unchanged automations, and proves it", async () => {
    const { server, home, run } = await start();
    const ids = new Map<string, string>();
    for (const name of ["a", "b", "c", "d", "e"]) ids.set(name, await addAutomation(server, { name }));
    for (const name of ["p", "q"]) await addAutomation(server, { name, enabled: false });

    const paused = await run(`${pauseAll} --reason bad-model --json`);
    expect(paused.code).toBe(0);
    expect(resultsOf(paused.stdout)).toEqual({
      a: "paused",
      b: "paused",
      c: "paused",
      d: "paused",
      e: "paused",
      p: "unchanged",
      q: "unchanged",
    });
    expect(await enabledNames(server)).toEqual([]);
    expect(await differences(ledgerOf(home, "INC-1"), server)).toEqual([]);
    const proof = await run("incidents show INC-1");
    expect(proof.code).toBe(0);
    expect(proof.stderr).toMatch(
      /^default · 127\.0\.0\.1 · key …\S+ · 1 of 1 deployment\nchecked \S+T\S+Z · 7 of 7 paused · 0 enabled · 0 runs still going\neverything is paused; to resume it: herm automations resume --incident INC-1\nto hand this over, send \S+; the other person runs: herm incidents import <file>\n$/,
    );

    await run(`automations resume ${ids.get("b")} --yes`);
    await run(`automations pause ${ids.get("b")}`);
    await setEnabled(server, ids.get("c") ?? "", true);
    await setEnabled(server, ids.get("c") ?? "", false);
    await setEnabled(server, ids.get("d") ?? "", true);

    const broken = await run("incidents show INC-1");
    expect(broken.code).toBe(8);
    expect(broken.stderr).toContain("6 of 7 paused · 1 enabled");

    const resumed = await run(`${resumeAll} --except e --json`);
    expect(resumed.code).toBe(8);
    expect(resultsOf(resumed.stdout)).toEqual({
      a: "resumed",
      b: "skipped",
      c: "skipped",
      d: "skipped",
      e: "skipped",
    });
    expect(reasonsOf(resumed.stdout)).toMatchObject({
      b: expect.stringMatching(/^changed since: pause at \S+Z by \S+@\S+$/),
      c: expect.stringMatching(/^changed elsewhere, \S+Z$/),
      d: expect.stringMatching(/^already enabled again, changed elsewhere, \S+Z$/),
      e: "excluded by --except",
    });
    expect(await enabledNames(server)).toEqual(["a", "d"]);
    expect(resumed.stderr).toContain("checked");
    expect(resumed.stderr).toContain(": 2 still paused\nincident INC-1 stays open\n");

    const rest = await run(`${resumeAll} --json`);
    expect(resultsOf(rest.stdout)).toMatchObject({
      a: "unchanged",
      e: "resumed",
      b: "skipped",
      c: "skipped",
    });
    expect(await enabledNames(server)).toEqual(["a", "d", "e"]);
  });

  it("closes once all automations are resumed, after which a resume changes none", async () => {
    const { server, run } = await start(3);
    await run(pauseAll);
    const resumed = await run(resumeAll);
    expect(resumed.stderr).toContain("incident INC-1 is closed: nothing is left to resume");
    expect(await enabledNames(server)).toEqual(["a0", "a1", "a2"]);
    const again = await run(`${resumeAll} --json`);
    expect(again.code).toBe(0);
    expect(resultsOf(again.stdout)).toEqual({ a0: "unchanged", a1: "unchanged", a2: "unchanged" });
    const shown = await run("incidents show INC-1");
    expect(shown.code).toBe(0);
    expect(shown.stderr).toMatch(/^incident INC-1 was closed at .* \(resumed\)\ndefault .*\nchecked /);
    const reused = await run(pauseAll);
    expect(reused).toMatchObject({ code: 6, stdout: "" });
    expect(await enabledNames(server)).toHaveLength(3);
  });

  it("continues unfinished work when rerun, and includes new automations", async () => {
    const { server, home, run } = await start(3);
    await run(pauseAll);
    const before = await patches(server);
    await addAutomation(server, { name: "new" });
    const shown = await run("incidents show INC-1 --json");
    expect(shown.code).toBe(8);
    expect(JSON.parse(shown.stdout)).toMatchObject({
      incident: "INC-1",
      enabled_now: 1,
      new_since: 1,
      items: expect.arrayContaining([
        expect.objectContaining({ name: "new", was_enabled: null, state: "enabled" }),
        expect.objectContaining({ name: "purpose", was_enabled: false, state: "paused before" }),
      ]),
    });
    const again = await run(`${pauseAll} --json`);
    expect(resultsOf(again.stdout)).toMatchObject({ a0: "unchanged", new: "paused", purpose: "unchanged" });
    expect((await patches(server)) - before).toBe(1);
    expect(ledgerOf(home, "INC-1")?.scopes).toHaveLength(1);
    expect((await run("incidents show INC-1")).code).toBe(0);
    await run(resumeAll);
    expect(await enabledNames(server)).toEqual(["a0", "a1", "a2", "new"]);
  });

  it("grows with another pause, and proves all of its scope", async () => {
    const { server, home, run } = await start(2);
    const second = await addDeployment(server, { name: "Second" });
    await addAutomation(server, { name: "b", deployment: second });
    await run("automations pause --match a0 --incident INC-1 --yes");
    await addAutomation(server, { name: "a0 too" });
    expect((await run("incidents show INC-1")).code).toBe(0);
    await run(`automations pause --all -d ${second} --incident inc-1 --yes`);
    await run("automations pause --match a* --incident INC-1 --yes");
    const scopes = ledgerOf(home, "INC-1")?.scopes.map(({ scope: _scope, at: _at, ...scope }) => scope);
    expect(scopes).toEqual([
      { deployments: ["dep_local"], match: "a0", except: [] },
      { deployments: [second], except: [] },
      { deployments: ["dep_local"], match: "a*", except: [] },
    ]);
    await addAutomation(server, { name: "c", deployment: second });
    const shown = await run("incidents show INC-1 --json");
    expect(shown.code).toBe(8);
    expect(JSON.parse(shown.stdout)).toMatchObject({ enabled_now: 1, new_since: 1 });
    expect(await enabledNames(server, ["dep_local", second])).toEqual(["c"]);
  });

  it("has a generated name by default, and explains how to continue with it", async () => {
    const { home, run } = await start(1);
    const now = new Date("2026-01-05T03:15:02Z");
    const paused = await run("automations pause --all --yes", { now });
    expect(paused.stderr).toContain(
      "to check that all are still paused: herm incidents show 20260105-031502",
    );
    expect(paused.stderr).toContain("to resume them: herm automations resume --incident 20260105-031502\n");
    const again = await run("automations pause --all --yes", { now });
    expect(again.stderr).toContain("nothing to pause");
    expect(again.stderr).not.toContain("undo:");
    expect(readdirSync(ledgerFolder(home))).toEqual(["20260105-031502.jsonl"]);
  });
});

describe("the pause of a selection", () => {
  it("shows the plan, asks with a count, and changes nothing after a no", async () => {
    const { server, home, run } = await start(2, { now: () => halfPast.getTime() });
    await addAutomation(server, { name: "soon", schedule: "* * * * *" });
    await expect(run("automations pause --all", { answers: [], columns: 100 })).resolves.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nobody answered the question "Pause 3 automations in 1 deployment?"'),
    });
    const declined = await run("automations pause --all --incident INC-1", {
      answers: [false],
      columns: 100,
      now: halfPast,
    });
    expect(declined).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("nothing changed"),
    });
    expect(declined.stderr).toContain("default · 127.0.0.1 · key …");
    expect(declined.stderr).toContain(" · 1 of 1 deployment\nincident INC-1 (new)\n");
    expect(declined.stderr).toContain(
      "3 automations to pause in 1 deployment · 1 already paused · runs a day: 1,440 → 0\n",
    );
    expect(declined.stderr).toMatch(/\n1 automation would run within the hour, in \d+ s: soon\n/);
    expect(await enabledNames(server)).toHaveLength(3);
    expect(existsSync(ledgerFolder(home)) ? readdirSync(ledgerFolder(home)) : []).toEqual([]);
  });

  it("needs --yes if herm can't ask, before any change", async () => {
    const { server, run } = await start(1);
    const before = await requestCounts(server);
    for (const words of ["pause --all", "pause --match *"]) {
      const refused = await run(`automations ${words}`);
      expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--yes") });
    }
    expect(await requestCounts(server)).toEqual(before);
    await run(pauseAll);
    const refused = await run("automations resume --incident INC-1");
    expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--yes") });
  });

  it("only reads under --dry-run, and writes no file", async () => {
    const { server, home, run } = await start(2);
    const before = await patches(server);
    const planned = await run("automations pause --all --incident INC-1 --dry-run --json");
    expect(planned.code).toBe(0);
    expect(resultsOf(planned.stdout)).toEqual({ a0: "planned", a1: "planned", purpose: "unchanged" });
    const one = await run("automations pause a0 --dry-run --json");
    expect(JSON.parse(one.stdout)).toMatchObject({ name: "a0", result: "planned" });
    expect(await patches(server)).toBe(before);
    expect(existsSync(ledgerFolder(home))).toBe(false);
  });

  it("creates no incident if there are no automations to pause, and says so", async () => {
    const { server, home, run } = await start();
    expect(await run(`${pauseAll} --json`)).toMatchObject({ code: 0, stdout: "[]\n" });
    await addAutomation(server, { name: "off", enabled: false });
    const paused = await run(pauseAll, { tty: true });
    expect(paused).toMatchObject({ code: 0, stdout: "" });
    expect(paused.stderr).toMatch(/^\P{C}*nothing to pause · 1 already paused\n$/u);
    expect(existsSync(ledgerFolder(home)) ? readdirSync(ledgerFolder(home)) : []).toEqual([]);
  });

  it("pauses the soonest first, and checks for enabled automations afterwards", async () => {
    const { server, run } = await start(0, { now: () => halfPast.getTime() });
    await addAutomation(server, { name: "late", schedule: "0 0 1 1 *" });
    await addAutomation(server, { name: "soon", schedule: "* * * * *" });
    await addAutomation(server, { name: "hour", schedule: "0 * * * *" });
    const ids: string[] = [];
    const fetch: FetchLike = async (url, init) => {
      if (init.method === "PATCH") ids.push(url.split("/").at(-1) ?? "");
      return fetchFrom(server)(url, init);
    };
    const paused = await run(`${pauseAll} --json --concurrency 1`, { fetch });
    const named = new Map(
      JSON.parse(paused.stdout).map((row: { automation_id: string; name: string }) => [
        row.automation_id,
        row.name,
      ]),
    );
    const order = ids.map((id) => named.get(id));
    expect(order.at(-1)).toBe("late");
    expect(order[0]).toBe("soon");
  });

  it("counts automations deleted after the plan as deleted", async () => {
    const { server, run } = await start(2);
    const fetch: FetchLike = async (url, init) => {
      const path = new URL(url).pathname;
      if (init.method === "PATCH" && (await patches(server)) === 0) await call(server, "DELETE", path);
      return fetchFrom(server)(url, init);
    };
    const { code, stdout, stderr } = await run(`${pauseAll} --concurrency 1`, { fetch });
    expect({ code, results: stdout.split("\n").map((row) => row.split("\t")[1]) }).toEqual({
      code: 0,
      results: expect.arrayContaining(["deleted", "paused"]),
    });
    expect(stderr).toContain("\n1 paused · 1 already paused · 1 deleted · checked ");
  });

  it("lists automations that are enabled again, and exits with 8", async () => {
    const { server, run } = await start(2);
    const fetch: FetchLike = async (url, init) => {
      const answer = await fetchFrom(server)(url, init);
      if (init.method === "PATCH" && (await enabledNames(server)).length === 0) {
        await setEnabled(server, url.split("/").at(-1) ?? "", true);
        await addAutomation(server, { name: "brand new" });
      }
      return answer;
    };
    const paused = await run(`${pauseAll} --json`, { fetch });
    expect(paused.code).toBe(8);
    expect(rowsOf(paused.stdout)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ result: "failed", error: "enabled again when checked" }),
        expect.objectContaining({
          name: "brand new",
          result: "failed",
          error: "enabled since the plan was made",
        }),
      ]),
    );
    expect(JSON.parse(paused.stderr.trim().split("\n").at(-1) ?? "")).toMatchObject({
      error: {
        code: "partial_failure",
        hint: "to finish it: herm automations pause --all --incident INC-1 --yes",
      },
    });
    expect((await run(pauseAll)).code).toBe(0);
    expect(await enabledNames(server)).toEqual([]);
  });

  it("accepts --match, --except, --customer, several -d and references", async () => {
    const { server, run } = await start();
    const second = await addDeployment(server, { name: "Second", customer: "cus_2" });
    const third = await addDeployment(server, { name: "Third", customer: "cus_2" });
    const everywhere = ["dep_local", second, third];
    for (const deployment of everywhere)
      for (const name of ["Weekly", "Daily"]) await addAutomation(server, { name, deployment });
    const paused = async (words: string) => {
      const { code, stdout } = await run(`automations pause ${words} --dry-run --json`);
      expect(code).toBe(0);
      const rows: { deployment_id: string; customer_id?: string; name: string; result: string }[] =
        JSON.parse(stdout);
      return rows.map(({ deployment_id, name }) => `${everywhere.indexOf(deployment_id)} ${name}`).sort();
    };
    expect(await paused("--all-deployments --match W*")).toEqual(["0 Weekly", "1 Weekly", "2 Weekly"]);
    expect(await paused(`--all-deployments --match W* --except ${second}`)).toEqual(["0 Weekly", "2 Weekly"]);
    expect(await paused("--customer cus_2 --except Daily")).toEqual(["1 Weekly", "2 Weekly"]);
    expect(await paused("--all-deployments --except cus_2")).toEqual(["0 Daily", "0 Weekly"]);
    expect(await paused(`-d Third -d ${second} --all`)).toEqual([
      "1 Daily",
      "1 Weekly",
      "2 Daily",
      "2 Weekly",
    ]);
    expect(await paused("Weekly --all-deployments")).toEqual(["0 Weekly", "1 Weekly", "2 Weekly"]);
    expect(await paused("--all")).toEqual(["0 Daily", "0 Weekly"]);
    const both = await run(`automations pause Weekly -d Third -d ${second} --json`);
    expect(rowsOf(both.stdout).map(({ result }) => result)).toEqual(["paused", "paused"]);
    expect(await enabledNames(server, everywhere)).toEqual(["Daily", "Daily", "Daily", "Weekly"]);
  });

  it.each([
    ["--match nothing*", '--match "nothing*" matches no automation'],
    ["--all --except nothing*", '--except "nothing*" matches nothing in the selection'],
    ["--all --except auto_gone", '--except "auto_gone" matches nothing'],
    ["--all --except dep_gone", '--except "dep_gone" matches nothing'],
    ["--customer cus_gone", "customer cus_gone has no deployments"],
    ["--all -d dep_gone", "no deployment dep_gone"],
    ["gone --all-deployments", 'no automation "gone" in the selection'],
  ])("exits with 4 for %s, without writing a file", async (words, message) => {
    const { server, home, run } = await start(1);
    const before = await patches(server);
    const refused = await run(`automations pause ${words} --incident INC-1 --yes`);
    expect(refused).toMatchObject({ code: 4, stdout: "" });
    expect(refused.stderr).toContain(message);
    expect(existsSync(ledgerFolder(home)) ? readdirSync(ledgerFolder(home)) : []).toEqual([]);
    expect(await patches(server)).toBe(before);
  });

  it.each([
    ["pause --all-deployments -d dep_local --yes", "-d and --all-deployments can't be used together"],
    ["pause --all --yes --incident ../../x", `"../../x" isn't a valid incident name`],
    ["pause a0 --tell x", "--tell needs a selection or an incident"],
    ["pause --all --yes --incident=", "--incident is empty"],
    ["pause --all --yes --concurrency 0", "--concurrency must be a whole number, 1 or more"],
    ["pause", "no automation given"],
    ["resume --all-deployments --yes", "resuming a selection needs --incident"],
    ["resume --match a* --yes", "resuming a selection needs --incident"],
    ["resume --incident ../../x --yes", `"../../x" isn't a valid incident name`],
  ])("rejects %s", async (words, message) => {
    const { server, run } = await start(1);
    const refused = await run(`automations ${words}`);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain(message);
    expect(await enabledNames(server)).toEqual(["a0"]);
  });

  it("tries a deployment that isn't ready, reports it, and exits with 8", async () => {
    const { server, run } = await start(1);
    const provisioning = await addDeployment(server, { name: "Not ready", isProvisioning: true });
    const paused = await run("automations pause --all-deployments --incident INC-1 --yes --json");
    expect(paused.code).toBe(8);
    expect(rowsOf(paused.stdout)).toContainEqual({
      deployment_id: provisioning,
      automation_id: null,
      name: null,
      result: "failed",
      error: "the deployment is still provisioning",
      customer_id: "cus_1",
      deployment_name: "Not ready",
    });
    expect(paused.stderr).toMatch(/ · 1 deployment not read · checked \S+: 0 enabled among those read\n/);
    expect(await enabledNames(server)).toEqual([]);
    const shown = await run("incidents show INC-1 --json");
    expect(shown.code).toBe(8);
    expect(JSON.parse(shown.stdout)).toMatchObject({ enabled_now: 0, unreadable: [provisioning] });
    const told = (await run("incidents show INC-1")).stderr;
    expect(told).toMatch(/ · at least 2 paused · 0 enabled · .* · 1 deployment not checked\n/);
    expect(told).not.toContain(" of 2 paused");
  });

  it("sends a single PATCH if it lacks permission, and exits with 3", async () => {
    const { server, run } = await start(5);
    await addFault(server, { method: "PATCH", count: null, action: { type: "fail", status: 403 } });
    const before = await patches(server);
    const paused = await run(`${pauseAll} --json`);
    expect(paused.code).toBe(3);
    expect((await patches(server)) - before).toBe(1);
    expect(
      rowsOf(paused.stdout)
        .map(({ result }) => result)
        .sort(),
    ).toEqual(["failed", ...Array(4).fill("not started"), "unchanged"]);
  });

  it("continues after failures, lists them, exits with 8, and finishes when rerun", async () => {
    const { server, home, run } = await start(4);
    await addFault(server, { method: "PATCH", skip: 1, count: 2, action: { type: "fail", status: 400 } });
    const paused = await run(`${pauseAll} --json`);
    expect(paused.code).toBe(8);
    const results = rowsOf(paused.stdout).map(({ result }) => result);
    expect(results.filter((result) => result === "failed")).toHaveLength(2);
    expect(await enabledNames(server)).toHaveLength(2);
    expect(await differences(ledgerOf(home, "INC-1"), server)).toEqual([]);
    const shown = JSON.parse((await run("incidents show INC-1 --json")).stdout);
    const states = shown.items.map((item: { state: string }) => item.state).sort();
    expect(states).toEqual(["failed", "failed", "paused", "paused", "paused before"]);
    expect((await run(pauseAll)).code).toBe(0);
    expect(await enabledNames(server)).toEqual([]);
  });

  it("checks open requests for their outcome", async () => {
    const { server, home, run } = await start(2);
    const [first] = JSON.parse((await run("automations list --enabled --json")).stdout);
    const path = `/v1/deployments/dep_local/automations/${first.automation_id}`;
    await addFault(server, { method: "PATCH", path, count: null, action: { type: "commit_then_cut" } });
    await addFault(server, { method: "GET", path, count: null, action: { type: "cut" } });
    const paused = await run(`${pauseAll} --json`);
    expect(paused.code).toBe(0);
    expect(reasonsOf(paused.stdout)[first.name]).toBe("confirmed by a check");
    expect(await differences(ledgerOf(home, "INC-1"), server)).toEqual([]);
  });

  it("exits with 12 if checks fail too, and corrects its ledger when rerun", async () => {
    const { server, home, run } = await start(1);
    const [first] = JSON.parse((await run("automations list --enabled --json")).stdout);
    const list = "/v1/deployments/dep_local/automations";
    const path = `${list}/${first.automation_id}`;
    await addFault(server, { method: "PATCH", path, count: null, action: { type: "commit_then_cut" } });
    await addFault(server, { method: "GET", path, count: null, action: { type: "cut" } });
    await addFault(server, { method: "GET", path: list, skip: 1, count: null, action: { type: "cut" } });
    const paused = await run(`${pauseAll} --json`);
    expect(paused.code).toBe(12);
    expect(rowsOf(paused.stdout)).toContainEqual(expect.objectContaining({ name: "a0", result: "unknown" }));
    expect(paused.stderr).toContain("; some may have been paused: run the same command again");
    expect(paused.stderr).not.toContain("1 unknown");
    await call(server, "DELETE", "/_dev/faults");
    const again = await run(`${pauseAll} --json`);
    expect(again.code).toBe(0);
    expect(await differences(ledgerOf(home, "INC-1"), server)).toEqual([]);
    await run(resumeAll);
    expect(await enabledNames(server)).toEqual(["a0"]);
  });

  it("accepts references without a question, and prints a single automation", async () => {
    const { server, home, run } = await start(3);
    const one = await run("automations pause a0 --incident INC-1 --json");
    expect(one.code).toBe(0);
    expect(JSON.parse(one.stdout)).toMatchObject({ name: "a0", enabled: false, deployment_id: "dep_local" });
    const again = await run("automations pause a0 --incident INC-1 --json");
    expect(JSON.parse(again.stdout)).toMatchObject({
      name: "a0",
      enabled: false,
      deployment_id: "dep_local",
    });
    await run("automations pause a1 a2 --incident INC-1");
    const ledger = [...(ledgerOf(home, "INC-1")?.items.values() ?? [])];
    expect(ledger.map(({ numbers }) => numbers.pause)).toEqual([1, 2, 3]);
    const back = await run("automations resume a1 --incident INC-1 --json");
    expect(JSON.parse(back.stdout)).toMatchObject({ name: "a1", enabled: true });
    expect(await enabledNames(server)).toEqual(["a1"]);
  });

  it("prints ids with -o name, rows with jsonl, only counts on a terminal", async () => {
    const { server, run } = await start(2);
    const second = await addDeployment(server, { name: "Second" });
    await addAutomation(server, { name: "b", deployment: second });
    const words = "automations pause --all-deployments --incident INC-1 --yes";
    const names = await run(`${words} -o name`);
    expect(names.stdout).toMatch(/^(dep_\w+\/auto_\w+\n){4}$/);
    const lines = await run(`${words} -o jsonl`);
    expect(lines.stdout.trim().split("\n")).toHaveLength(4);
    const screen = await run(words, { tty: true });
    expect(screen.stdout).toMatch(/^0 paused · 4 already paused · checked \S+: 0 enabled\n$/);
    const piped = await run(words);
    expect(piped.stdout.split("\n")[0]?.split("\t")).toHaveLength(5);
  });
});

describe("the automations skipped by a resume", () => {
  it("include one that ran by schedule after the pause, even without updated_at", async () => {
    const { server, run } = await start();
    const id = await addAutomation(server, { name: "fires", schedule: "* * * * *" });
    await addAutomation(server, { name: "rests", schedule: "0 0 1 1 *" });
    const fetch = withoutUpdatedAt(server);
    const paused = await run(pauseAll, { fetch });
    expect(paused.code).toBe(0);
    await setEnabled(server, id, true);
    await call(server, "POST", "/_dev/clock", { advance_s: 90 });
    await setEnabled(server, id, false);
    const resumed = await run(`${resumeAll} --json`, { fetch });
    expect(reasonsOf(resumed.stdout).fires).toMatch(/^a scheduled run started after the pause \(run_/);
    expect(resumed.stderr).toContain(
      "A change made elsewhere and reverted can't be seen: the API sends no updated_at.",
    );
    expect(await enabledNames(server)).toEqual(["rests"]);
  });

  it("include one that its incident released when someone else enabled it", async () => {
    const { server, run } = await start(1);
    const fetch = withoutUpdatedAt(server);
    const id = JSON.parse((await run("automations list --match a0 --json")).stdout)[0].automation_id;
    await run(pauseAll, { fetch });
    await addAutomation(server, { name: "keeps it open" });
    await run(pauseAll, { fetch });
    await setEnabled(server, id, true);
    await run("automations resume a0 --incident INC-1", { fetch });
    await setEnabled(server, id, false);
    const resumed = await run(`${resumeAll} --json`, { fetch });
    expect(resultsOf(resumed.stdout)).toMatchObject({ a0: "skipped", "keeps it open": "resumed" });
    expect(await enabledNames(server)).toEqual(["keeps it open"]);
  });

  it("are rejected by name or selector, with exit code 4, if outside the incident", async () => {
    const { server, run } = await start(1);
    await addAutomation(server, { name: "other" });
    await run("automations pause a0 --incident INC-1");
    for (const words of ["--match other", "--except other", "other"]) {
      const refused = await run(`automations resume ${words} --incident INC-1 --yes`);
      expect(refused).toMatchObject({ code: 4, stdout: "" });
    }
    expect(await enabledNames(server)).toEqual(["other"]);
  });
});

describe("a partly failed resume", () => {
  it("continues after failures, stays open, and finishes when rerun", async () => {
    const { server, run } = await start(3);
    const second = await addDeployment(server, { name: "Second" });
    await addAutomation(server, { name: "b", deployment: second });
    await run("automations pause --all-deployments --incident INC-1 --yes");
    const list = `/v1/deployments/${second}/automations`;
    await addFault(server, { method: "GET", path: list, count: null, action: { type: "fail", status: 400 } });
    await addFault(server, { method: "PATCH", skip: 1, count: 1, action: { type: "fail", status: 400 } });
    const resumed = await run(`${resumeAll} --json`);
    expect(resumed.code).toBe(8);
    const results = rowsOf(resumed.stdout).map(({ result }) => result);
    expect(results.sort()).toEqual(["failed", "failed", "resumed", "resumed"]);
    expect(resumed.stderr).toContain(": 1 still paused, 1 unknown\nincident INC-1 stays open\n");
    await call(server, "DELETE", "/_dev/faults");
    const again = await run(resumeAll);
    expect(again.code).toBe(0);
    expect(again.stderr).toContain("incident INC-1 is closed");
    expect(await enabledNames(server, ["dep_local", second])).toEqual(["a0", "a1", "a2", "b"]);
  });

  it("sends a single PATCH if it lacks permission, and exits with 3", async () => {
    const { server, run } = await start(4);
    await run(pauseAll);
    await addFault(server, { method: "PATCH", count: null, action: { type: "fail", status: 401 } });
    const before = await patches(server);
    expect((await run(resumeAll)).code).toBe(3);
    expect((await patches(server)) - before).toBe(1);
  });
});

describe("HERM_FREEZE", () => {
  it("prevents an incident's resume, but allows a dry run", async () => {
    const { server, run } = await start(1);
    await run(pauseAll);
    const env = { HERM_FREEZE: "INC-7: ask #ops" };
    expect(await run(resumeAll, { env })).toMatchObject({
      code: 6,
      stdout: "",
      stderr: expect.stringContaining("INC-7: ask #ops"),
    });
    expect(await enabledNames(server)).toEqual([]);
    const planned = await run("automations resume --incident INC-1 --dry-run --json", { env });
    expect(planned.code).toBe(0);
    expect(
      (
        await run("automations pause --all --incident INC-1 --yes", {
          env: { ...env, HERM_DEPLOYMENT: "dep_local" },
        })
      ).code,
    ).toBe(0);
  });
});

describe("two incidents", () => {
  it("keep their own automations, and the newer incident gets any automation enabled since", async () => {
    const { server, run } = await start(3);
    const id = JSON.parse((await run("automations list --match a0 --json")).stdout)[0].automation_id;
    await run(pauseAll);
    await setEnabled(server, id, true);
    const second = await run("automations pause --all --incident INC-2 --yes --json");
    expect(resultsOf(second.stdout)).toEqual({
      a0: "paused",
      a1: "skipped",
      a2: "skipped",
      purpose: "unchanged",
    });
    expect(reasonsOf(second.stdout).a1).toBe("paused by incident INC-1");
    const list = await run("automations list");
    expect(list.stdout).toMatch(/a0\t.*\tpaused,held by INC-2\t/);
    expect(list.stdout).toMatch(/a1\t.*\tpaused,held by INC-1\t/);
    expect(list.stdout).toMatch(/purpose\t.*\tpaused\t/);
    const got = await run("automations get a1", { tty: true });
    expect(got.stdout).toContain("paused · held by INC-1");
    const first = await run(`${resumeAll} --json`);
    expect(resultsOf(first.stdout)).toEqual({ a0: "skipped", a1: "resumed", a2: "resumed" });
    expect(await enabledNames(server)).toEqual(["a1", "a2"]);
    await run("automations resume --incident INC-2 --yes");
    expect(await enabledNames(server)).toEqual(["a0", "a1", "a2"]);
    expect((await run("automations list")).stdout).not.toContain("held by");
  });
});

describe("incidents list, show, close and import", () => {
  it("list paused automations by deployment, within the terminal's width", async () => {
    const { server, run } = await start(1);
    const second = await addDeployment(server, { name: "Second" });
    for (const name of ["b", "keep"]) await addAutomation(server, { name, deployment: second });
    await run("automations pause --all-deployments --incident INC-1 --yes");
    const terminal = { tty: true, columns: 60 };
    const all = await run("incidents show INC-1", terminal);
    expect(all.stdout).not.toContain("NAME");
    const resumed = await run(`${resumeAll} --except keep`, terminal);
    expect(resumed.stdout).toMatch(
      /^NAME .*\nb +resumed +Second\na0 +resumed +Local\n2 resumed · 1 skipped · checked \d\d:\d\d:\d\d: 1 still paused\n$/,
    );
    expect(resumed.stderr).toContain(
      "incident INC-1 stays open\nto resume the rest: herm automations resume --incident INC-1\n",
    );
    const shown = await run("incidents show INC-1", terminal);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/ · 2 resumed\n {2}0 runs still going\n/);
    expect(shown.stdout).toMatch(/\nNAME +STATE +DEPLOYMENT\nkeep +paused +Second\nchecked /);
    const planned = await run(`automations resume --incident INC-1 --except keep --dry-run`, terminal);
    expect(planned.stdout.match(/keep/g)).toHaveLength(1);
    expect(planned.stdout).toContain("nothing to resume · 2 already resumed · 1 skipped\n");
  });

  it("include a new deployment while watching", async () => {
    const { server, run } = await start(1);
    await run("automations pause --all-deployments --incident INC-1 --yes");
    const controller = new AbortController();
    const sleep = async (_ms: number, signal?: AbortSignal) => {
      const counts = await requestCounts(server);
      if ((counts.POST ?? 0) > 2) controller.abort(new InterruptedError());
      const deployment = await addDeployment(server, { name: "Later" });
      await addAutomation(server, { name: "new", deployment });
      signal?.throwIfAborted();
    };
    const watched = await run("incidents show INC-1 --watch", { sleep, signal: controller.signal });
    expect(watched.code).toBe(130);
    expect(watched.stdout).toMatch(/^all paused\t.*\nnot all paused\t.* 1 enabled · 1 new · .*\n$/);
  });

  it("list incidents, and warn about unreadable ledgers", async () => {
    const { home, run } = await start(2);
    expect(await run("incidents list --json")).toMatchObject({ code: 0, stdout: "[]\n" });
    await run(`${pauseAll} --reason why`);
    const list = JSON.parse((await run("incidents list --json")).stdout);
    expect(list).toEqual([
      {
        incident: "INC-1",
        reason: "why",
        created_at: expect.any(String),
        scope: [{ deployments: ["dep_local"], except: [] }],
        closed_at: null,
        items: 3,
        paused: 2,
        ledger: join(ledgerFolder(home), "inc-1.jsonl"),
      },
    ]);
    expect((await run("incidents list -o name")).stdout).toBe("INC-1\n");
    expect((await run("incidents list", { tty: true })).stdout).toMatch(/^INCIDENT +STATE +PAUSED +AGO/);
  });

  it("distinguish earlier pauses from the incident's own, in every format", async () => {
    const { run } = await start(1);
    await run(pauseAll);
    const statesOf = (text: string) => text.match(/\bpaused( before)?(?=[\t"])/g)?.sort();
    for (const words of ["", " --offline", " --json", " -o jsonl"]) {
      expect(statesOf((await run(`incidents show INC-1${words}`)).stdout)).toEqual([
        "paused",
        "paused before",
      ]);
    }
    const screen = await run("incidents show INC-1", { tty: true });
    expect(screen.stdout).toContain("2 of 2 paused");
    expect(screen.stdout).not.toContain("purpose");
  });

  it("show the ledger offline, without a request", async () => {
    const { server, run } = await start(1);
    await run(pauseAll);
    const before = await requestCounts(server);
    const shown = await run("incidents show INC-1 --offline --json");
    expect(shown.code).toBe(0);
    expect(JSON.parse(shown.stdout)).toMatchObject({
      checked_at: null,
      enabled_now: null,
      items: [
        { name: "a0", state: "paused" },
        { name: "purpose", was_enabled: false, state: "paused before" },
      ],
    });
    expect(await requestCounts(server)).toEqual(before);
  });

  it("watch until Ctrl-C, print one line per refresh in a pipe, and survive failures", async () => {
    const { server, run } = await start(1);
    await run(pauseAll);
    const controller = new AbortController();
    let looks = 0;
    const sleep = async (_ms: number, signal?: AbortSignal) => {
      looks += 1;
      if (looks === 1) await addAutomation(server, { name: "new" });
      if (looks === 2)
        await addFault(server, {
          method: "GET",
          path: "/v1/deployments/**",
          count: 1,
          action: { type: "fail", status: 404 },
        });
      if (looks === 3) controller.abort(new InterruptedError());
      signal?.throwIfAborted();
    };
    const watched = await run("incidents show INC-1 --watch", { sleep, signal: controller.signal });
    expect(watched.code).toBe(130);
    const lines = watched.stdout
      .trim()
      .split("\n")
      .map((line) => line.split("\t")[0]);
    expect(lines).toEqual(["all paused", "not all paused", "not all paused"]);
    const onScreen = new AbortController();
    const fault = { type: "fail", status: 400 };
    const redrawn = await run("incidents show INC-1 --watch", {
      tty: true,
      signal: onScreen.signal,
      sleep: async () => {
        if (looks === 4) onScreen.abort(new InterruptedError());
        looks += 1;
        await addFault(server, { method: "GET", path: "/v1/deployments", count: 1, action: fault });
        onScreen.signal.throwIfAborted();
      },
    });
    expect(redrawn.stdout).toContain("this check failed; the next is in 5 s: ");
    expect(redrawn.stderr).not.toContain("this check failed");
    const refused = await run("incidents show INC-1 --watch --json");
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("-o jsonl") });
  });

  it("list known incidents for an unknown name, and ask if no name is given", async () => {
    const { run } = await start(1);
    const elsewhere =
      "for an incident started elsewhere, pass --ledger <file> to pause or resume, or import its ledger: herm incidents import <file>\n";
    const refused = "error: no incident to show: no incidents are open here\nhint: ";
    expect(await run("incidents show")).toMatchObject({
      code: 2,
      stderr: `${refused}to see closed ones: herm incidents list; ${elsewhere}`,
    });
    expect(await run("incidents show INC-9")).toMatchObject({
      code: 4,
      stderr: `error: no incident named INC-9\nhint: there are none here; ${elsewhere}`,
    });
    expect((await run("incidents list")).stderr).toMatch(
      new RegExp(`^no incidents here\\. .*\n {2}herm .*\n${elsewhere}$`),
    );
    await run(pauseAll);
    for (const words of [
      "incidents show INC-9",
      "incidents close INC-9",
      "automations resume --incident INC-9 --yes",
    ]) {
      expect(await run(words)).toMatchObject({
        code: 4,
        stdout: "",
        stderr: expect.stringContaining(`no incident named INC-9\nhint: known here: INC-1; ${elsewhere}`),
      });
    }
    expect((await run("incidents show")).code).toBe(0);
    await addSecond(run);
    expect(await run("incidents show")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("open here: INC-2, INC-1"),
    });
    expect((await run("incidents show", { answers: ["INC-1"] })).stdout).toContain("incident INC-1");
  });

  async function addSecond(run: (words: string) => Promise<unknown>): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 2));
    await run("automations create --name second --schedule @daily --instructions Do.");
    await run("automations pause --all --incident INC-2 --yes");
  }

  it("close by hand, list paused automations, and never resume them", async () => {
    const { server, run } = await start(1);
    await run(pauseAll);
    const closed = await run("incidents close INC-1 --yes");
    expect(closed).toMatchObject({ code: 0, stdout: "INC-1\tclosed\n" });
    expect(closed.stderr).toContain(":\n  a0\n");
    expect((await run("incidents close INC-1")).stderr).toContain("incident INC-1 is already closed");
    // There is nothing new to report.
    expect((await run("incidents close INC-1", { tty: true })).stdout).toBe("");
    expect(await run(resumeAll)).toMatchObject({ code: 6, stdout: "" });
    expect(await enabledNames(server)).toEqual([]);
  });

  it("ask with a count before closing, and leave the incident open after a no", async () => {
    const { home, run } = await start(2);
    await run(pauseAll);
    const question = 'the question "Close INC-1? Its 2 automations will stay paused."';
    expect(await run("incidents close INC-1", { answers: [], columns: 100 })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(question),
    });
    const declined = await run("incidents close INC-1", { answers: [false] });
    expect(declined).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing changed") });
    expect(ledgerOf(home, "INC-1")?.closed).toBeUndefined();
    expect((await run("incidents close INC-1 --yes", { answers: [] })).code).toBe(0);
    expect(ledgerOf(home, "INC-1")?.closed).toMatchObject({ why: "given up" });
  });

  it("close in a pipe only with --yes, unless all automations are resumed", async () => {
    const { home, run } = await start(1);
    await run(pauseAll);
    const refused = await run("incidents close INC-1");
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toBe(
      "error: closing an incident needs --yes when herm can't ask\n" +
        "hint: its 1 automation will stay paused; to resume: herm automations resume --incident INC-1\n",
    );
    expect(ledgerOf(home, "INC-1")?.closed).toBeUndefined();
    await run("automations resume a0 --yes");
    expect(await run("incidents close INC-1")).toMatchObject({ code: 0, stdout: "INC-1\tclosed\n" });
  });

  it("reopen an incident, resume its automations, and skip those that changed", async () => {
    const { server, run } = await start(3);
    await run(pauseAll);
    const closed = await run("incidents close INC-1 --yes");
    expect(closed.stderr).toContain("undo: herm incidents reopen INC-1\n");
    expect((await run("automations list")).stdout).not.toContain("held by");
    const refused = [await run(resumeAll), await run(pauseAll)];
    for (const each of refused) {
      expect(each).toMatchObject({ code: 6, stderr: expect.stringContaining("herm incidents reopen INC-1") });
    }
    await run("automations update a0 --instructions Other.");
    expect(await run("incidents reopen inc-1")).toMatchObject({ code: 0, stdout: "INC-1\treopened\n" });
    const again = await run("incidents reopen INC-1 --json");
    expect(again.stderr).toBe("incident INC-1 is already open\n");
    expect(JSON.parse(again.stdout)).toMatchObject({ incident: "INC-1", closed_at: null });
    expect((await run("incidents show INC-1")).stderr).not.toContain("closed");
    expect((await run("automations list")).stdout).toMatch(/a1\t.*held by INC-1/);
    const resumed = await run(`${resumeAll} --json`);
    expect(resultsOf(resumed.stdout)).toEqual({ a0: "skipped", a1: "resumed", a2: "resumed" });
    expect(await enabledNames(server)).toEqual(["a1", "a2"]);
  });

  it("reopen an incident that closed itself, and close it again", async () => {
    const { server, run } = await start(1);
    await run(pauseAll);
    await run(resumeAll);
    const reopened = await run("incidents reopen INC-1");
    expect(reopened).toMatchObject({ code: 0, stderr: expect.not.stringContaining("may still be paused") });
    expect((await run(pauseAll)).code).toBe(0);
    expect(await enabledNames(server)).toEqual([]);
    expect((await run(resumeAll)).stderr).toContain("incident INC-1 is closed");
    expect(await enabledNames(server)).toEqual(["a0"]);
  });

  it("report changes made while an incident was closed, if its ledger is shared", async () => {
    const { server, run } = await start(2);
    const path = join(temporaryFolder(), "shared.jsonl");
    const fetch = withoutUpdatedAt(server);
    const there = { home: temporaryFolder(), fetch };
    await run(`${pauseAll} --ledger ${path}`, { fetch });
    await run("incidents close INC-1 --yes");
    await run("automations update a0 --instructions Other.", { fetch });
    await run("incidents reopen INC-1");
    const planned = await run(`automations resume --ledger ${path} --dry-run --json`, there);
    expect(resultsOf(planned.stdout)).toEqual({ a0: "skipped", a1: "planned" });
  });

  it.each(["reopen INC-9", "reopen"])("reject %s", async (words) => {
    const { run } = await start(1);
    await run(pauseAll);
    const refused = await run(`incidents ${words}`);
    expect(refused).toMatchObject({ code: words === "reopen" ? 2 : 4, stdout: "" });
  });

  it("hand over an incident by its file, which is imported once and resumed there", async () => {
    const { server, home, run } = await start(2);
    await run(pauseAll);
    const path = join(ledgerFolder(home), "inc-1.jsonl");
    for (const shown of [await run("incidents show INC-1"), await run("incidents show INC-1 --offline")])
      expect(shown.stderr).toContain(
        `to hand this over, send ${path}; the other person runs: herm incidents import <file>`,
      );
    const there = { home: temporaryFolder() };
    const { user, host } = ledgerOf(home, "INC-1")?.head.by ?? {};
    expect(await run(`incidents import ${path}`, there)).toMatchObject({
      code: 0,
      stdout: "INC-1\timported\n",
      stderr: expect.stringContaining(
        `\n${user}@${host} started it: from now on, only one of you should resume it\n`,
      ),
    });
    expect(await run(`incidents import ${path}`, there)).toMatchObject({
      code: 0,
      stdout: "INC-1\tunchanged\n",
      stderr: expect.not.stringContaining("started it"),
    });
    expect((await run("incidents show INC-1", there)).code).toBe(0);
    const here = await run("automations resume a0 --incident INC-1", there);
    expect(here.stderr).toMatch(
      /^incident INC-1 stays open\nto resume the rest: herm automations resume --incident INC-1\n/m,
    );
    expect((await run("incidents show INC-1", there)).stderr).toContain(
      "\n1 of 2 paused; to resume: herm automations resume --incident INC-1\n",
    );
    const again = "enabled again elsewhere: did a colleague resume";
    expect(await run("incidents show INC-1")).toMatchObject({
      code: 8,
      stderr: expect.stringContaining(
        `\n1 ${again} it? to pause it: herm automations pause -d Local --all --incident INC-1\n`,
      ),
    });
    for (const name of ["n0", "n1"]) await addAutomation(server, { name });
    expect((await run("incidents show INC-1")).stderr).toContain(
      `\n2 enabled; 1 ${again} it? to pause them: herm automations pause -d Local --all --incident INC-1\n`,
    );
    await run("automations resume a1 --incident INC-1");
    expect(await run(`incidents import ${path}`, there)).toMatchObject({ code: 6, stdout: "" });
    expect(await enabledNames(server)).toEqual(["a0", "a1", "n0", "n1"]);
    expect(await run("incidents import /nowhere/x.jsonl", there)).toMatchObject({ code: 4 });
  });

  it.each([
    ["CRLFs", "", "\r\n"],
    ["a BOM", "\uFEFF", "\n"],
  ])("hand over an incident even if email added %s to its file", async (_what, bom, lineEnd) => {
    const { server, home, run } = await start(2);
    await run(pauseAll);
    const path = join(ledgerFolder(home), "inc-1.jsonl");
    const mailed = join(home, "mailed.jsonl");
    writeFileSync(mailed, bom + readFileSync(path, "utf8").replaceAll("\n", lineEnd));
    const there = { home: temporaryFolder() };
    for (const [copy, result] of [
      [mailed, "imported"],
      [mailed, "unchanged"],
      [path, "unchanged"],
    ])
      expect(await run(`incidents import ${copy}`, there)).toMatchObject({
        code: 0,
        stdout: `INC-1\t${result}\n`,
      });
    const ids = async (options: HermOptions) => (await run("history -o name", options)).stdout;
    expect(await ids(there)).toMatch(/^c_\w+\n$/);
    expect(await ids(there)).toBe(await ids({}));
    expect((await run("undo last --yes", there)).code).toBe(0);
    expect(await enabledNames(server)).toEqual(["a0", "a1"]);
  });
});

describe("two incidents with the same name", () => {
  /** Two people who have each paused one of two automations as INC-1. */
  async function paused() {
    const { server, home, run } = await start(2);
    const there = { home: temporaryFolder() };
    await run("automations pause a0 --incident INC-1");
    await run("automations pause a1 --incident INC-1", there);
    return { server, run, there, path: join(ledgerFolder(home), "inc-1.jsonl") };
  }

  it("can be handed over under a different name, and both can be resumed", async () => {
    const { server, run, there, path } = await paused();
    const refused = await run(`incidents import ${path}`, there);
    expect(refused).toMatchObject({ code: 6, stdout: "" });
    const way = `incidents import ${path} --as INC-1-2`;
    expect(refused.stderr).toContain(
      `incident INC-1 has diverged from the copy here\nhint: to keep both: herm ${way}\n`,
    );
    expect(await run(way, there)).toMatchObject({ code: 0, stdout: "INC-1-2\timported\n" });
    expect(await run(way, there)).toMatchObject({ code: 0, stdout: "INC-1-2\tunchanged\n" });
    // Later commands on the sent ledger arrive with its next copy.
    await run("automations pause a1 --incident INC-1");
    expect(await run(way, there)).toMatchObject({ code: 0, stdout: "INC-1-2\timported\n" });
    expect((await run("incidents show INC-1-2", there)).code).toBe(0);
    expect((await run("automations resume --incident INC-1-2 --yes", there)).code).toBe(0);
    expect(await enabledNames(server)).toEqual(["a0"]);
    expect((await run("automations resume --incident INC-1 --yes", there)).code).toBe(0);
    expect(await enabledNames(server)).toEqual(["a0", "a1"]);
  });

  it("cause the same name conflict with a shared ledger", async () => {
    const { server, run, there, path } = await paused();
    const refused = await run(`automations resume --ledger ${path} --yes`, there);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain(
      `hint: to use that one, leave out --ledger; to keep both: herm incidents import ${path} --as INC-1-2\n`,
    );
    expect(await enabledNames(server)).toEqual([]);
  });

  it.each([
    ["INC-1", 6],
    ["..", 2],
  ])("can't be imported as %s", async (name, code) => {
    const { run, there, path } = await paused();
    expect(await run(`incidents import ${path} --as ${name}`, there)).toMatchObject({ code, stdout: "" });
  });
});

describe("an unusable ledger", () => {
  it.each([
    ["a letter", () => "Dear all,\nplease resume.\n", "isn't a ledger"],
    [
      "damaged in the middle",
      (text: string) => text.replace('"item":1', '"item":1,"'),
      "is damaged on line 4",
    ],
    [
      "from another API",
      (text: string) => text.replace(/"store_id":"\w+"/, '"store_id":"store_other"'),
      "belongs to the local server's store store_other",
    ],
  ])("is rejected and left unchanged, before any change: %s", async (_, spoil, message) => {
    const { server, home, run } = await start(2);
    await run(pauseAll);
    const path = join(ledgerFolder(home), "inc-1.jsonl");
    const text = spoil(readFileSync(path, "utf8"));
    writeFileSync(path, text);
    const before = await patches(server);
    for (const words of [
      pauseAll,
      resumeAll,
      `automations resume --ledger ${path} --yes`,
      "incidents show INC-1",
    ]) {
      const refused = await run(words);
      expect(refused).toMatchObject({ code: 2, stdout: "" });
      expect(refused.stderr).toContain(message);
    }
    expect(await patches(server)).toBe(before);
    expect(readFileSync(path, "utf8")).toBe(text);
    const list = await run("automations list");
    expect(list.code).toBe(0);
  });

  it("may be a user's own file, whose mode stays, with no lock file added", async () => {
    const { run } = await start(1);
    const folder = temporaryFolder();
    const path = join(folder, "notes.txt");
    writeFileSync(path, "Dear all,\n", { mode: 0o644 });
    for (const words of [
      `automations pause --all --yes --ledger ${path}`,
      `automations resume --yes --ledger ${path}`,
      `incidents import ${path}`,
    ]) {
      expect(await run(words)).toMatchObject({ code: 2, stderr: expect.stringContaining("isn't a ledger") });
    }
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(readdirSync(folder)).toEqual(["notes.txt"]);
  });

  it("is reported by list, and by a pause that needs it", async () => {
    const { home, run } = await start(1);
    await run(pauseAll);
    writeFileSync(join(ledgerFolder(home), "inc-0.jsonl"), "nonsense\n");
    expect((await run("incidents list")).stderr).toMatch(
      /warning: incident inc-0 can't be read: .*isn't a ledger/,
    );
    const paused = await run("automations pause --all --incident INC-2 --yes");
    expect(paused.code).toBe(0);
    expect(paused.stderr).toContain(
      "warning: the ledger of incident inc-0 can't be read, so it is unknown which automations it holds",
    );
  });

  it("may belong to an API with a different origin", async () => {
    const { run, home } = await start(1);
    await run(pauseAll);
    const path = join(ledgerFolder(home), "inc-1.jsonl");
    writeFileSync(
      path,
      readFileSync(path, "utf8").replace(
        /"origin":"[^"]*","store_id":"\w+"/,
        '"origin":"https://api.prismagents.com"',
      ),
    );
    expect(await run(resumeAll)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        "belongs to https://api.prismagents.com, not to the local server's store",
      ),
    });
  });
});

describe("--ledger", () => {
  it("stores the ledger in the given private file, later found by name", async () => {
    const { server, home, run } = await start(2);
    const folder = temporaryFolder();
    const path = join(folder, "shared.jsonl");
    await run(`${pauseAll} --ledger ${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["shared.jsonl"]);
    expect(readdirSync(ledgerFolder(home))).toEqual(["inc-1.link"]);
    expect((await run("incidents show INC-1")).code).toBe(0);
    expect((await run("automations list")).stdout).toContain("held by INC-1");
    const there = { home: temporaryFolder() };
    expect(await run(`automations pause --all --ledger ${path} --incident INC-2 --yes`, there)).toMatchObject(
      {
        code: 2,
        stderr: expect.stringContaining("is the ledger of incident INC-1, not of INC-2"),
      },
    );
    const resumed = await run(`automations resume --ledger ${path} --yes --json`, there);
    expect(resultsOf(resumed.stdout)).toEqual({ a0: "resumed", a1: "resumed" });
    expect(await enabledNames(server)).toEqual(["a0", "a1"]);
    expect(await run(`automations resume --ledger ${folder}/gone.jsonl --yes`)).toMatchObject({ code: 4 });
    expect(readFileSync(path, "utf8").trimEnd().split("\n").at(-1)).toContain('"closed"');
  });
});

describe("a ledger shared by several data folders", () => {
  it("records, and skips, changes that each folder made outside the incident", async () => {
    const { server, home, run } = await start(4);
    const path = join(temporaryFolder(), "shared.jsonl");
    const there = { home: temporaryFolder() };
    const fetch = withoutUpdatedAt(server);
    await run(`automations pause a0 a1 a2 --incident INC-1 --ledger ${path}`, { fetch });
    await run(`automations pause a3 --incident INC-1 --ledger ${path}`, { ...there, fetch });
    await run("automations resume a0 --yes", { fetch });
    await run("automations pause a0", { fetch });
    await run("automations update a1 --instructions Other.", { ...there, fetch });
    for (const options of [
      { home, fetch },
      { ...there, fetch },
    ]) {
      const planned = await run(`automations resume --ledger ${path} --dry-run --json`, options);
      expect(resultsOf(planned.stdout)).toEqual({
        a0: "skipped",
        a1: "skipped",
        a2: "planned",
        a3: "planned",
      });
      expect(reasonsOf(planned.stdout)).toMatchObject({
        a0: expect.stringMatching(/^changed since: pause at \S+Z by \S+@\S+$/),
        a1: expect.stringMatching(/^edited at \S+Z by \S+@\S+$/),
      });
    }
  });
});

describe("an imported ledger", () => {
  it("doesn't hide local changes made between its pause and its import", async () => {
    const { server, home, run } = await start(2);
    const there = { home: temporaryFolder() };
    const fetch = withoutUpdatedAt(server);
    await run(pauseAll, { fetch });
    await run("automations update a0 --instructions Other.", { ...there, fetch });
    expect(await run(`incidents import ${join(ledgerFolder(home), "inc-1.jsonl")}`, there)).toMatchObject({
      code: 0,
    });
    const planned = await run("automations resume --incident INC-1 --dry-run --json", { ...there, fetch });
    expect(resultsOf(planned.stdout)).toEqual({ a0: "skipped", a1: "planned" });
  });
});

describe("--tell", () => {
  it("sends each current run exactly one message", async () => {
    const { server, run } = await start();
    const id = await addAutomation(server, { name: "slow", instructions: "@dev wait 100000" });
    await addAutomation(server, { name: "quick" });
    await call(server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
    const paused = await run(`${pauseAll} --tell=STOP`);
    expect(paused.code).toBe(0);
    expect(paused.stderr).toContain("1 run still going: slow\n");
    expect(paused.stderr).toContain("sent the message to 1 run\n");
    const again = await run(`${pauseAll} --tell=STOP`);
    expect(again.stderr).not.toContain("sent the message to 1 run");
    const detail = await call(server, "GET", `/v1/deployments/dep_local/automations/${id}`);
    const thread = await call(
      server,
      "GET",
      `/v1/deployments/dep_local/threads/${String(detail.body.thread_id)}`,
    );
    expect(JSON.stringify(thread.body).match(/"STOP"/g)).toHaveLength(1);
  });

  it.each(interruptions)("isn't repeated after %s during the check for its lost response", async (name) => {
    const { server, home, run } = await start();
    const id = await addAutomation(server, { name: "slow", instructions: "@dev wait 100000" });
    await call(server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
    const sent: string[] = [];
    const lossy: FetchLike = (url, init) => {
      if (init.method !== "POST") return fetchFrom(server)(url, init);
      sent.push(url);
      throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    };
    const interrupt = new AbortController();
    await run(`${pauseAll} --tell=STOP`, {
      fetch: lossy,
      signal: interrupt.signal,
      sleep: async (_ms, signal) => {
        if (sent.length > 0) interrupt.abort(new InterruptedError(name));
        signal?.throwIfAborted();
      },
    });
    expect([...(ledgerOf(home, "INC-1")?.messages.values() ?? [])]).toEqual(["unknown"]);
    expect((await run(`${pauseAll} --tell=STOP`, { fetch: lossy })).code).toBe(12);
    expect(sent).toHaveLength(1);
  });
});
