import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { addFault } from "../incident/fleet.js";
import { fetchFrom, herm, nobodyListens } from "../support/harness.js";
import { AuditWorld, type StartRow, toldStart, withoutField } from "./audit-world.js";

const since = ["--since", "36h"];

/** Rows in short form, by name. */
function short(stdout: string): Record<string, string> {
  const rows: StartRow[] = JSON.parse(stdout);
  return Object.fromEntries(rows.map((row) => [row.name, toldStart(row)]));
}

/** A day of downtime that the server doesn't make up for, after a day without problems, and 75 minutes. */
async function downtime(): Promise<AuditWorld> {
  const world = await AuditWorld.open("2026-03-02T00:30:00Z");
  await world.create("Hourly", "0 * * * *");
  await world.create("Six hours", "0 */6 * * *");
  await world.create("Evening", "0 18 * * *");
  await world.create("Asks", "0 */4 * * *", "@dev ask May I?");
  await world.create("Paused", "0 * * * *");
  await world.create("By hand", "0 */2 * * *");
  await world.passUntil("2026-03-02T20:30:00Z");
  await world.run(["pause", "Paused"]);
  await world.passUntil("2026-03-03T08:30:00Z");
  await world.rest(24 * 60, { isLost: true });
  await world.run(["trigger", "By hand", "--no-follow"]);
  await world.pass(75);
  return world;
}

const missed = "47 missed: 11 with no later run, 36 with a later run";

