import { describe, expect, it } from "vitest";
import { herm } from "../support/harness.js";
import { useMachineZone } from "../support/machine-zone.js";
import { knownForms } from "./known-forms.js";

const now = new Date("2026-07-01T12:00:00Z");

function explain(
  words: string[],
  options: { tty?: boolean; columns?: number; env?: Record<string, string> } = {},
) {
  return herm(["schedule", "explain", ...words], { now, key: null, ...options });
}

describe("schedule explain -o json", () => {
  it("prints cron expression, sentence and five times, without a key or request", async () => {
    const { code, stdout, stderr } = await explain(["every weekday at 18:30", "-o", "json"]);
    expect({ code, stderr, explained: JSON.parse(stdout) }).toEqual({
      code: 0,
      stderr: "",
      explained: {
        input: "every weekday at 18:30",
        kind: "words",
        cron: "30 18 * * 1-5",
        description: "every weekday at 18:30 UTC",
        timezone: "UTC",
        runs_a_day: 0.7143,
        next: [
          "2026-07-01T18:30:00Z",
          "2026-07-02T18:30:00Z",
          "2026-07-03T18:30:00Z",
          "2026-07-06T18:30:00Z",
          "2026-07-07T18:30:00Z",
        ],
      },
    });
  });

  it("puts `or` between a date and a weekday", async () => {
    const { stdout } = await explain(["0 9 13 * 5", "-o", "json", "--next", "2"]);
    expect(JSON.parse(stdout)).toEqual({
      input: "0 9 13 * 5",
      kind: "cron",
      cron: "0 9 13 * 5",
      description: "at 09:00 UTC on the 13th of every month, or on every Friday",
      timezone: "UTC",
      runs_a_day: 0.171,
      next: ["2026-07-03T09:00:00Z", "2026-07-10T09:00:00Z"],
    });
  });

  it.each([
    ["2026-07-01T12:00:00Z", "0 13 * * 1", "2026-11-01T06:00:00Z", "2026-11-02T13:00:00Z"],
    ["2026-12-01T12:00:00Z", "0 14 * * 1", "2027-03-14T07:00:00Z", "2027-03-15T14:00:00Z"],
  ])(
    "reports, at %s, New York's next clock change",
    async (at, cron, offset_changes_at, next_after_change) => {
      const argv = ["schedule", "explain", "every monday at 9am", "--tz", "America/New_York", "--json"];
      const { stdout } = await herm(argv, { now: new Date(at), key: null });
      expect(JSON.parse(stdout)).toMatchObject({
        cron,
        timezone: "America/New_York",
        offset_changes_at,
        next_after_change,
      });
    },
  );

  it("prints a single line with jsonl", async () => {
    const { stdout } = await explain(["hourly", "-o", "jsonl", "--next", "1"]);
    expect(stdout).toBe(
      '{"input":"hourly","kind":"words","cron":"0 * * * *","description":"every hour","timezone":"UTC","runs_a_day":24,"next":["2026-07-01T13:00:00Z"]}\n',
    );
  });
});

