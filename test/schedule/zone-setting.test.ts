import { describe, expect, it } from "vitest";
import { readTimeZone } from "../../src/schedule/time-zone.js";
import { zoneNameOf } from "../../src/schedule/zone-setting.js";
import { spawnHerm } from "../support/spawn.js";

const links: Record<string, string> = {
  "/etc/localtime": "/usr/share/zoneinfo/Europe/Rome",
  "/opt/zone": "/var/db/timezone/zoneinfo/posix/Asia/Kolkata",
};
const nameOf = (setting: string) => zoneNameOf(setting, (path) => links[path]);

describe("an unusual TZ value", () => {
  it.each([
    [":/etc/localtime", "Europe/Rome"],
    ["/etc/localtime", "Europe/Rome"],
    ["/usr/share/zoneinfo/right/America/New_York", "America/New_York"],
    [":/opt/zone", "Asia/Kolkata"],
    ["UTC+3", "Etc/GMT+3"],
    ["UTC-3", "Etc/GMT-3"],
    ["EST5", "Etc/GMT+5"],
    ["<+03>-3", "Etc/GMT-3"],
    ["UTC-14:00", "Etc/GMT-14"],
    ["GMT0", "UTC"],
  ])("%s means %s", (setting, name) => {
    expect(nameOf(setting)).toBe(name);
    expect(readTimeZone(name).ok).toBe(true);
  });

  it.each([
    "Europe/Rome",
    ":Europe/Rome",
    "UTC",
    "EST5EDT",
    "Etc/GMT+3",
    "UTC+13",
    "UTC-5:30",
    "",
    ":",
    "/opt/x",
  ])("%j is left to Node", (setting) => {
    expect(nameOf(setting)).toBeUndefined();
  });
});

describe("--tz local", () => {
  const explain = (TZ: string) =>
    spawnHerm(["schedule", "explain", "every weekday at 9am", "--tz", "local"], { env: { TZ } });

  it.each([
    ["Europe/Berln", "Europe/Berln", "Europe/Berlin, Europe/Dublin, Europe/Jersey"],
    ["CET-1CEST,M3.5.0,M10.5.0/3", "CET-1CEST,M3.5.0,M10.5.0…", "name it, such as --tz Europe/Berlin"],
    [":/no/such/file", ":/no/such/file", "name it, such as --tz Europe/Berlin"],
  ])("never reads %s as UTC", async (setting, shown, hint) => {
    expect(await explain(setting)).toMatchObject({
      code: 2,
      stdout: "",
      stderr: `error: schedule "every weekday at 9am": local uses TZ, but "${shown}" isn't a time zone\nhint: ${hint}\n`,
    });
  });

  it.each([
    ["EST5EDT", /T1[34]:00:00Z/],
    ["Etc/UTC", /T09:00:00Z/],
    ["GMT0", /T09:00:00Z/],
    ["UTC+3", /T12:00:00Z/],
  ])("reads %s", async (setting, time) => {
    expect(await explain(setting)).toMatchObject({ code: 0, stdout: expect.stringMatching(time) });
  });
});
