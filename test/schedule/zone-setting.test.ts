import { describe, expect, it } from "vitest";
import { readTimeZone } from "../../src/schedule/time-zone.js";
import { zoneNameOf } from "../../src/schedule/zone-setting.js";

const links: Record<string, string> = {
  "/etc/localtime": "/usr/share/zoneinfo/Europe/Rome",
  "/opt/zone": "/var/db/timezone/zoneinfo/posix/Asia/Kolkata",
};
const nameOf = (setting: string) => zoneNameOf(setting, (path) => links[path]);

describe("a TZ that is no name", () => {
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
  ])("%s is %s", (setting, name) => {
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
  ])("leaves %j to Node", (setting) => {
    expect(nameOf(setting)).toBeUndefined();
  });
});
