import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import {
  type AuditRow,
  groupDeployments,
  groupRuns,
  worstFirst,
} from "../../src/commands/automations/audit/audit-rows.js";
import { fetchFrom, temporaryFolder } from "../support/harness.js";
import { useMachineZone } from "../support/machine-zone.js";
import { AuditWorld, withoutField } from "./audit-world.js";

interface Row {
  name: string | null;
  expected_at: string | null;
  result: string;
  reason?: string;
  late_s?: number;
  run_id?: string;
}

/** The rows for one automation, in short form. */
function told(stdout: string, name: string): string[] {
  const rows: Row[] = JSON.parse(stdout);
  return rows
    .filter((row) => row.name === name)
    .map(({ expected_at, result, reason, late_s }) => {
      const late = result === "late" ? [`by ${late_s}`] : [];
      return [expected_at?.slice(5, 16), result, ...late, reason].filter(Boolean).join(" ");
    });
}

/** Days around a clock change in Europe, with a pause of a day, a downtime of three hours and a slow run. */
async function week(): Promise<AuditWorld> {
  const world = await AuditWorld.open("2026-03-25T00:30:00Z");
  await world.create("Daily", "0 9 * * *");
  await world.create("Berlin", "every day at 9am", "x", ["--tz", "Europe/Berlin"]);
  await world.create("Six hours", "0 */6 * * *");
  await world.create("Slow", "0 */6 * * *", "@dev wait 23400");
  await world.create("Hourly", "0 * * * *");
  await world.passUntil("2026-03-27T08:30:00Z");
  await world.run(["pause", "Daily"]);
  await world.passUntil("2026-03-28T08:30:00Z");
  await world.run(["resume", "Daily"]);
  await world.passUntil("2026-03-29T11:30:00Z");
  await world.rest(180);
  await world.passUntil("2026-03-29T18:30:00Z");
  return world;
}

describe("grouped rows of several deployments", () => {
  const rowAt = (deployment_id: string, hour: number, more: Partial<AuditRow> = {}): AuditRow => ({
    ...{
      deployment_id,
      deployment_name: deployment_id,
      automation: { automation_id: "auto_1", name: "Report" },
    },
    audited: { expectedMs: hour, result: "missed" },
    result: "missed",
    ...more,
  });

  it("combine identical rows into one, with a count and time span", () => {
    const late = rowAt("dep_3", 4, { result: "late" });
    const rows = [rowAt("dep_1", 2, { times: 3, lastMs: 9 }), late, rowAt("dep_2", 1)];
    expect(groupDeployments(rows)).toEqual([
      { ...rowAt("dep_2", 1), deployment_name: "2 deployments", times: 4, lastMs: 9 },
      late,
    ]);
    expect(groupDeployments(rows.slice(1))).toEqual(rows.slice(1));
  });

  it("are one per automation and result, worst first, with unknown results by reason", () => {
    const unknown = (name: string, hour: number): AuditRow =>
      rowAt("dep_1", hour, {
        automation: { automation_id: name, name },
        result: "unknown",
        reason: "before_last_change",
      });
    const late = (hour: number) => rowAt("dep_1", hour, { result: "late" });
    const missed = (hour: number, reason?: "made_up") => rowAt("dep_1", hour, { reason });
    const rows = [unknown("A", 1), late(2), missed(3, "made_up"), late(4), missed(5), unknown("B", 6)];
    expect(worstFirst(groupDeployments(groupRuns(rows)))).toMatchObject([
      { result: "missed", reason: undefined, times: 2, lastMs: 5 },
      { result: "late", times: 2, lastMs: 4 },
      {
        result: "unknown",
        reason: "before_last_change",
        times: 2,
        lastMs: 6,
        automation: { name: "2 automations" },
      },
    ]);
  });
});

