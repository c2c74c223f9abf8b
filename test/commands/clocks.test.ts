import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startManifestServer } from "./manifest-server.js";

const december = new Date("2026-12-02T08:00:00Z");
const onEve = new Date("2027-03-27T08:00:00Z");
const summer = new Date("2027-03-29T08:00:00Z");
const item = (name: string, schedule: string, text = `Do ${name}.`) =>
  `  - name: ${name}\n    schedule: ${schedule}\n    tz: Europe/London\n    instructions: ${text}\n`;
const why =
  "this can't be one UTC cron: the dates fall on another day in UTC and months differ in length; " +
  '"0 1 1 * *" is right all year; or use a zone with fixed clocks, such as UTC';
const apply = [
  "apply",
  "-f",
  "herm.yaml",
  "-d",
  "dep_local",
  "--yes",
  "--prune",
  "--record",
  "herm.lock.yaml",
];

describe("a schedule that UTC can express only in winter", () => {
  it("causes a lint warning that names the first day on which apply fails", async () => {
    const { run, write } = await startManifestServer();
    write({ "herm.yaml": `automations:\n${item("Monthly", "0 0 1 * *")}` });
    const lint = async (now: Date) => {
      const { code, stdout } = await run(["lint", "-f", "herm.yaml", "--strict"], { server: undefined, now });
      return { code, stdout };
    };
    const from = { code: 9, stdout: `herm.yaml\t3\t15\tclocks\tfrom 28 Mar 2027 ${why}\n` };
    expect(await lint(december)).toEqual(from);
    expect(await lint(onEve)).toEqual(from);
    expect(await lint(summer)).toEqual({
      code: 9,
      stdout: `herm.yaml\t3\t15\tclocks\tuntil 31 Oct 2027 ${why}\n`,
    });
  });

  it("fails alone when the clocks change, while the rest is applied", async () => {
    const server = await startManifestServer({ now: () => december.getTime() });
    const { run, write, state, cwd } = server;
    const files = (text: string, more = "") => ({
      "herm.yaml": `automations:\n${item("Monthly", "0 0 1 * *", text)}${item("Daily", "0 9 * * *", text)}${more}`,
    });
    write(files("One."));
    expect(await run(apply, { now: december })).toMatchObject({ code: 0 });
    const record = readFileSync(join(cwd, "herm.lock.yaml"), "utf8");
    expect(await run(apply, { now: onEve })).toMatchObject({ code: 0 });

    write(files("Two.", item("New", "0 0 1 * *", "New.")));
    const diff = await run(["diff", ...apply.slice(1).filter((word) => word !== "--yes")], { now: summer });
    expect(diff.code).toBe(8);
    const applied = await run(apply, { now: summer });
    expect(applied.code).toBe(8);
    expect(applied.stderr).toContain(`error: 2 automations not sent: until 31 Oct 2027 ${why}`);
    expect(await state()).toMatchObject([
      { name: "Daily", schedule: "0 8 * * *", instructions: "Two." },
      { name: "Monthly", schedule: "0 0 1 * *", instructions: "One." },
    ]);
    expect(readFileSync(join(cwd, "herm.lock.yaml"), "utf8")).toBe(record);
  });

  it("is adopted if it is valid in the other season", async () => {
    const server = await startManifestServer({ now: () => december.getTime() });
    const { run, write, create, cwd } = server;
    await create({ name: "Monthly", schedule: "0 0 1 * *", instructions: "Do Monthly." });
    await create({ name: "Theirs", schedule: "0 0 1 * *", instructions: "Mine." });
    const names = ["Monthly", "Theirs", "New"];
    write({ "herm.yaml": `automations:\n${names.map((name) => item(name, "0 0 1 * *")).join("")}` });
    const adopt = ["adopt", "-f", "herm.yaml", "-d", "dep_local", "--yes"];
    const adopted = await run(adopt, { now: summer });
    expect(adopted.code).toBe(0);
    expect(adopted.stderr).toContain("1 automation of the manifests doesn't exist yet\n");
    expect(adopted.stderr).toContain('it differs from the manifest: "Theirs" in dep_local\n');
    expect(
      readFileSync(join(cwd, "herm.lock.yaml"), "utf8")
        .match(/: "\w+"$/gm)
        ?.slice(1),
    ).toEqual([expect.stringContaining("Monthly")]);
  });

  it("is reported if its spread crosses midnight UTC in one season", async () => {
    const { run, write, state } = await startManifestServer();
    const summer = new Date("2027-07-01T08:00:00Z");
    const winter = new Date("2027-12-01T08:00:00Z");
    const text = (spread: string) =>
      item("Monthly", "0 18 28 * *").replace("Europe/London", `America/New_York\n    spread: ${spread}`);
    const lint = async (spread: string, now: Date) => {
      write({ "herm.yaml": `automations:\n${text(spread)}` });
      const words = ["lint", "-f", "herm.yaml", "--strict"];
      const { code, stdout, stderr } = await run(words, { server: undefined, now });
      return { code, said: stdout === "" ? stderr : stdout };
    };
    const crosses =
      "this can't be spread over 1h30m: 1h later it is another day in UTC for some of its times, which one cron can't express; " +
      '"30 17 28 * *" is right all year; or use a zone with fixed clocks, such as UTC';
    expect(await lint("1h30m", summer)).toEqual({
      code: 9,
      said: `herm.yaml\t3\t15\tclocks\tin any deployment: from 7 Nov 2027 ${crosses}\n`,
    });
    expect(await lint("1h30m", winter)).toEqual({
      code: 9,
      said: `herm.yaml\t3\t15\tclocks\tin any deployment: until 12 Mar 2028 ${crosses}\n`,
    });
    write({ "herm.yaml": `automations:\n${text("1h30m")}` });
    expect(await run(apply, { now: summer })).toMatchObject({ code: 0 });
    write({ "herm.yaml": `automations:\n${text("1h30m")}${item("Daily", "0 9 * * *")}` });
    expect(await run(apply, { now: winter })).toMatchObject({
      code: 8,
      stderr: expect.stringContaining(`error: 1 automation not sent: until 12 Mar 2028 ${crosses}`),
    });
    expect(await state()).toMatchObject([{ name: "Daily" }, { name: "Monthly" }]);
    expect(await lint("1h", summer)).toMatchObject({ code: 0 });
    for (const now of [summer, winter])
      expect(await lint("3h", now)).toMatchObject({
        code: 2,
        said: expect.stringMatching(/^error: herm.yaml:5:13: can't be spread over 3h: [12]h later/),
      });
  });

  it("is a mistake if it is never valid", async () => {
    const { run, write } = await startManifestServer();
    write({
      "herm.yaml": `automations:\n${item("A", "0 0 1 5-7 *")}${item("B", "0 0 1 * *").replace("London", "Berlin")}`,
    });
    const { code, stderr } = await run(["lint", "-f", "herm.yaml"], { server: undefined, now: december });
    expect(code).toBe(2);
    expect(stderr).toContain("herm.yaml:4:9: in Europe/London (UTC+01:00) this can't be one UTC cron");
    expect(stderr).toContain("herm.yaml:8:9: in Europe/Berlin (UTC+01:00) this can't be one UTC cron");
  });
});
