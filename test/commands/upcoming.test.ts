import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  groupFrequent,
  groupOccurrences,
  mergeTimes,
  type Occurrence,
  timesOf,
} from "../../src/commands/automations/upcoming/upcoming.js";
import { herm, startServer } from "../support/harness.js";
import { useMachineZone } from "../support/machine-zone.js";

const startAt = Date.parse("2026-03-02T08:00:00Z");
const now = new Date(startAt);

async function startFleet() {
  const server = await startServer({ now: () => startAt });
  const post = (path: string, body: object) =>
    server.fetch(
      new Request(`http://127.0.0.1${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    );
  const create = (name: string, schedule: string, deployment = "dep_local") =>
    post(`/v1/deployments/${deployment}/automations`, { name, schedule, instructions: "x" });
  return { server, post, create };
}

describe("automations upcoming", () => {
  useMachineZone("UTC");

  it("merges a deployment's automations in time order, and marks estimates", async () => {
    const { server, create } = await startFleet();
    await create("daily", "0 9 * * *");
    await create("six-hourly", "0 */6 * * *");
    await create("weekly", "0 9 * * 0");
    const { code, stdout } = await herm(["automations", "upcoming", "-d", "dep_local", "--json"], {
      server,
      now,
    });
    const rows = JSON.parse(stdout).map(
      ({ at, name, estimated }: { at: string; name: string; estimated: boolean }) => [at, name, estimated],
    );
    expect(code).toBe(0);
    expect(rows).toEqual([
      ["2026-03-02T09:00:00Z", "daily", false],
      ["2026-03-02T12:00:00Z", "six-hourly", false],
      ["2026-03-02T18:00:00Z", "six-hourly", true],
      ["2026-03-03T00:00:00Z", "six-hourly", true],
      ["2026-03-03T06:00:00Z", "six-hourly", true],
    ]);
  });

  it("omits paused, excluded and later automations, and prints rows in a pipe", async () => {
    const { server, create } = await startFleet();
    for (const name of ["a", "b", "c"]) await create(name, "0 9 * * *");
    await herm(["automations", "pause", "b", "-d", "dep_local"], { server, now });
    const words = ["automations", "upcoming", "-d", "dep_local", "--except", "c"];
    const { stdout } = await herm([...words, "--within", "2h"], { server, now });
    expect(stdout).toMatch(/^2026-03-02T09:00:00Z\ta\tdep_local\tauto_\w+\tserver\n$/);
    expect(await herm([...words, "--within", "30m"], { server, now })).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "nothing will run in that period; the next is a in 1 h\n",
    });
  });

  it("shows a timeline on 80 columns, with frequent automations once", async () => {
    const { server, create } = await startFleet();
    await create("Weekly video variations for everyone", "0 9 * * *");
    await create("Inbox triage", "*/5 * * * *");
    const { stdout, stderr } = await herm(["automations", "upcoming", "-d", "dep_local"], {
      server,
      now,
      tty: true,
      columns: 80,
    });
    expect(stdout).toMatch(/ {2}08:05 {2}in 5 min {2}Inbox triage .*auto_\w+ {2}\+287\n/);
    expect(stdout).toMatch(/ {2}09:00 {2}in 1 h {4}Weekly video variations for everyone {2}auto_/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(stderr).toBe("289 runs of 2 automations\n");
  });

  it("shows the next 20 rows on a terminal, soonest first, and counts the rest", async () => {
    const { server, create } = await startFleet();
    for (let at = 22; at >= 0; at -= 1) await create(`A${at}`, `${at} 9 * * *`);
    const words = ["automations", "upcoming", "-d", "dep_local"];
    const { stdout, stderr } = await herm(words, { server, now, tty: true, columns: 80 });
    const rows = stdout.trimEnd().split("\n").slice(1);
    const names = Array.from({ length: 20 }, (_, at) => `A${at}`);
    expect(rows.map((row) => /A\d+/.exec(row)?.[0])).toEqual([...names, undefined]);
    expect(rows.at(-1)).toBe("  … 3 more: -o json");
    expect(stderr).toBe("23 runs of 23 automations\n");
    expect((await herm(words, { server, now })).stdout.split("\n")).toHaveLength(24);
  });

  it.each([
    [["--within", "soon"], 2],
    [["--within", "-1h"], 2],
    [["--customer", "cus_nobody"], 4],
  ])("rejects %j", async (flags, code) => {
    const { server } = await startFleet();
    expect(await herm(["automations", "upcoming", ...flags], { server, now })).toMatchObject({
      code,
      stdout: "",
    });
  });
});

describe("mergeTimes", () => {
  const occurrence = (minute: number, id: string): Occurrence => ({
    at: new Date(minute * 60_000),
    automation: { automation_id: id, name: id, schedule: "", enabled: true },
    deployment_id: "dep_1",
    deployment_name: "one",
    isEstimated: false,
  });

  it("returns every time of its sources once, in order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(500), { maxLength: 20 }), { maxLength: 10 }),
        fc.nat(500),
        (sources, untilMinute) => {
          const sorted = sources.map((minutes) => [...minutes].sort((a, b) => a - b));
          const iterators = sorted.map((minutes, index) =>
            minutes.map((minute) => occurrence(minute, `auto_${index}`))[Symbol.iterator](),
          );
          const merged = [...mergeTimes(iterators, new Date(untilMinute * 60_000))].map(
            ({ at }) => at.getTime() / 60_000,
          );
          expect(merged).toEqual(
            sorted
              .flat()
              .filter((minute) => minute <= untilMinute)
              .sort((a, b) => a - b),
          );
        },
      ),
    );
  });

  it("estimates no past time if the server's next time is overdue", () => {
    const base = {
      ...occurrence(0, "late"),
      automation: { automation_id: "late", next_run_at: "1970-01-01T00:00:00Z" },
    };
    const nextTimes = (from: Date, count: number) =>
      Array.from({ length: count }, (_, at) => new Date(from.getTime() + (at + 1) * 60_000));
    const times = timesOf(base, { nextTimes, now: new Date(600_000) });
    const minutes = [...mergeTimes([times], new Date(720_000))].map(({ at }) => at.getTime() / 60_000);
    expect(minutes).toEqual([0, 11, 12]);
  });

  it("groups frequent runs under their first time", () => {
    const all = [1, 2, 3, 4].map((minute) => occurrence(minute, "often")).concat(occurrence(2, "once"));
    expect(groupFrequent(all, 3).map(({ automation, more }) => [automation.name, more])).toEqual([
      ["often", 3],
      ["once", undefined],
    ]);
  });

  it("groups across deployments only automations with the same name and time", () => {
    const equal = [1, 2, 3].map((at) => ({ ...occurrence(5, "Report"), deployment_id: `dep_${at}` }));
    const duplicates = [occurrence(6, "Twin"), occurrence(6, "Twin")];
    const others = [occurrence(5, "Digest"), occurrence(7, "Report")];
    expect(groupOccurrences([...equal, ...duplicates, ...others]).map((each) => each.deployments)).toEqual([
      3,
      ...[undefined, undefined],
      ...[undefined, undefined],
    ]);
  });
});
