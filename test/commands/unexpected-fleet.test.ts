import { describe, expect, it } from "vitest";
import { addFault, change, setEnabled } from "../incident/fleet.js";
import { watching } from "../support/watching.js";
import { pauseAll, runLater, start } from "./unexpected-world.js";

const status = "status --all-deployments";
const rowsOf = (stdout: string, word: string) =>
  stdout.split("\n").filter((row) => row.startsWith(`${word}\t`));

describe("status", () => {
  it("puts unexpected runs above failures", async () => {
    const { run, runAllWeekly } = await start();
    await run(pauseAll);
    const rest = async () => (await run(status)).stdout.split("\n").slice(1);
    expect(await rest()).toEqual([expect.stringMatching(/^stopped\tINC-1\t/), ""]);
    const runs = await runAllWeekly();
    const piped = await run(`${status} --exit-code`);
    expect(piped.code).toBe(9);
    const rows = rowsOf(piped.stdout, "unexpected");
    expect(rows).toHaveLength(4);
    for (const row of rows)
      expect(row).toMatch(/\tWeekly report\t.*\trun_\w+ started at \S+Z by its schedule$/);
    expect(piped.stdout).toMatch(/^counts\t.*\t5 need attention\n/);
    const told = JSON.parse((await run(`${status} --json`)).stdout);
    expect(told.automations).toMatchObject({ unexpected: 4, failing: 0 });
    const [stopped, ...unexpected] = told.needs_attention;
    expect([stopped.state, unexpected.length]).toEqual(["stopped", 4]);
    for (const row of unexpected)
      expect(row).toMatchObject({
        state: "unexpected",
        unexpected: 1,
        runs_since: [{ trigger: "schedule" }],
      });
    expect(unexpected.map(({ run_id }: { run_id: string }) => run_id).sort()).toEqual(runs.sort());
    const screen = (await run(status, { tty: true, columns: 120 })).stdout;
    expect(screen).toContain("needs attention: 4 unexpected");
    expect(screen).toMatch(
      /▲ unexpected +Weekly report +×4 .* e\.g\. run_\w+ started at .* by its schedule\n/,
    );
    await run(pauseAll);
    expect(await rest()).toEqual([expect.stringMatching(/^stopped\tINC-1\t/), ""]);
  });

  it("judges pauses made elsewhere by their last change", async () => {
    const { server, run, idOf } = await start();
    const id = idOf(0, "Weekly report");
    await runLater(server, { automation: id });
    await setEnabled(server, id, false);
    expect((await run(`${status} --exit-code`)).code).toBe(0);
    await runLater(server, { automation: id });
    expect((await run(`${status} --exit-code`)).code).toBe(9);
    await change(server, id, { instructions: "Other." });
    expect((await run(`${status} --exit-code`)).code).toBe(0);
  });

  it("judges pauses made here by their time, and mentions possible resumes", async () => {
    const { server, run, idOf } = await start();
    const id = idOf(0, "Weekly report");
    await run(`automations pause ${id} -d dep_local`);
    await runLater(server, { automation: id });
    await change(server, id, { instructions: "Other." });
    const piped = await run(`${status} --exit-code`);
    expect(piped.code).toBe(9);
    expect(piped.stdout).toContain("ran since the pause; was it enabled in between? run_");
  });

  it("counts automations that may have run unexpectedly", async () => {
    const { run, runWeekly } = await start(null);
    await run(pauseAll);
    await runWeekly(1);
    const piped = await run(`${status} --exit-code`);
    expect([piped.code, piped.stdout]).toEqual([
      9,
      expect.stringMatching(/^counts\t.*\t1 needs attention\nstopped\t.*\n$/),
    ]);
    expect(piped.stderr).toContain("1 paused automation may have run since the pause");
    const told = JSON.parse((await run(`${status} --json`)).stdout);
    expect([told.automations.unexpected, told.at_least]).toEqual([0, ["running", "waiting", "unexpected"]]);
  });

  it("reads only automations that ran since the pause, and each run once while watching", async () => {
    const { run, requests, runWeekly, idOf } = await start();
    await runWeekly(0);
    await run(pauseAll);
    await runWeekly(1);
    requests.length = 0;
    const watch = watching([() => {}, () => runWeekly(2), () => {}, () => {}]);
    const watched = await run(`${status} --watch`, watch.options);
    expect(watched.code).toBe(130);
    const reads = requests.filter((request) => /automations\/auto_/.test(request));
    expect(reads.map((request) => request.split("/").at(-1))).toEqual([
      idOf(1, "Weekly report"),
      idOf(2, "Weekly report"),
    ]);
    expect(watch.drawn.join("")).toContain("2 unexpected");
  });
});