describe("automations audit", () => {
  useMachineZone("UTC");

  it("classifies runs correctly over a pause, an outage, slow runs and clock changes", async () => {
    const world = await week();
    const audited = await world.run(["audit", "--verbose", "--json", "--exit-code"]);
    const { code, stdout, stderr } = audited;
    expect(code).toBe(9);
    expect(told(stdout, "Daily")).toEqual([
      "03-25T09:00 on_time",
      "03-26T09:00 on_time",
      "03-27T09:00 unknown paused",
      "03-28T09:00 on_time",
      "03-29T09:00 on_time",
    ]);
    // In UTC, its time is the same before and after the clocks change.
    expect(told(stdout, "Berlin")).toEqual([25, 26, 27, 28, 29].map((day) => `03-${day}T08:00 on_time`));
    expect(told(stdout, "Six hours").filter((row) => !row.endsWith("on_time"))).toEqual([
      "03-29T12:00 late by 9000",
    ]);
    const slow = told(stdout, "Slow");
    expect(slow.slice(0, 2)).toEqual([
      "03-25T06:00 overlapping longer_than_interval",
      "03-25T12:00 overlapping run_before_still_going",
    ]);
    // The run in progress when the downtime began was interrupted at its end.
    expect(slow.slice(-3)).toEqual([
      "03-29T06:00 overlapping run_before_still_going",
      "03-29T12:00 late by 9000 longer_than_interval",
      "03-29T18:00 overlapping run_before_still_going",
    ]);
    const hourly = told(stdout, "Hourly");
    expect(hourly.filter((row) => row.endsWith("before_oldest_run")).length).toBe(hourly.length - 22);
    expect(hourly.slice(-22).filter((row) => !row.endsWith("on_time"))).toEqual([
      "03-29T12:00 missed made_up",
      "03-29T13:00 missed made_up",
      "03-29T14:00 late by 1800",
    ]);
    expect(stderr).toBe(
      "2 missed, 3 late, 18 overlapping, 46 on time, 93 unknown: 162 scheduled runs of 5 automations\n" +
        "2 missed: 2 with a later run\n" +
        "Hourly: last 20 runs only, from 28 Mar 21:00 UTC\n",
    );

    const bare = await world.run(["audit", "--verbose", "--json", "--exit-code"], {
      fetch: withoutField(world, "updated_at"),
    });
    expect(bare.code).toBe(0);
    expect(told(bare.stdout, "Hourly").slice(-7)).toEqual([
      "03-29T12:00 unknown no_updated_at",
      "03-29T13:00 unknown no_updated_at",
      "03-29T14:00 unknown no_updated_at",
      ...[15, 16, 17, 18].map((hour) => `03-29T${hour}:00 on_time`),
    ]);
    expect(bare.stderr).toContain("0 missed, 0 late, ");
  });

  it("groups problems on a terminal, or shows every run with --verbose", async () => {
    const world = await AuditWorld.open("2026-03-25T00:30:00Z");
    await world.create("Hourly", "0 * * * *");
    await world.pass(240);
    await world.rest(250);
    await world.pass(50);
    const screen = { tty: true, columns: 100 };
    const { stdout, stderr } = await world.run(["audit", "Hourly"], screen);
    expect(stdout.replaceAll(/run_\w+/g, "run_1")).toBe(
      [
        "NAME    DUE                       RESULT       LATE    WHY                         RUN",
        "Hourly  25 Mar 05:00 – 07:00 UTC  ✗ missed ×3          a later run made up for it",
        "Hourly  25 Mar 08:00 UTC          ! late       40 min                              run_1\n",
      ].join("\n"),
    );
    expect(stderr).toBe(
      "3 missed, 1 late, 0 overlapping, 5 on time, 0 unknown: 9 scheduled runs of 1 automation\n" +
        "3 missed: 3 with a later run\n" +
        "all runs since 18 Mar 09:30 UTC are known\n",
    );
    const whole = await world.run(["audit", "Hourly", "--verbose"], screen);
    expect(whole.stdout.split("\n")).toHaveLength(1 + 9 + 1);
  });

  it("suggests catch-up on a terminal if it would start a run", async () => {
    const world = await AuditWorld.open("2026-03-25T00:30:00Z");
    for (const name of ["Hourly", "Often"]) await world.create(name, "0 * * * *");
    await world.pass(60);
    await world.rest(100, { isLost: true });
    const screen = { tty: true, columns: 100 };
    const hint = async (...words: string[]) => {
      const { stderr } = await world.run(["audit", ...words], screen);
      const [, text] = stripVTControlCharacters(stderr).split("hint:");
      return text?.replaceAll(/\s+/g, " ").trim();
    };
    // The platform may still start a run that has been due for less than an hour.
    expect(await hint("--since", "50min")).toBeUndefined();
    expect(await hint()).toBe("to start 2 runs: herm automations catch-up --since 7d");
    expect(await hint("Hourly", "--since", "6h")).toBe(
      "to start 1 run: herm automations catch-up Hourly --since 6h",
    );
    expect((await world.run(["audit"])).stderr).not.toContain("hint:");
    await world.run(["pause", "Often"]);
    expect(await hint("--match", "Often*", "--since", "6h")).toBeUndefined();
    await world.run(["catch-up", "Hourly", "--since", "6h", "--yes"]);
    expect(await hint("--since", "6h")).toBeUndefined();
  });

  it.each([40, 60, 80, 100])(
    "lists the worst first in %d columns, with reasons if there is room",
    async (columns) => {
      const world = await AuditWorld.open("2026-03-25T00:30:00Z");
      const acme = { customer_id: "c", name: "Acme International", system_prompt: "x" };
      await world.send("POST", "/v1/deployments", acme);
      await world.pass(1);
      await world.create("Slow synchronisation of ledgers", "15 */2 * * *", "@dev wait 9000");
      await world.create("Hourly", "30 * * * *");
      await world.passUntil("2026-03-25T16:45:00Z");
      await world.rest(140);
      await world.pass(10);
      const { stdout, stderr } = await world.run(["audit", "--all-deployments"], {
        tty: true,
        columns,
        env: {},
      });
      const lines = stdout.trimEnd().split("\n");
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
      expect(stderr.split("\n").filter((line) => line.length > columns)).toEqual([]);
      const results = lines.slice(1).map((line) => /[✗!●–](?= |$)/.exec(line.replace(/\d – \d/, ""))?.[0]);
      expect(results).toEqual(["✗", "!", "!", "●"]);
      if (columns < 80) return;
      expect(lines[0]).toMatch(/^DEPLOYMENT +NAME +DUE +RESULT +LATE +WHY/);
      expect(lines[1]).toMatch(/ (?:ran later|made up for it)$/);
      // Its runs overlapped for two reasons, so the row has neither.
      expect(lines[4]).toMatch(/ ×8/);
    },
  );

  it("counts the same with --by automation, and adds failed runs", async () => {
    const world = await AuditWorld.open("2026-03-25T00:30:00Z");
    await world.create("Hourly", "0 * * * *");
    await world.create("Fails", "0 */2 * * *", "@dev fail no paper");
    await world.create("By hand", "0 0 1 1 *", "@dev wait 90");
    await world.create("Never", "0 0 1 1 *");
    await world.pass(240);
    await world.run(["trigger", "By hand", "--no-follow"]);
    await world.rest(250);
    await world.pass(50);
    const words = ["audit", "--by", "automation"];
    const { code, stdout, stderr } = await world.run(words);
    const rows = stdout.split("\n").map((row) => row.split("\t").slice(0, 9));
    expect([code, ...rows]).toEqual([
      0,
      ["By hand", "0", "0", "0", "0", "0", "0", "0", "1"],
      ["Fails", "4", "2", "1", "1", "0", "0", "0", "3"],
      ["Hourly", "9", "5", "1", "3", "0", "0", "0", "0"],
      [""],
    ]);
    expect(stderr).toContain("4 missed, 2 late, ");
    expect(stderr).toContain("\n4 missed: 4 with a later run\n");
    const told = JSON.parse((await world.run([...words, "--json", "--exit-code"])).stdout);
    expect(told[1]).toMatchObject({
      ...{ deployment_id: "dep_local", name: "Fails", due: 4, on_time: 2, late: 1, missed: 1, made_up: 1 },
      ...{ may_still_start: 0, overlapping: 0, unknown: 0, unexpected: 0, failed: 3 },
      p95_ms: expect.any(Number),
    });
    const screen = await world.run(words, { tty: true, columns: 100 });
    expect(screen.stdout).toMatch(/^NAME +DUE +ON TIME +LATE +MISSED +FAILED +P95\n(Hourly|Fails) /);
    const both = await world.run([...words, "--verbose"]);
    expect(both).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--verbose and --by can't be used together"),
    });
  });

  it("marks times between an incident's first read and its pause as unknown", async () => {
    const world = await AuditWorld.open("2026-03-02T00:30:00Z");
    await world.create("Hourly", "0 * * * *");
    await world.passUntil("2026-03-02T07:50:00Z");
    await world.rest(20, { isLost: true });
    await world.passUntil("2026-03-02T08:50:00Z");
    const clock = new Date(world.now);
    const fetch: FetchLike = async (url, init) => {
      if (init.method === "PATCH") {
        await world.rest(20, { isLost: true });
        clock.setTime(world.now.getTime());
      }
      return fetchFrom(world.server)(url, init);
    };
    const paused = await world.run(["pause", "--all", "--incident", "INC-1", "--yes"], { fetch, now: clock });
    expect(paused.code).toBe(0);
    await world.pass(20);
    const { stdout } = await world.run(["audit", "--since", "2h", "--verbose", "--json"]);
    expect(told(stdout, "Hourly")).toEqual(["03-02T08:00 missed", "03-02T09:00 unknown before_last_change"]);
  });

  it("uses the ledger to separate an incident's pause from earlier misses", async () => {
    const world = await AuditWorld.open("2026-03-25T00:30:00Z");
    await world.create("Hourly", "0 * * * *");
    await world.pass(120);
    await world.rest(120);
    await world.pass(60);
    await world.run(["pause", "--all", "--incident", "INC-1", "--yes"]);
    await world.pass(120);
    await world.run(["resume", "--incident", "INC-1", "--yes"]);
    await world.pass(60);
    const { stdout } = await world.run(["audit", "--json"]);
    expect(told(stdout, "Hourly")).toEqual([
      "03-25T03:00 missed made_up",
      "03-25T04:00 late by 1800",
      "03-25T06:00 unknown paused",
      "03-25T07:00 unknown paused",
    ]);
    expect((await world.run(["audit"], { tty: true, columns: 100 })).stdout).toContain(
      "Hourly  25 Mar 06:00 – 07:00 UTC  – unknown ×2          it was paused by INC-1\n",
    );
    // Without the ledger, nobody can know.
    const other = await world.run(["audit", "--json"], { home: temporaryFolder() });
    expect(told(other.stdout, "Hourly").slice(0, 2)).toEqual([
      "03-25T03:00 unknown before_last_change",
      "03-25T04:00 unknown before_last_change",
    ]);
  });

  it.each([
    [["--since", "2027-01-01"], "--since is in the future: 2027-01-01"],
    [["--since", "2026-03-20T00:00:00+99:00"], "--since must be a time such as"],
    [["--since", "2026-03-20 09:00 Europe/Nowhere"], "--since must be a time such as"],
    [["--until", "whenever"], "--until must be a time such as"],
    [["--since", "1d", "--until", "2d"], "--since 1d is after --until 2d"],
    [["--grace", "soon"], "--grace must be a duration"],
    [["Hourly", "--match", "H*"], "a ref"],
  ])("rejects %j", async (flags, message) => {
    const world = await AuditWorld.open("2026-03-25T00:30:00Z");
    const { code, stdout, stderr } = await world.run(["audit", ...flags]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  it.each([
    [
      ["--since", "2026-03-01", "--until", "2026-03-20"],
      "nothing was due in that period; the automation was created 25 Mar",
    ],
    [
      ["--since", "2026-03-25", "--until", "2026-03-25T03:00:00Z"],
      "no runs are known from that period: Hourly: last 20 runs only, from 25 Mar 05:00 UTC",
    ],
    [
      ["--since", "2026-03-25T10:30:00Z", "--until", "2026-03-25T12:30:00Z"],
      "all 2 scheduled runs were on time",
    ],
    [
      ["--since", "2026-03-25T11:30:00Z", "--until", "2026-03-25T12:30:00Z"],
      "the only scheduled run was on time",
    ],
    [["--until", "2026-03-10"], "nothing was due in that period; the automation was created 25 Mar"],
    [["--match", "Weekly*"], "no automation matches --match"],
    [["--except", "*"], "nothing to audit: --except excludes everything"],
  ])("explains why there is no row for %j", async (flags, why) => {
    const world = await AuditWorld.open("2026-03-25T00:30:00Z");
    await world.create("Hourly", "0 * * * *");
    await world.passUntil("2026-03-26T00:30:00Z");
    const { code, stdout, stderr } = await world.run(["audit", ...flags]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain(why);
    expect((await world.run(["audit", ...flags, "--json"])).stdout).toBe("[]\n");
  });

  it("reads a frequent automation's last thousand runs, and mentions the limit", async () => {
    const world = await AuditWorld.open("2026-03-25T00:30:00Z");
    await world.create("Often", "* * * * *");
    await world.pass(1);
    await world.rest(600);
    await world.rest(600);
    const { stdout, stderr } = await world.run(["audit", "--verbose", "-o", "jsonl"]);
    // The grace period for fourteen isn't over.
    expect(stdout.trimEnd().split("\n")).toHaveLength(1000 - 14);
    expect(stderr).toBe(
      "984 missed, 0 late, 0 overlapping, 2 on time, 201 unknown: 1187 scheduled runs of 1 automation\n" +
        "984 missed: 984 with a later run\n" +
        "all runs since 18 Mar 20:31 UTC are known\n" +
        "Often: only its last 1000 scheduled runs were checked, not the 201 before that\n",
    );
  });

  it("shows the other deployments if one doesn't respond, and exits with 8", async () => {
    const world = await AuditWorld.open("2026-03-25T00:30:00Z");
    await world.create("Hourly", "0 * * * *");
    await world.pass(60);
    await world.rest(190);
    const acme = { customer_id: "c", name: "Acme", system_prompt: "x" };
    const { deployment_id: id }: { deployment_id: string } = JSON.parse(
      await (await world.send("POST", "/v1/deployments", acme)).text(),
    );
    const whole = fetchFrom(world.server);
    const fetch: FetchLike = (url, init) =>
      whole(url.replace(`${id}/automations`, "dep_none/automations"), init);
    const argv = ["audit", "--all-deployments", "--exit-code"];
    const { code, stdout, stderr } = await world.run([...argv, "--json"], { fetch, env: {} });
    expect(code).toBe(8);
    const rows: (Row & { deployment_id: string })[] = JSON.parse(stdout);
    expect(rows.map(({ deployment_id, result, reason }) => [deployment_id, result, reason])).toEqual([
      ["dep_local", "missed", "made_up"],
      ["dep_local", "missed", "made_up"],
      ["dep_local", "late", undefined],
      [id, "unknown", "not_read"],
    ]);
    expect(stderr).toContain("warning: Acme: ");
    const shown = await world.run(argv, { fetch, tty: true, columns: 100 });
    expect(shown.stdout).toMatch(/\nAcme +– +– +– unknown +it could not be read\n$/);
  });

  it.each([
    ["the API itself", JSON.stringify({ error: "not_found", message: "" }), 8, ["unknown not_read"]],
    ["a proxy", "<html>not found</html>", 8, ["unknown not_read"]],
  ])(
    "reports a listed automation as unknown if its read returns 404 from %s",
    async (_, body, code, rows) => {
      const world = await AuditWorld.open("2026-03-25T00:30:00Z");
      for (const name of ["Hourly", "Other"]) await world.create(name, "0 * * * *");
      await world.pass(60);
      const list = JSON.parse((await world.run(["list", "--json"])).stdout) as Record<string, string>[];
      const id = list.find(({ name }) => name === "Other")?.automation_id;
      const fetch: FetchLike = (url, init) =>
        url.endsWith(`/${id}`)
          ? Promise.resolve(new Response(body, { status: 404 }))
          : fetchFrom(world.server)(url, init);
      const ended = await world.run(["audit", "--exit-code", "--json"], { fetch });
      expect({ code: ended.code, rows: told(ended.stdout, "Other") }).toEqual({ code, rows });
    },
  );

  it("reads all pages, and reads runs only if the list has too little detail", async () => {
    const world = await AuditWorld.open("2026-03-25T00:30:00Z");
    for (let at = 0; at < 110; at += 1) {
      const body = { name: `A${at}`, schedule: "0 0 1 1 *", instructions: "x" };
      await world.send("POST", "/v1/deployments/dep_local/automations", body);
    }
    await world.create("Hourly", "0 * * * *");
    await world.create("Paused", "0 * * * *");
    await world.create("Daily", "30 14 * * *");
    await world.run(["pause", "Paused"]);
    await world.pass(900);
    const before = await world.reads();
    expect((await world.run(["audit", "--since", "14h"])).stderr).toContain(
      ": 29 scheduled runs of 113 automations",
    );
    // Two pages, Hourly and Daily; the others weren't due, or were paused all the time. Also the list of deployments,
    // for the scope.
    expect((await world.reads()) - before).toBe(5);
  });
});