describe("automations catch-up", () => {
  it("starts one run per missed automation after a day's outage, but only once", async () => {
    const world = await downtime();
    const { code, stdout, stderr } = await world.run(["catch-up", ...since, "--yes", "--json"]);
    expect(code).toBe(0);
    expect(short(stdout)).toEqual({
      Evening: "started 1",
      "Six hours": "started 4",
      Hourly: "skipped 24 a run was started since",
      Asks: "skipped 6 a run is waiting for an answer",
      "By hand": "skipped 12 a run was started since",
    });
    expect(stderr).toContain(`${missed}\n2 automations to start in 1 deployment · 3 skipped`);
    const started = ["Six hours", "Evening", "By hand"];
    for (const name of started) expect([name, await world.startedByHand(name)]).toEqual([name, 1]);
    for (const name of ["Hourly", "Asks", "Paused"]) expect(await world.startedByHand(name)).toBe(0);
    await world.pass(10);
    const again = await world.run(["catch-up", ...since, "--yes", "--json"]);
    expect(short(again.stdout)).toMatchObject({
      "Six hours": "skipped 4 a run was started since",
      Evening: "skipped 1 a run was started since",
    });
    expect(again.stderr).toContain("47 missed: 6 with no later run, 41 with a later run\n");
    expect(await world.startedByHand("Evening")).toBe(1);
  });

  it("finds the same missed runs as audit, and describes them the same way", async () => {
    const world = await downtime();
    const audited = await world.run(["audit", ...since, "--json"]);
    const planned = await world.run(["catch-up", ...since, "--dry-run", "--json"]);
    for (const { stderr } of [audited, planned]) expect(stderr).toContain(`${missed}\n`);
    const rows: { name: string; result: string; reason?: string }[] = JSON.parse(audited.stdout);
    const count = (name: string, reason?: string) =>
      rows.filter((row) => row.name === name && row.result === "missed" && row.reason === reason).length;
    const starts: StartRow[] = JSON.parse(planned.stdout);
    for (const { name, missed: all, made_up: madeUp = 0 } of starts)
      expect([all, madeUp]).toEqual([count(name) + count(name, "made_up"), count(name, "made_up")]);
    expect(starts.map(({ name }) => name).toSorted()).toEqual([
      ...["Asks", "By hand", "Evening", "Hourly", "Six hours"],
    ]);
  });

  it("shows its plan, asks with a count, and prints the run ids", async () => {
    const world = await downtime();
    const planned = await world.run(["catch-up", ...since, "--dry-run"], { env: { HERM_FREEZE: "INC-1" } });
    expect(planned.code).toBe(0);
    expect(planned.stdout.split("\n")[0]).toMatch(/^Evening\tplanned\tauto_\w+\t$/);
    expect(await world.startedByHand("Evening")).toBe(0);
    const declined = await world.run(["catch-up", ...since], { answers: [false], columns: 100 });
    expect(declined.code).toBe(1);
    expect(declined.stderr).toContain("  start: Six hours: missed 4, the last due ");
    expect(declined.stderr).toMatch(/ {2}skipped: Asks: a run is waiting for an answer/);
    const done = await world.run(["catch-up", ...since, "--max", "1", "--yes"]);
    expect(done.stdout).toMatch(/^Evening\tstarted\tauto_\w+\trun_\w+\n/);
    expect(done.stdout).toMatch(/^Six hours\tskipped\tauto_\w+\tover --max$/m);
    const named = await world.run(["catch-up", "Six hours", ...since, "--yes", "-o", "name"]);
    expect(named.stdout).toMatch(/^run_\w+\n$/);
    const run = named.stdout.trim();
    const { server, home, now } = world;
    const history = await herm(["history", "--json"], { server, home, now });
    const changes: { items: { name: string }[] }[] = JSON.parse(history.stdout);
    // By this clock, both were sent at the same moment.
    const theirs = changes.find(({ items }) => items[0]?.name === "Six hours");
    expect(theirs?.items).toMatchObject([{ act: "trigger", result: "done", run_id: run }]);
    expect((await world.run(["get", "Six hours", "--json"])).stdout).toContain(run);
  });

  it("leaves the last hour's runs to the platform, and skips unknown runs", async () => {
    const world = await AuditWorld.open("2026-03-02T00:30:00Z");
    await world.create("Daily", "0 9 * * *");
    await world.passUntil("2026-03-03T08:40:00Z");
    await world.rest(45, { isLost: true });
    await world.pass(6);
    const words = ["catch-up", "--since", "3h", "--yes", "--json"];
    const soon = await world.run(words);
    expect(short(soon.stdout)).toEqual({
      Daily: "skipped 1 missed less than an hour ago: the platform may start it itself",
    });
    const count = "1 missed: 1 may still start\n";
    expect(soon.stderr).toContain(count);
    const audited = await world.run(["audit", "--since", "3h"]);
    expect(audited.stdout).toMatch(/^Daily\t2026-03-03T09:00:00Z\tmissed\t\tmay_still_start\t\tauto_\w+\n$/);
    expect(audited.stderr).toContain(count);
    const unknown = await world.run(words, { fetch: withoutField(world, "updated_at") });
    expect(short(unknown.stdout)).toEqual({
      Daily: "skipped unknown: the API doesn't say when it was changed",
    });
    await world.pass(60);
    expect(short((await world.run(words)).stdout)).toMatchObject({ Daily: "started 1" });
  });

  it.each([
    ["no --since", [], {}, 2, "no --since given"],
    ["a pipe without --yes", since, {}, 2, "catch-up needs --yes"],
    ["an invalid time", ["--since", "soonish", "--yes"], {}, 2, "--since must be a time"],
    ["a --max of 0", [...since, "--max", "0", "--yes"], {}, 2, "--max must be a whole number"],
    [
      "a --match that matches nothing",
      [...since, "--match", "X*", "--yes"],
      {},
      4,
      "no automation matches --match",
    ],
    ["an --except that matches nothing", [...since, "--except", "X", "--yes"], {}, 4, "matches nothing"],
    ["a ref that matches nothing", ["Hourli", ...since, "--yes"], {}, 4, `did you mean "Hourly"?`],
    [
      "a ref and a selection",
      ["Hourly", "--match", "H*", ...since, "--yes"],
      {},
      2,
      "can't be used together",
    ],
    ["a freeze", [...since, "--yes"], { HERM_FREEZE: "INC-1" }, 6, "frozen: INC-1"],
  ])("rejects %s, and starts no run", async (_, words, env, code, text) => {
    const world = await AuditWorld.open("2026-03-02T00:30:00Z");
    await world.create("Hourly", "0 * * * *");
    const asked = words.includes("--yes") || code !== 2 || text !== "no --since given" ? {} : { answers: [] };
    const refused = await world.run(["catch-up", ...words], { env, ...asked });
    expect(refused.stderr).toContain(text);
    expect(refused.code).toBe(code);
    expect(await world.startedByHand("Hourly")).toBe(0);
  });

  it("starts each run at most once despite lost responses and failures", async () => {
    const world = await downtime();
    const ids = JSON.parse((await world.run(["list", "--json"])).stdout) as StartRow[];
    const path = (name: string) =>
      `/v1/deployments/dep_local/automations/${ids.find((row) => row.name === name)?.automation_id}/trigger`;
    await addFault(world.server, {
      method: "POST",
      path: path("Evening"),
      action: { type: "commit_then_cut" },
    });
    await addFault(world.server, {
      method: "POST",
      path: path("Six hours"),
      action: { type: "fail", status: 400 },
    });
    const words = ["catch-up", ...since, "--concurrency", "3", "--yes", "--reason", "INC 7"];
    const { code, stdout, stderr } = await world.run([...words, "--json"]);
    expect(code).toBe(8);
    expect(short(stdout)).toMatchObject({ Evening: "started 1", "Six hours": "failed 4" });
    expect(stderr).toContain(
      `to finish it: herm automations catch-up --since 36h --concurrency 3 --yes --reason 'INC 7'`,
    );
    const rest = await world.run(["catch-up", ...since, "--yes", "--json"]);
    expect(short(rest.stdout)).toMatchObject({ "Six hours": "started 4" });
    for (const name of ["Evening", "Six hours"]) expect(await world.startedByHand(name)).toBe(1);
  });

  it("lists runs that two machines both started, and exits with 8", async () => {
    const world = await downtime();
    const arrived = new Set<number>();
    let release: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    const machine = (at: number) => {
      const fetch: FetchLike = async (url, init) => {
        if (init.method === "POST") {
          arrived.add(at);
          if (arrived.size === 2) release();
          await both;
        }
        return fetchFrom(world.server)(url, init);
      };
      return world.run(["catch-up", ...since, "--yes"], { fetch, home: `${world.home}-${at}` });
    };
    const ended = await Promise.all([machine(1), machine(2)]);
    expect(ended.map(({ code }) => code)).toContain(8);
    expect(await world.startedByHand("Evening")).toBe(2);
    const told = ended.filter(({ code }) => code === 8).map(({ stderr }) => stderr);
    for (const text of told) {
      expect(text).toMatch(/^warning: "Evening" was started twice in dep_local: run_\w+, run_\w+$/m);
      expect(text).toMatch(/^error: somebody else started \w+ automations? too$/m);
      expect(text).toMatch(/^hint: to see the runs: herm runs list dep_local\/auto_\w+$/m);
    }
  });

  it("starts runs, with a note, if it can't check for starts by others", async () => {
    const world = await downtime();
    let isStarted = false;
    const fetch: FetchLike = async (url, init) => {
      if (isStarted && init.method === "GET") return new Response("", { status: 500 });
      const answer = await fetchFrom(world.server)(url, init);
      isStarted ||= init.method === "POST";
      return answer;
    };
    const words = ["catch-up", "Evening", ...since, "--yes"];
    const { code, stderr } = await world.run(words, { fetch });
    expect(stderr).toContain("warning: could not check for duplicates started by somebody else: ");
    expect(code).toBe(0);
  });

  const notFound = JSON.stringify({ error: "not_found", message: "" });
  it.each<[string, string | undefined, number, string | undefined, number]>([
    ["a deleted automation", undefined, 0, "skipped 1 deleted", 0],
    ["an automation with a false 404", notFound, 0, "started 1", 1],
    ["an automation with a proxy's 404", "<html>not found</html>", 8, "failed 1", 0],
  ])("checks once more, just before the start, for %s", async (_, body, code, row, started) => {
    const world = await downtime();
    const ids = JSON.parse((await world.run(["list", "--json"])).stdout) as StartRow[];
    const id = ids.find(({ name }) => name === "Evening")?.automation_id;
    let gets = 0;
    const fetch: FetchLike = async (url, init) => {
      const real = fetchFrom(world.server);
      if (init.method === "GET" && url.endsWith(`/${id}`)) gets += 1;
      if (gets !== 2) return real(url, init);
      if (body !== undefined) return new Response(body, { status: 404 });
      await real(url, { ...init, method: "DELETE" });
      return real(url, init);
    };
    const ended = await world.run(["catch-up", ...since, "--yes", "--json"], { fetch });
    expect({ code: ended.code, row: short(ended.stdout).Evening }).toEqual({ code, row });
    if (body !== undefined) expect(await world.startedByHand("Evening")).toBe(started);
  });

  it("waits until a lost trigger of the same automation can't take effect", async () => {
    const world = await downtime();
    let late = async (): Promise<unknown> => undefined;
    const losesPosts: FetchLike = async (url, init) => {
      if (init.method !== "POST") return fetchFrom(world.server)(url, init);
      const { signal: _ended, ...later } = init;
      late = () => fetchFrom(world.server)(url, later);
      throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    };
    const lost = await world.run(["trigger", "Evening", "--no-follow"], { fetch: losesPosts });
    expect(lost.code).toBe(12);
    const slept: number[] = [];
    const options = {
      now: new Date(world.now.getTime() + 4_000),
      sleep: async (ms: number) => {
        slept.push(ms);
        await late();
      },
    };
    const another = await world.run(["catch-up", "Six hours", ...since, "--yes", "--json"], options);
    expect([another.code, short(another.stdout), slept]).toEqual([0, { "Six hours": "started 4" }, []]);
    const same = await world.run(["catch-up", "Evening", ...since, "--yes", "--json"], options);
    expect(short(same.stdout)).toEqual({ Evening: "skipped 1 a run was started since" });
    expect([same.code, slept]).toEqual([0, [12_000]]);
    expect(await world.startedByHand("Evening")).toBe(1);
  });

  it("starts each run only once, even in two simultaneous processes", async () => {
    const world = await downtime();
    const both = await Promise.all([1, 2].map(() => world.run(["catch-up", ...since, "--yes"])));
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    for (const name of ["Evening", "Six hours"]) expect(await world.startedByHand(name)).toBe(1);
  });
});

it("reports once on a terminal, like other bulk commands, that an outage prevented starts", async () => {
  const world = await AuditWorld.open("2026-03-02T00:30:00Z");
  for (const name of ["One", "Two", "Three"]) await world.create(name, "0 18 * * *");
  await world.rest(24 * 60, { isLost: true });
  const served = fetchFrom(world.server);
  let sent = 0;
  const fetch: FetchLike = async (url, init) => {
    if (init.method === "POST") sent += 1;
    return init.method === "POST" && sent > 1 ? nobodyListens(url, init) : served(url, init);
  };
  const words = ["catch-up", ...since, "--yes", "--concurrency", "1", "--max-wait", "10s"];
  const { code, stdout, stderr } = await world.run(words, { fetch, tty: true, columns: 100 });
  expect(code).toBe(8);
  expect(stdout).toContain("not done  API unreachable");
  expect(stdout).not.toContain("ECONNREFUSED");
  expect(stderr).toMatch(/error: 2 of 3 failed; first: .*\(ECONNREFUSED\)/);
});