describe("automations audit", () => {
  const audit = "automations audit --all-deployments --since 1d --exit-code";

  it("shows an unexpected run as its own result", async () => {
    const { run, runAllWeekly, deployments } = await start();
    await run(pauseAll);
    expect((await run(audit)).code).toBe(0);
    const runs = await runAllWeekly();
    const piped = await run(audit);
    expect(piped.code).toBe(9);
    const rows = piped.stdout.split("\n").filter((row) => row.includes("\tunexpected\t"));
    expect(rows).toHaveLength(4);
    for (const row of rows)
      expect(row).toMatch(/^dep_\w+\tWeekly report\t\S+Z\tunexpected\t\tpaused\trun_\w+\tauto_\w+$/);
    expect(piped.stderr).toMatch(/: \d+ scheduled runs of 8 automations; 4 unexpected runs while paused$/m);
    const told = JSON.parse((await run(`${audit} --json`)).stdout).filter(
      ({ result }: { result: string }) => result === "unexpected",
    );
    expect(told.map(({ deployment_id }: { deployment_id: string }) => deployment_id).toSorted()).toEqual(
      deployments.toSorted(),
    );
    for (const row of told)
      expect(row).toMatchObject({
        expected_at: null,
        started_at: expect.any(String),
        reason: "paused",
        incident: "INC-1",
      });
    expect(told.map(({ run_id }: { run_id: string }) => run_id).toSorted()).toEqual(runs.toSorted());
    const screen = (await run(audit, { tty: true, columns: 120 })).stdout;
    expect(screen).toMatch(/Weekly report +\S.* ▲ unexpected ×4 +it was paused by INC-1\n/);
  });

  it("mentions possible resumes in between", async () => {
    const { server, run, idOf } = await start();
    const id = idOf(0, "Weekly report");
    await run(`automations pause ${id} -d dep_local`);
    await runLater(server, { automation: id });
    await change(server, id, { instructions: "Other." });
    const piped = await run(`automations audit ${id} -d dep_local --since 1d`);
    expect(piped.stdout).toContain("\tunexpected\t\tmay_have_been_enabled\trun_");
  });
});

describe("automations list --unexpected", () => {
  const list = "automations list --all-deployments --unexpected";
  const monitor = "automations list --all-deployments --overdue --failing --waiting --unexpected --exit-code";

  it("lists unexpected runs, alone and with other problem flags", async () => {
    const { run, runAllWeekly } = await start();
    await run(pauseAll);
    const none = await run(list);
    expect([none.code, none.stdout, none.stderr]).toEqual([
      0,
      "",
      "nothing to list: none of the 8 automations is unexpected\n",
    ]);
    expect((await run(monitor)).code).toBe(0);
    const runs = await runAllWeekly();
    const found = await run(monitor);
    expect(found.code).toBe(9);
    const rows = found.stdout.trim().split("\n");
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(row).toMatch(/\tWeekly report\t.*\tunexpected,held by INC-1\t/);
    const told = JSON.parse((await run(`${list} --json`)).stdout);
    expect(told).toHaveLength(4);
    for (const row of told) expect(row).toMatchObject({ enabled: false, unexpected: 1 });
    expect(told.map((row: { runs_since: { run_id: string }[] }) => row.runs_since[0]?.run_id).sort()).toEqual(
      runs.sort(),
    );
    const screen = await run(monitor, { tty: true, columns: 140 });
    expect(screen.stdout).toContain("▲ unexpected · held by INC-1");
    await run(pauseAll);
    expect((await run(monitor)).code).toBe(0);
  });

  it("counts automations that may have run unexpectedly, without listing them", async () => {
    const { run, runWeekly } = await start(null);
    await run(pauseAll);
    await runWeekly(0);
    const listed = await run(`${list} --exit-code`);
    expect([listed.code, listed.stdout]).toEqual([0, ""]);
    expect(listed.stderr).toContain("1 paused automation may have run since the pause");
  });

  it("reads only automations that ran since the pause, and each run once while watching", async () => {
    const { run, requests, runWeekly, idOf } = await start();
    await run(pauseAll);
    await runWeekly(1);
    requests.length = 0;
    const watch = watching([() => {}, () => runWeekly(2), () => {}, () => {}]);
    expect((await run(`${list} --watch`, watch.options)).code).toBe(130);
    const reads = requests.filter((request) => /automations\/auto_/.test(request));
    expect(reads.map((request) => request.split("/").at(-1))).toEqual([
      idOf(1, "Weekly report"),
      idOf(2, "Weekly report"),
    ]);
  });

  it("exits with 8 if an automation's runs are unreadable", async () => {
    const { server, run, runAllWeekly, idOf } = await start();
    await run(pauseAll);
    await runAllWeekly();
    const path = `/v1/deployments/dep_local/automations/${idOf(0, "Weekly report")}`;
    await addFault(server, { method: "GET", path, count: null, action: { type: "fail", status: 403 } });
    const listed = await run(list);
    expect(listed.code).toBe(8);
    expect(listed.stdout.trim().split("\n")).toHaveLength(3);
  });
});