describe("schedule explain", () => {
  useMachineZone("Europe/Berlin");

  it("shows the times in UTC and local time on a terminal", async () => {
    expect(await explain(["every weekday at 9am", "--next", "2"], { tty: true })).toEqual({
      code: 0,
      stdout: `every weekday at 9am
  means    every weekday at 09:00 UTC
  cron     0 9 * * 1-5
  runs     less than 1 a day

Next times
  Thu 2 Jul 2026 09:00 UTC   Thu 2 Jul 2026 11:00 +02:00   in 21 h
  Fri 3 Jul 2026 09:00 UTC   Fri 3 Jul 2026 11:00 +02:00   in 45 h
`,
      stderr: "09:00 UTC is 11:00 in Europe/Berlin; for your own time zone, use --tz local\n",
    });
  });

  it("shows a zone's schedule, the schedule sent, and the next clock change", async () => {
    expect(
      await explain(["every 15 minutes between 9am and 5pm", "--tz", "local", "--next", "1"], { tty: true }),
    ).toEqual({
      code: 0,
      stdout: `every 15 minutes between 9am and 5pm
  means    every 15 minutes from 09:00 until 16:45 in Europe/Berlin
  in UTC   every 15 minutes from 07:00 until 14:45 UTC
  cron     */15 7-14 * * *
  runs     32 a day
  note     until 16:45
  clocks   will change on Sun 25 Oct 2026 02:00 +01:00
           next run after that: Sun 25 Oct 2026 08:00 +01:00

Next times
  Wed 1 Jul 2026 12:15 UTC   Wed 1 Jul 2026 14:15 +02:00   in 15 min
`,
      stderr: "",
    });
  });

  it("marks effects of daylight saving, on separate lines in narrow terminals", async () => {
    const words = ["30 1 29 3 *", "--next", "1"];
    const at = { now: new Date("2026-03-01T00:00:00Z"), key: null, tty: true };
    const time = "  Sun 29 Mar 2026 01:30 UTC   Sun 29 Mar 2026 03:30 +02:00   in 28 d";
    const remark = "03:30 instead of 02:30, which doesn't exist that day";
    const narrow = await herm(["schedule", "explain", ...words], { ...at, columns: 80 });
    expect(narrow.stdout.split("\n").slice(-3)).toEqual([time, `    ${remark}`, ""]);
    const wide = await herm(["schedule", "explain", ...words], { ...at, columns: 140 });
    expect(wide.stdout.split("\n").slice(-2)).toEqual([`${time}   ${remark}`, ""]);
  });

  it("prints one row per time when piped", async () => {
    expect(await explain(["daily at 9am", "--next", "2"])).toEqual({
      code: 0,
      stdout:
        "2026-07-02T09:00:00Z\t2026-07-02T11:00:00+02:00\t\t0 9 * * *\tevery day at 09:00 UTC\n" +
        "2026-07-03T09:00:00Z\t2026-07-03T11:00:00+02:00\t\t0 9 * * *\tevery day at 09:00 UTC\n",
      stderr: "",
    });
  });

  it("rejects unreadable text, and shows three similar forms", async () => {
    const { code, stdout, stderr } = await explain(["banana"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain('error: schedule "banana": "banana" doesn\'t fit (column 1)\n');
    expect(stderr.split("\n").slice(1)).toEqual([
      "hint: for example:",
      ...knownForms.times.map((form) => `    ${form}`),
      "",
    ]);
  });

  it("rejects schedules that are impossible in a zone, without a list of forms", async () => {
    expect(await explain(["on the 1st of every month at 1am", "--tz", "Europe/Berlin"])).toEqual({
      code: 2,
      stdout: "",
      stderr:
        'error: schedule "on the 1st of every month at 1am": in Europe/Berlin (UTC+02:00) this can\'t be one UTC cron: the dates fall on another day in UTC and months differ in length\n' +
        "hint: times from 02:00 on stay on their day\n",
    });
  });

  it("shows rejected text escaped and shortened", async () => {
    const { code, stderr } = await explain([`\u001b[2J${"x".repeat(2000)}`], { tty: true });
    expect(code).toBe(2);
    expect(stderr).not.toContain("\u001b");
    expect(stderr.split("\n")[0]?.length).toBeLessThan(160);
  });

  it.each([
    [["daily", "-o", "name"], "schedules have no ids, so -o name can't print them"],
    [["daily", "--next", "0"], '--next must be a whole number from 1 to 1000, not "0"'],
    [["daily", "--next", "1001"], '--next must be a whole number from 1 to 1000, not "1001"'],
    [["daily", "--tz", "Berlin"], 'schedule "daily": "Berlin" isn\'t a time zone'],
    [["every", "monday"], "too many arguments"],
    [[], "<schedule> is missing"],
  ])("rejects %j", async (words, message) => {
    const { code, stdout, stderr } = await explain(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  it("prints the error as JSON on request", async () => {
    const { code, stderr } = await explain(["banana", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: "usage", message: 'schedule "banana": "banana" doesn\'t fit (column 1)' },
    });
  });
});
