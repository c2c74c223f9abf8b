import { describe, expect, it } from "vitest";
import { positionText } from "../../src/manifest/mistake.js";
import { warningsOf } from "../../src/manifest/warnings.js";
import { desired, type ItemOptions, item } from "./desired-items.js";

const now = new Date("2026-11-24T12:00:00Z");
const target = (at: number) => ({ deployment_id: `dep_${at}`, name: `Customer ${at}`, isNamed: true });
const state = (items: ReturnType<typeof item>[], at = 1) => ({ target: target(at), desired: desired(items) });
const tell = (...states: ReturnType<typeof state>[]) =>
  warningsOf(states, now).map(
    ({ kind, text, position }) => `${position && positionText(position)} ${kind}: ${text}`,
  );
const ofOne = (options: ItemOptions) => tell(state([item("A", options)]));

describe("a local hour affected by daylight saving", () => {
  const at = "herm.yaml:2:5 daylight-saving: daylight saving in";
  it.each([
    ["30 2 * * *", "Europe/Berlin", "Europe/Berlin skips 02:30 on 28 Mar 2027 and doubles it on 31 Oct 2027"],
    [
      "every Sunday at 2am",
      "Europe/Berlin",
      "Europe/Berlin skips 02:00 on 28 Mar 2027 and doubles it on 31 Oct 2027",
    ],
    [
      "0 1-3 * * *",
      "America/New_York",
      "America/New_York skips 02:00 on 14 Mar 2027 and doubles 01:00 on 7 Nov 2027",
    ],
    ["30 2 28 3 *", "Europe/Berlin", "Europe/Berlin skips 02:30 on 28 Mar 2027"],
    ["30 1 7 * *", "America/New_York", "America/New_York doubles 01:30 on 7 Nov 2027"],
    ["15 2 * * *", "Australia/Lord_Howe", "Australia/Lord_Howe skips 02:15 on 3 Oct 2027"],
  ])("is reported: %s in %s", (schedule, tz, text) => {
    expect(ofOne({ schedule, tz })).toEqual([`${at} ${text}`]);
  });

  it.each([
    ["0 9 * * *", "Europe/Berlin"],
    ["30 2 * * 3", "Europe/Berlin"],
    ["*/15 * * * *", "Europe/Berlin"],
    ["30 * * * *", "America/New_York"],
    ["30 2 * * *", "UTC"],
    ["30 2 * * *", "Asia/Kolkata"],
    ["30 2 * * *", undefined],
    ["0 3 * * *", "Europe/Berlin"],
  ])("is not reported: %s in %s", (schedule, tz) => expect(ofOne({ schedule, tz })).toEqual([]));

  it("is checked at the minute that `spread` chooses", () => {
    const options = { schedule: "55 1 * * *", tz: "Europe/Berlin", spread: 10 };
    const told = Array.from({ length: 40 }, (_, id) =>
      ofOne({ ...options, deployment_id: `dep_${id}` }),
    ).flat();
    expect([...new Set(told)].toSorted()).toEqual(
      ["02:00", "02:01", "02:02", "02:03", "02:04"].map(
        (clock) => `${at} Europe/Berlin skips ${clock} on 28 Mar 2027 and doubles it on 31 Oct 2027`,
      ),
    );
  });
});

describe("a cron expression with a day of the month and a weekday", () => {
  it.each([
    ["0 2 1-7 * 1", "0 2 1-7 * *", "0 2 * * 1"],
    ["30 9 15 1,7 MON-FRI", "30 9 15 1,7 *", "30 9 * 1,7 1-5"],
  ])("is reported with two equivalent items: %s", (schedule, dates, weekdays) => {
    expect(ofOne({ schedule })).toEqual([
      `herm.yaml:2:5 day-or-weekday: this runs on each of its dates and also on each of its weekdays, like two items: "${dates}" and "${weekdays}"`,
    ]);
  });

  it.each(["0 2 1-7 * *", "0 2 * * 1", "0 2 1-31 * 1", "every Friday or on the 13th of every month at 9am"])(
    "is not reported: %s",
    (schedule) => expect(ofOne({ schedule })).toEqual([]),
  );
});

describe("one text under two names", () => {
  it("is reported at every name but the first, with the first's position", () => {
    const items = [
      item("A", { instructions: "Report.\n" }),
      item("B", { instructions: "Report.", line: 5 }),
      item("C", { instructions: "Something else.", line: 8 }),
      item("D", { instructions: "Report.", line: 11 }),
    ];
    expect(tell(state(items), state(items, 2))).toEqual([
      'herm.yaml:5:5 same-text: "B", "D" have the instructions of "A" (line 2)',
    ]);
    expect(tell(state(items.slice(0, 2)), state(items, 2))).toEqual([
      'herm.yaml:5:5 same-text: "B", "D" have the instructions of "A" (line 2)',
    ]);
  });

  it.each([
    [1, '"T1" has'],
    [3, '"T1", "T2", "T3" have'],
    [4, '"T1", "T2", "T3" and 1 more have'],
    [300, '"T1", "T2", "T3" and 297 more have'],
  ])("is reported with the names of up to three of %i others", (count, names) => {
    const items = Array.from({ length: count + 1 }, (_, at) => item(`T${at}`, { line: 2 + 3 * at }));
    expect(tell(state(items))).toEqual([
      `herm.yaml:5:5 same-text: ${names} the instructions of "T0" (line 2)`,
    ]);
  });

  it("is not reported if one automation has an id, or across two deployments", () => {
    expect(tell(state([item("A"), item("B", { id: "b", line: 5 })]))).toEqual([]);
    expect(tell(state([item("A")]), state([item("B", { line: 5 })], 2))).toEqual([]);
  });
});

describe("a warning for many deployments", () => {
  const template = { name: "A", varying: new Set(["schedule"] as const) };
  const night = (hour: number) => item("A", { schedule: `30 ${hour} * * *`, tz: "Europe/Berlin", template });

  it("is reported once, and names the first deployment if their values differ", () => {
    expect(tell(state([night(9)], 1), state([night(2)], 2), state([night(2)], 3))).toEqual([
      "herm.yaml:2:5 daylight-saving: in Customer 2 and 1 more deployment: daylight saving in Europe/Berlin skips 02:30 on 28 Mar 2027 and doubles it on 31 Oct 2027",
    ]);
  });
});
