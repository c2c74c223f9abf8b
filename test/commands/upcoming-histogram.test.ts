import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { peakTexts } from "../../src/commands/automations/shared/peak-texts.js";
import { barsOf } from "../../src/commands/automations/upcoming/histogram.js";
import { renderHistogram } from "../../src/commands/automations/upcoming/histogram-view.js";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import { peaksOf } from "../../src/observe/peaks.js";
import { barSigns } from "../../src/output/bars.js";
import { plainStyle } from "../../src/output/style.js";
import { fetchFrom, herm, startServer } from "../support/harness.js";

const now = new Date("2026-03-02T08:00:00Z");
let server: EmbeddedServer;

beforeEach(async () => {
  server = await startServer({ startAt: now.getTime() });
});

async function create(schedule: string, times = 1): Promise<void> {
  for (let made = 0; made < times; made += 1) {
    await fetchFrom(server)("http://127.0.0.1/v1/deployments/dep_local/automations", {
      method: "POST",
      headers: { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ name: `Report ${made}`, schedule, instructions: "x" }),
      redirect: "manual",
    });
  }
}

type Options = Parameters<typeof herm>[1];

const histogram = (flags: readonly string[] = [], more: Options = {}) =>
  herm(["automations", "upcoming", "-d", "dep_local", "--histogram", ...flags], { server, now, ...more });

/** 30 at nine, one every five minutes from nine to ten, and three in the evening. */
async function busyDay(): Promise<void> {
  await create("0 9 * * *", 30);
  await create("*/5 9 * * *");
  await create("15 18 * * *", 2);
  await create("30 18 * * *");
}

describe("upcoming --histogram", () => {
  it("draws bars by hour, within a peak by minute, and names the peak", async () => {
    await busyDay();
    const { code, stdout, stderr } = await histogram([], { tty: true, columns: 80 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "45 fires within 1 d\n" });
    expect(stdout).toBe(`Mon 2 Mar 2026 UTC
  08:00     0
  09:00    42  ████████████████████████████████████████████████████████████
    09:00  31  ████████████████████████████████████████████▎ peak
    09:05   1  █▍
    09:10   1  █▍
    09:15   1  █▍
    09:20   1  █▍
    09:25   1  █▍
    09:30   1  █▍
    09:35   1  █▍
    09:40   1  █▍
    09:45   1  █▍
    09:50   1  █▍
    09:55   1  █▍
  10:00     0  for 8 h
  18:00     3  ████▎
  19:00     0  for 13 h

31 automations fire at Mon 09:00 UTC
`);
  });

  it("is rows in a pipe, with the peaks on stderr, and objects in JSON", async () => {
    await create("0 9 * * *", 21);
    await create("0 10 * * *");
    expect(await histogram()).toEqual({
      code: 0,
      stdout:
        "2026-03-02T09:00:00Z\thour\t21\t\n2026-03-02T09:00:00Z\tminute\t21\tpeak\n2026-03-02T10:00:00Z\thour\t1\t\n",
      stderr: "21 automations fire at Mon 09:00 UTC\n",
    });
    const { stdout, stderr } = await histogram(["--json"]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([
      { start: "2026-03-02T09:00:00Z", unit: "hour", count: 21 },
      { start: "2026-03-02T09:00:00Z", unit: "minute", count: 21, peak: true },
      { start: "2026-03-02T10:00:00Z", unit: "hour", count: 1 },
    ]);
    expect((await histogram(["-o", "name"])).stdout).toBe("2026-03-02T09:00:00Z\n2026-03-02T10:00:00Z\n");
  });

  it("is labelled lines in accessible mode", async () => {
    await create("0 9 * * *", 30);
    await create("* 9 * * *");
    const { stdout } = await histogram([], { tty: true, env: { HERM_ACCESSIBLE: "1" } });
    expect(stdout).toBe(`hour: Mon 2 Mar 2026 09:00 UTC, 90 fires
minute: Mon 2 Mar 2026 09:00 UTC, 31 fires, a peak
minutes: Mon 2 Mar 2026 09:01 UTC to 09:59, 1 fire in each

31 automations fire at Mon 09:00 UTC
`);
  });

  it.each([40, 80, 120])(
    "fits %i columns, and is drawn without Unicode where that is wanted",
    async (columns) => {
      await busyDay();
      await create("* 9 * * *");
      for (const env of [{}, { LANG: "C" }, { TERM: "linux", LANG: "en_GB.UTF-8" }] as Record<
        string,
        string
      >[]) {
        const { stdout } = await histogram(["--within", "3d"], { tty: true, columns, env });
        for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
        expect(stdout.includes("█")).toBe(Object.keys(env).length === 0);
        expect(stdout.includes("##")).toBe(Object.keys(env).length > 0);
      }
    },
  );

  it("says why nothing fires, and refuses what can't be counted", async () => {
    expect(await histogram([], { tty: true })).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "nothing fires: there are no automations\n",
    });
    expect((await histogram(["--json"])).stdout).toBe("[]\n");
    expect(await histogram(["--within", "32d"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: --histogram counts at most 31 days: --within 31d\n",
    });
  });

  it("fails as the list does where the API can't be reached", async () => {
    const { code, stdout } = await histogram([], { fetch: async () => new Response("{}", { status: 503 }) });
    expect({ code, stdout }).toEqual({ code: 7, stdout: "" });
  });

  it("counts the times that the list tells, whatever the schedules", async () => {
    const schedules = ["*/7 * * * *", "0 9 * * *", "30 23 * * 1", "0 0 3 * *", "59 7 * * *", "0 8 * * *"];
    for (const schedule of schedules) await create(schedule);
    for (const within of ["24h", "1h", "49h30m"]) {
      const words = ["automations", "upcoming", "-d", "dep_local", "--within", within];
      const rows = (await herm(words, { server, now })).stdout.trimEnd().split("\n");
      const hours = new Map<string, number>();
      for (const row of rows) hours.set(row.slice(0, 13), (hours.get(row.slice(0, 13)) ?? 0) + 1);
      const bars: { start: string; unit: string; count: number }[] = JSON.parse(
        (await histogram(["--within", within, "--json"])).stdout,
      );
      const counted = bars.filter(({ unit }) => unit === "hour");
      expect(counted.map(({ start, count }) => [start.slice(0, 13), count])).toEqual([...hours]);
    }
  });
});

