import { describe, expect, it } from "vitest";
import { lastEdit, standingChanges, strangeStamp } from "../../src/runs/last-edit.js";
import type { KnownChange } from "../../src/runs/proven-times.js";
import { at } from "./hourly.js";

const stamp = (clock: string) => new Date(at(clock)).toISOString();

/** A change at this time, made after reading the `updated_at` of an earlier change. */
const changed = (
  clock: string,
  earlier: string | undefined,
  more: Partial<KnownChange> = {},
): KnownChange => ({
  ...{ change: "update", atMs: at(clock), updated_at: stamp(clock), id: `c_${clock}` },
  before: { readMs: at(clock), updated_at: earlier && stamp(earlier) },
  ...more,
});
const edit = (clock: string, earlier: string, undoes?: string) =>
  changed(clock, earlier, { after: { schedule: "0 9 * * *" }, undoes: undoes && `c_${undoes}` });

describe("the last edit", () => {
  it.each<[string, string, boolean, ...KnownChange[]]>([
    ["is the stamp if nothing is known", "10:00", false],
    ["is an edit made by herm", "10:00", false, edit("10:00", "09:00")],
    ["precedes a rename", "09:00", false, changed("10:00", "09:00")],
    ["precedes a pause", "09:00", false, changed("10:00", "09:00", { change: "pause" })],
    ["is a resume", "10:00", true, changed("10:00", "09:00", { change: "resume" })],
    [
      "is a resume by an undo",
      "10:00",
      true,
      changed("10:00", "09:00", { change: "resume", undoes: "c_09:00" }),
    ],
    ["precedes an undone edit", "08:00", false, edit("09:00", "08:00"), edit("10:00", "09:00", "09:00")],
    [
      "is an edit whose undo was undone",
      "08:00",
      false,
      edit("08:00", "07:00"),
      edit("09:00", "08:00", "08:00"),
      edit("10:00", "09:00", "09:00"),
    ],
    [
      "is an edit other than the undone one",
      "09:00",
      false,
      edit("08:00", "07:00"),
      edit("09:00", "08:00"),
      edit("10:00", "09:00", "08:00"),
    ],
    [
      "is an edit elsewhere between two by herm",
      "08:30",
      false,
      edit("08:00", "07:00"),
      changed("10:00", "08:30"),
    ],
    ["is an edit elsewhere after those by herm", "10:00", false, changed("09:00", "08:00")],
    ["is a rename whose reader saw no stamp", "10:00", false, changed("10:00", undefined)],
  ])("%s", (_, clock, isResume, ...changes) => {
    for (const spelt of [stamp("10:00"), stamp("10:00").replace(".000Z", "+00:00")])
      expect(lastEdit({ updated_at: spelt }, changes)).toEqual({ atMs: at(clock), isResume });
    expect(lastEdit({ updated_at: null }, changes)).toBeUndefined();
  });
});

describe("an attempt that took effect late", () => {
  const pause = changed("09:00", "08:00", {
    change: "pause",
    before: { readMs: at("09:00"), enabled: true, schedule: "0 9 * * *", updated_at: stamp("08:00") },
    after: { enabled: false },
    lateMs: at("09:00"),
  });
  const seen = (ms: number, more: object = {}) => ({
    ...{ enabled: false, schedule: "0 9 * * *", updated_at: new Date(at("09:00") + ms).toISOString() },
    ...more,
  });

  it.each<[string, object, KnownChange, boolean]>([
    ["a second before its last sending", seen(-1_000), pause, true],
    ["two seconds before it", seen(-2_000), pause, false],
    ["16 s after it", seen(16_000), pause, true],
    ["more than 16 s after it", seen(16_001), pause, false],
    ["with another schedule", seen(8_000, { schedule: "0 7 * * *" }), pause, false],
    ["for a change that was sent once", seen(8_000), { ...pause, lateMs: undefined }, false],
  ])("counts as the change itself if made %s: %s", (_, current, own, isOurs) => {
    expect(strangeStamp(current, { own, since: [] }) === null).toBe(isOurs);
    expect(lastEdit(current, [own])?.atMs === at("08:00")).toBe(isOurs);
  });

  it("may belong to an equal change without a response", () => {
    const lost: KnownChange = { change: "pause", atMs: at("08:59"), lateMs: at("09:00") };
    const { lateMs: _, ...own } = pause;
    expect(strangeStamp(seen(8_000), { own, since: [] })).toBe(seen(8_000).updated_at);
    expect(strangeStamp(seen(8_000), { own, since: [lost] })).toBeNull();
    expect(strangeStamp(seen(8_000), { own, since: [{ ...lost, change: "resume" }] })).not.toBeNull();
  });
});

describe("the latest stamp without a known change", () => {
  const own = changed("08:00", "07:00", { change: "pause" });
  const undo = [edit("09:00", "08:00"), edit("10:00", "09:00", "09:00")];

  it.each<[string, string | null, string | null | undefined, KnownChange[]]>([
    ["is missing right after the change itself", "08:00", null, []],
    ["is missing after an update that was undone", "10:00", null, undo],
    ["is the current stamp", "11:00", "11:00", undo],
    ["is a stamp between two changes", "10:00", "08:30", [changed("10:00", "08:30")]],
    ["is unknown without a current stamp", null, undefined, []],
  ])("%s", (_, now, expected, since) => {
    const current = { updated_at: now && stamp(now) };
    expect(strangeStamp(current, { own, since })).toBe(expected && stamp(expected));
  });

  it("is unknown if the change's response had none", () => {
    expect(
      strangeStamp({ updated_at: stamp("11:00") }, { own: { ...own, updated_at: undefined }, since: [] }),
    ).toBe(undefined);
  });
});

describe("the changes still in effect", () => {
  it.each([
    ["1 2", "1 2"],
    ["1 2:1", ""],
    ["1 2:1 3:2", "1"],
    ["1:0", "1"],
    ["1 2 3:1", "2"],
  ])("in %s are only %s", (drawn, expected) => {
    const changes = drawn.split(" ").map((each) => {
      const [id, undoes] = each.split(":");
      return { id, undoes };
    });
    expect(
      standingChanges(changes)
        .map(({ id }) => id)
        .join(" "),
    ).toBe(expected);
  });
});
