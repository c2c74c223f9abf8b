import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { addAutomation, call, enabledNames, setEnabled } from "../incident/fleet.js";
import { changedAnswers } from "../incident/without-updated-at.js";
import { pauseAll, runLater, start } from "./unexpected-world.js";

const resumeAll = "automations resume --incident INC-1 --yes";
const show = "incidents show INC-1";

describe("a scheduled run despite an incident's pause", () => {
  it("is shown as a row of the incident, with exit code 8", async () => {
    const { run, runAllWeekly } = await start();
    expect((await run(pauseAll)).code).toBe(0);
    expect((await run(show)).code).toBe(0);
    const runs = await runAllWeekly();
    const shown = await run(show);
    expect(shown.code).toBe(8);
    const rows = shown.stdout
      .trim()
      .split("\n")
      .filter((row) => row.includes("\tunexpected\t"));
    const whys = rows.map((row) => row.split("\t")[4] ?? "");
    expect(whys.map((why) => why.split(" ")[0]).sort()).toEqual(runs.sort());
    for (const why of whys) expect(why).toMatch(/^run_\w+ started at \d{4}\S+Z by its schedule$/);
    expect(shown.stderr).toContain("8 of 8 paused · 4 unexpected runs · 0 enabled");
    expect(shown.stderr).toContain(
      "\n4 unexpected runs: report them; to acknowledge: herm automations pause --all-deployments --incident INC-1\n",
    );
    const screen = await run(show, { tty: true, columns: 120 });
    expect(
      screen.stdout.match(/Weekly report +unexpected +.+ run_\w+ started at .* by its schedule\n/g),
    ).toHaveLength(4);
  });

  it("is reported in JSON", async () => {
    const { run, runAllWeekly } = await start();
    await run(pauseAll);
    await runAllWeekly();
    const told = JSON.parse((await run(`${show} --json`)).stdout);
    expect(told.unexpected).toBe(4);
    const weekly = told.items.filter(({ name }: { name: string }) => name === "Weekly report");
    for (const item of weekly)
      expect(item).toMatchObject({ state: "paused", unexpected: 1, runs_since: [{ trigger: "schedule" }] });
    expect(weekly).toHaveLength(4);
  });

  it("is reported, but isn't a failure, if it was started manually", async () => {
    const { run, idOf, runWeekly } = await start("manual");
    await runWeekly(0);
    await run(pauseAll);
    await runWeekly(0);
    const told = await run(`${show} --json`);
    expect(told.code).toBe(0);
    const item = JSON.parse(told.stdout).items.find(
      ({ automation_id: id }: { automation_id: string }) => id === idOf(0, "Weekly report"),
    );
    expect(item).toMatchObject({ unexpected: 0, runs_since: [{ trigger: "manual" }] });
    expect((await run(show)).stderr).toContain("1 manual run");
  });

  it.each([
    [null, "a run doesn't report its trigger"],
    ["manual", "not all its runs since the pause are known"],
  ])("has an unknown cause, shown but no failure, if a run says %s", async (trigger, why) => {
    const { run, runWeekly } = await start(trigger);
    await run(pauseAll);
    await runWeekly(0);
    const shown = await run(show);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain(`may have run since: ${why}`);
    expect(shown.stderr).toContain("8 of 8 paused · 1 may have run");
    const told = JSON.parse((await run(`${show} --json`)).stdout);
    expect(told.items.filter((item: object) => "unexpected" in item)).toMatchObject([{ unexpected: null }]);
  });

  it("may be legitimate if the automation changed since the pause", async () => {
    const { server, run, idOf, runWeekly } = await start();
    await run(pauseAll);
    await setEnabled(server, idOf(0, "Weekly report"), true);
    await runWeekly(0);
    await runLater(server, { automation: idOf(0, "Inbox triage"), afterS: 60 });
    await setEnabled(server, idOf(0, "Weekly report"), false);
    const shown = await run(show);
    expect(shown.code).toBe(8);
    expect(shown.stdout).toMatch(
      /Weekly report\tunexpected\t.*\tran since the pause; was it enabled in between\? run_/,
    );
    expect(shown.stdout).toMatch(/Inbox triage\tunexpected\t.*\trun_\w+ started at \S+ by its schedule\n/);
  });

  it("is found by a watch, which doesn't reread known runs", async () => {
    const { server, run, requests, idOf, runWeekly } = await start();
    await run(pauseAll);
    const controller = new AbortController();
    let looks = 0;
    const gets: string[][] = [];
    const sleep = async (ms: number) => {
      if (ms !== 5_000) return;
      gets.push(requests.splice(0).filter((request) => /automations\/auto_/.test(request)));
      looks += 1;
      if (looks === 1) await runWeekly(2);
      // It ends.
      if (looks === 2) await call(server, "POST", "/_dev/clock", { advance_s: 600 });
      if (looks === 4) controller.abort(new InterruptedError());
      controller.signal.throwIfAborted();
    };
    requests.length = 0;
    const watched = await run(`${show} --watch`, { sleep, signal: controller.signal });
    expect(watched.code).toBe(130);
    const lines = watched.stdout.trim().split("\n");
    expect(lines[0]).toMatch(/^all paused\t/);
    for (const line of lines.slice(1)) expect(line).toMatch(/^not all paused\t.* 1 unexpected run · /);
    const weekly = gets.map((each) => each.filter((path) => path.includes(idOf(2, "Weekly report"))).length);
    expect(weekly.slice(0, 2)).toEqual([0, 1]);
    expect(await enabledNames(server)).toEqual([]);
    expect(weekly.at(-1)).toBe(0);
  });
});

