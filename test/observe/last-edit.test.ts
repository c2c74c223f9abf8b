import { describe, expect, it } from "vitest";
import { lastEdit } from "../../src/observe/last-edit.js";
import type { KnownChange } from "../../src/observe/proven-times.js";
import { at } from "./hourly.js";

const stamp = (clock: string) => new Date(at(clock)).toISOString();

/** A change at a time that read the `updated_at` of an earlier one. */
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
  changed(clock, earlier, { isEdit: true, undoes: undoes && `c_${undoes}` });

describe("the last edit", () => {
  it.each<[string, string, boolean, ...KnownChange[]]>([
    ["is the stamp where nothing is known", "10:00", false],
    ["is an edit from here", "10:00", false, edit("10:00", "09:00")],
    ["is before a rename", "09:00", false, changed("10:00", "09:00")],
    ["is before a pause", "09:00", false, changed("10:00", "09:00", { change: "pause" })],
    ["is a resume", "10:00", true, changed("10:00", "09:00", { change: "resume" })],
    [
      "is a resume by an undo",
      "10:00",
      true,
      changed("10:00", "09:00", { change: "resume", undoes: "c_09:00" }),
    ],
    [
      "is before one that was undone",
      "08:00",
      false,
      edit("09:00", "08:00"),
      edit("10:00", "09:00", "09:00"),
    ],
    [
      "stands where its undo was undone",
      "08:00",
      false,
      edit("08:00", "07:00"),
      edit("09:00", "08:00", "08:00"),
      edit("10:00", "09:00", "09:00"),
    ],
    [
      "is another one than the one that was undone",
      "09:00",
      false,
      edit("08:00", "07:00"),
      edit("09:00", "08:00"),
      edit("10:00", "09:00", "08:00"),
    ],
    [
      "is one elsewhere between two from here",
      "08:30",
      false,
      edit("08:00", "07:00"),
      changed("10:00", "08:30"),
    ],
    ["is one elsewhere after those from here", "10:00", false, changed("09:00", "08:00")],
    ["is a rename whose reader saw no stamp", "10:00", false, changed("10:00", undefined)],
  ])("%s", (_, clock, isResume, ...changes) => {
    for (const spelt of [stamp("10:00"), stamp("10:00").replace(".000Z", "+00:00")])
      expect(lastEdit({ updated_at: spelt }, changes)).toEqual({ atMs: at(clock), isResume });
    expect(lastEdit({ updated_at: null }, changes)).toBeUndefined();
  });
});
