import { describe, expect, it } from "vitest";
import { checkIncidentName, makeIncidentName } from "../../src/history/incident-files.js";
import { refusal } from "../settings/places.js";

describe("checkIncidentName", () => {
  it.each(["INC-1", "a", "0", "a.b_c-d", "x".repeat(64)])("accepts %j", (name) => {
    expect(checkIncidentName(name)).toBe(name);
  });

  it.each([
    "",
    " ",
    "../../x",
    ".hidden",
    "-x",
    "_x",
    "a/b",
    "a\\b",
    "a b",
    "ä",
    "x".repeat(65),
    "a\n",
    "a\0",
  ])("rejects %j", (name) => {
    expect(refusal(() => checkIncidentName(name))[0]).toBe(2);
  });
});

describe("makeIncidentName", () => {
  const now = new Date("2026-01-05T03:15:02.999Z");

  it.each([
    [[], "20260105-031502"],
    [["20260105-031502"], "20260105-031502-2"],
    [["20260105-031502", "20260105-031502-2"], "20260105-031502-3"],
  ])("if %j are taken, makes the valid name %j", (taken, made) => {
    const name = makeIncidentName(now, (wanted) => taken.includes(wanted));
    expect(name).toBe(made);
    expect(checkIncidentName(name)).toBe(name);
  });
});