describe("the bars", () => {
  const window = { sinceMs: now.getTime(), untilMs: now.getTime() + 3 * 86_400_000 };
  const look = { style: plainStyle, window, peaks: [] };

  it("fit any width, and every hour of the window is told once", () => {
    const minutes = fc.array(fc.tuple(fc.nat(59), fc.nat(23), fc.integer({ min: 1, max: 40 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(minutes, fc.integer({ min: 30, max: 200 }), fc.boolean(), (times, columns, isPlain) => {
        const firings = times.flatMap(([minute, hour, many]) =>
          Array.from({ length: many }, () => ({ schedule: `${minute} ${hour} * * *` })),
        );
        const signs = barSigns({ env: (name) => (isPlain && name === "LANG" ? "POSIX" : undefined) });
        const text = renderHistogram(barsOf(peaksOf(firings, { window })), { ...look, columns, signs });
        let hours = 0;
        for (const line of text.trimEnd().split("\n")) {
          expect(line.length).toBeLessThanOrEqual(columns);
          if (isPlain) expect(line).not.toMatch(/[█▏▎▍▌▋▊▉]/);
          const [, gap] = / for (\d+) h$/.exec(line) ?? [];
          if (/^ {2}\d/.test(line)) hours += Number(gap ?? 1);
        }
        expect(hours).toBe(72);
      }),
    );
  });
});

describe("the names of peaks", () => {
  const texts = (schedules: readonly [schedule: string, many: number][], days: number) => {
    const window = { sinceMs: now.getTime(), untilMs: now.getTime() + days * 86_400_000 };
    const firings = schedules.flatMap(([schedule, many]) =>
      Array.from({ length: many }, () => ({ schedule })),
    );
    return peakTexts(peaksOf(firings, { window }).peaks, window);
  };

  it.each<[string, [string, number][], number, string[]]>([
    ["one minute", [["0 9 * * 1", 30]], 1, ["30 automations fire at Mon 09:00 UTC"]],
    ["20 are none", [["0 9 * * 1", 20]], 1, []],
    ["every day", [["0 9 * * *", 21]], 7, ["21 automations fire at 09:00 UTC every day"]],
    ["every week", [["0 9 * * 1", 21]], 31, ["21 automations fire at Mon 09:00 UTC"]],
    ["once in a month", [["0 9 1 * *", 25]], 31, ["25 automations fire at Wed 1 Apr 09:00 UTC"]],
    [
      "more on one weekday",
      [
        ["0 9 * * *", 21],
        ["0 9 * * 1", 4],
      ],
      2,
      ["25 automations fire at Mon 09:00 UTC", "21 automations fire at Tue 09:00 UTC"],
    ],
  ])("%s", (_, schedules, days, expected) => {
    expect(texts(schedules, days)).toEqual(expected);
  });

  it("are ten at most", () => {
    const told = texts([["0-14 9 * * *", 21]], 1);
    expect(told).toHaveLength(11);
    expect(told.at(-1)).toBe("… and 5 more peaks");
  });
});
