import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { addFault } from "../incident/fleet.js";
import { fetchFrom, herm } from "../support/harness.js";
import { AuditWorld, type StartRow, toldStart } from "./audit-world.js";

const resume = ["resume", "--incident", "INC-1"];

/** Rows in short form: `Hourly started 5`. */
function short(stdout: string): string[] {
  const rows: StartRow[] = JSON.parse(stdout);
  return rows.map((row) => `${row.name} ${toldStart(row)}`).toSorted();
}

/** Paused at 08:30 for 5 h 15 min. */
async function paused(): Promise<AuditWorld> {
  const world = await AuditWorld.open("2026-03-02T00:30:00Z");
  await world.create("Hourly", "0 * * * *");
  await world.create("Noon", "0 12 * * *");
  await world.create("Evening", "0 18 * * *");
  await world.create("By hand", "0 */2 * * *");
  await world.create("Asks", "0 */4 * * *", "@dev ask May I?");
  await world.passUntil("2026-03-02T08:30:00Z");
  const { code, stderr } = await world.run(["pause", "--all", "--incident", "INC-1", "--yes"]);
  if (code !== 0) throw new Error(stderr);
  await world.pass(300);
  await world.run(["trigger", "By hand", "--no-follow", "--yes"]);
  await world.pass(15);
  return world;
}

describe("resume --incident", () => {
  it("lists missed runs, and starts none", async () => {
    const world = await paused();
    const { code, stderr } = await world.run([...resume, "--yes"]);
    expect(code).toBe(0);
    expect(stderr).toContain("\n4 automations missed 9 runs; --catch-up starts 2, one each\n");
    expect(await world.startedByHand("Hourly")).toBe(0);
  });

  it("starts one run per missed automation with --catch-up, after one question", async () => {
    const world = await paused();
    const asked = await world.run([...resume, "--catch-up"], { answers: [false], columns: 100 });
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain("4 automations missed 9 runs; this starts 2, one each\n");
    const planned = await world.run([...resume, "--catch-up", "--dry-run", "--json"]);
    expect(short(planned.stdout)).toEqual([
      "Asks planned 1",
      "By hand planned 2",
      "Evening planned",
      "Hourly planned 5",
      "Noon planned 1",
    ]);
    const done = await world.run([...resume, "--catch-up", "--yes", "--json"]);
    expect(done.code).toBe(0);
    expect(short(done.stdout)).toEqual([
      "Asks resumed",
      "Asks skipped 1 not started: a run is waiting for an answer",
      "By hand resumed",
      "By hand skipped 2 not started: a run was started since",
      "Evening resumed",
      "Hourly resumed",
      "Hourly started 5",
      "Noon resumed",
      "Noon started 1",
    ]);
    expect(done.stderr).toContain("5 resumed · 2 started · 2 not started");
    expect(done.stderr).toContain("incident INC-1 is closed");
    for (const name of ["Hourly", "Noon", "By hand"]) expect(await world.startedByHand(name)).toBe(1);
    for (const name of ["Asks", "Evening"]) expect(await world.startedByHand(name)).toBe(0);
  });

  it("can be undone, except for the runs it started, which are listed", async () => {
    const world = await paused();
    const done = await world.run([...resume, "--catch-up", "--yes"]);
    const [, id = ""] = /^undo: herm undo (c_\w+)$/m.exec(done.stderr) ?? [];
    const undone = await herm(["undo", id, "--yes"], { server: world.server, home: world.home });
    expect(undone.code).toBe(0);
    expect(undone.stderr).toMatch(/\n2 runs that it started can't be undone: run_\w+, run_\w+\n/);
    expect(undone.stdout.match(/\tpaused\t/g)).toHaveLength(5);
  });

  it("prints run ids in a pipe, and both counts on a terminal", async () => {
    const world = await paused();
    const piped = await world.run([...resume, "Noon", "--catch-up", "--yes"]);
    expect(piped.stdout).toMatch(/^Noon\tresumed\tauto_\w+\t\nNoon\tstarted\tauto_\w+\trun_\w+\n$/);
    const told = await world.run([...resume, "--catch-up"], { answers: [true], columns: 100 });
    expect(told.stdout).not.toMatch(/auto_/);
    expect(told.stdout).toContain("4 resumed · 1 already resumed · 1 started · 3 not started · checked ");
  });

  it("lists runs started concurrently by others, and exits with 8", async () => {
    const world = await paused();
    const fetch: FetchLike = async (url, init) => {
      if (init.method === "POST") await fetchFrom(world.server)(url, init);
      return fetchFrom(world.server)(url, init);
    };
    const { code, stdout, stderr } = await world.run([...resume, "Noon", "--catch-up", "--yes"], { fetch });
    expect(stdout).toMatch(/^Noon\tstarted\tauto_\w+\trun_\w+$/m);
    expect(stderr).toMatch(/^warning: "Noon" was started twice in dep_local: run_\w+, run_\w+$/m);
    expect(stderr).toContain("error: somebody else started 1 automation too\n");
    expect(code).toBe(8);
  });

  it("leaves its incident open until the same command has started all runs", async () => {
    const world = await paused();
    const rows: StartRow[] = JSON.parse((await world.run(["list", "--json"])).stdout);
    const idOf = (name: string) => rows.find((row) => row.name === name)?.automation_id;
    const path = `/v1/deployments/dep_local/automations/${idOf("Hourly")}`;
    await addFault(world.server, {
      method: "POST",
      path: `${path}/trigger`,
      action: { type: "fail", status: 400 },
    });
    const first = await world.run([...resume, "--catch-up", "--yes", "--reason", "repaired", "--json"]);
    expect(first.code).toBe(8);
    expect(short(first.stdout)).toContainEqual("Hourly failed 5");
    const rest = "to finish it: herm automations resume --incident INC-1 --catch-up --yes --reason repaired";
    expect(first.stderr).toContain(rest);
    expect(first.stderr).toContain("incident INC-1 stays open");
    const again = await world.run([...resume, "--catch-up", "--yes", "--json"]);
    expect(again.code).toBe(0);
    expect(again.stderr).toContain("incident INC-1 is closed");
    expect(short(again.stdout)).toEqual(
      expect.arrayContaining([
        "Evening unchanged already resumed",
        "Hourly started 5",
        "Noon skipped 1 not started: a run was started since",
      ]),
    );
    for (const name of ["Hourly", "Noon"]) expect(await world.startedByHand(name)).toBe(1);
  });

  it("reports missed runs of automations that it couldn't resume", async () => {
    const world = await paused();
    const fetch: FetchLike = (url, init) =>
      fetchFrom(world.server)(url, url.endsWith("/trigger") ? { ...init, headers: {} } : init);
    const words = [...resume, "--catch-up", "--yes", "--json", "--concurrency", "1"];
    const { stdout } = await world.run(words, { fetch });
    expect(short(stdout).filter((row) => !row.endsWith(" resumed"))).toEqual([
      "Asks not started 1 key refused",
      "By hand not started 2 key refused",
      "Hourly failed 5",
      "Noon not started 1 key refused",
    ]);
  });

  it("rejects --catch-up without an incident, or during a freeze", async () => {
    const world = await paused();
    const alone = await world.run(["resume", "Hourly", "--catch-up"]);
    expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining("--catch-up needs --incident") });
    const frozen = await world.run([...resume, "--catch-up", "--yes"], { env: { HERM_FREEZE: "INC-1" } });
    expect(frozen.code).toBe(6);
  });
});