describe("a pause", () => {
  it("reports unexpected runs since the same pause, and exits with 8", async () => {
    const { server, run, idOf, proxy } = await start();
    const id = idOf(0, "Weekly report");
    const fetch: FetchLike = async (url, options) => {
      const answer = await proxy(url, options);
      if (options.method === "PATCH" && String(url).endsWith(id)) await runLater(server, { automation: id });
      return answer;
    };
    const paused = await run(`${pauseAll} --json`, { fetch });
    expect(paused.code).toBe(8);
    const rows: { automation_id: string; result: string; reason?: string }[] = JSON.parse(paused.stdout);
    expect(rows.filter(({ result }) => result === "paused")).toHaveLength(7);
    expect(rows.find(({ automation_id }) => automation_id === id)).toMatchObject({
      result: "unexpected",
      reason: expect.stringMatching(/^run_\w+ started at \S+ by its schedule$/),
    });
    expect(paused.stderr).toContain("7 paused · 1 unexpected");
    expect(paused.stderr).toMatch(/"message":"1 automation ran despite being paused: run_\w+ started at/);
    expect(paused.stderr).not.toContain("still paused");
    expect((await run(show)).code).toBe(8);
  });

  it("acknowledges earlier runs when rerun, and counts them", async () => {
    const { server, run, idOf, runWeekly, runAllWeekly } = await start();
    const found = await addAutomation(server, { name: "Paused before", enabled: false });
    await run(pauseAll);
    await runAllWeekly();
    await runLater(server, { automation: found });
    expect((await run(show)).stderr).toContain("5 unexpected runs");
    const again = await run(pauseAll);
    expect([again.code, again.stderr]).toEqual([
      0,
      expect.stringContaining("5 unexpected runs before this pause won't be shown again"),
    ]);
    expect((await run(show)).code).toBe(0);
    expect((await run(pauseAll)).stderr).not.toContain("unexpected");
    await runWeekly(0);
    await runLater(server, { automation: found });
    const shown = await run(`${show} --json`);
    expect([shown.code, JSON.parse(shown.stdout).unexpected]).toEqual([8, 2]);
    expect(shown.stdout).toContain(idOf(0, "Weekly report"));
  });

  it("acknowledges only the runs that it reports if it covers fewer automations", async () => {
    const { run, deployments, runAllWeekly } = await start();
    await run(pauseAll);
    await runAllWeekly();
    const one = await run(`automations pause --all -d ${deployments[1]} --incident INC-1 --yes`);
    expect(one.stderr).toContain("1 unexpected run before this pause won't be shown again");
    expect((await run(show)).stderr).toContain("3 unexpected runs");
  });
});

describe("an automation that ran while paused", () => {
  it("is resumed if unchanged since", async () => {
    const { server, run, deployments, runAllWeekly } = await start();
    await run(pauseAll);
    await runAllWeekly();
    const resumed = await run(resumeAll);
    expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringContaining("8 automations to resume")]);
    expect(await enabledNames(server, deployments)).toHaveLength(8);
  });

  it("is skipped without updated_at, unless --include-changed is given", async () => {
    const { server, run, deployments, runAllWeekly } = await start();
    const fetch = changedAnswers(server, (text) =>
      text
        .replaceAll('"trigger":"manual"', '"trigger":"schedule"')
        .replace(/"updated_at":"[^"]*",?/g, "")
        .replaceAll(",}", "}"),
    );
    await run(pauseAll, { fetch });
    await runAllWeekly();
    const resumed = await run(resumeAll, { fetch });
    expect(resumed.code).toBe(8);
    expect(resumed.stderr).toContain("a scheduled run started after the pause");
    expect(await enabledNames(server, deployments)).toEqual(Array(4).fill("Inbox triage"));
    expect((await run(`${resumeAll} --include-changed`, { fetch })).code).toBe(0);
    expect(await enabledNames(server, deployments)).toHaveLength(8);
  });
});
