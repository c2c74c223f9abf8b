import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { globMatcher } from "../../src/fleet/exclusions.js";
import { noMatchText, whyNoneMatches } from "../../src/operations/selection/why-empty.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { drawsAsUsual } from "../support/seed.js";
import { stalledUntil } from "../support/stalled.js";

const now = new Date("2026-03-02T08:00:00Z");

async function prepare(names: readonly string[] = ["Daily report", "Sales report", "Inbox triage"]) {
  const server = await startServer({ now: () => now.getTime() });
  const home = temporaryFolder();
  const run = (line: string, options: HermOptions = {}) =>
    herm([...line.split(" "), "-d", "dep_local"], { server, home, now, ...options });
  for (const name of names) {
    const flags = ["--name", name, "--schedule", "0 9 * * 1", "--instructions", "x", "-d", "dep_local"];
    expect((await herm(["automations", "create", ...flags], { server, home, now })).code).toBe(0);
  }
  return { server, home, run };
}

describe("a glob without a match", () => {
  it.each([
    ["daily*", `case matters: --match 'Daily*' matches "Daily report"`],
    ["*REPORT", `case matters: --match '*report' matches "Daily report" and 1 more`],
    ["report", `it must match the whole name: --match '*report*' matches "Daily report" and 1 more`],
    ["inbox", `it must match the whole name: --match '*Inbox*' matches "Inbox triage"`],
    ["inbox TRIAGE", `case matters: --match 'Inbox triage' matches "Inbox triage"`],
    ["Dayly report", 'did you mean "Daily report"?'],
    ["nothing*", undefined],
  ])("is explained, %s: %s", (glob, why) => {
    const names = ["Daily report", "Sales report", "Inbox triage"];
    expect(whyNoneMatches(glob, names)).toBe(why);
    const what = `no automation matches --match ${glob.includes("*") || glob.includes(" ") ? `'${glob}'` : glob}`;
    expect(noMatchText(glob, names)).toBe(why === undefined ? what : `${what}\n${why}`);
  });

  it("leads to a suggestion that matches, even among random names", () => {
    const letters = fc.constantFrom("a", "B", "é", "İ", "ß", "*", "?", " ", "x");
    const text = fc.array(letters, { maxLength: 6 }).map((each) => each.join(""));
    let answered = 0;
    fc.assert(
      fc.property(text, fc.array(text, { minLength: 1, maxLength: 4 }), (glob, names) => {
        fc.pre(!names.some(globMatcher(glob)));
        const [, quoted, plain] =
          /--match (?:'([^']*)'|(\S+)) matches /.exec(whyNoneMatches(glob, names) ?? "") ?? [];
        const better = quoted ?? plain;
        if (better === undefined) return;
        answered += 1;
        expect(names.some(globMatcher(better))).toBe(true);
      }),
      { examples: [["??", ["İ", ""]]] },
    );
    if (drawsAsUsual()) expect(answered).toBeGreaterThan(0);
  });
});

describe("the explanation of an empty list", () => {
  it.each([
    [
      "--match daily*",
      `no automation matches --match 'daily*'\ncase matters: --match 'Daily*' matches "Daily report"`,
    ],
    ["--match nothing*", "no automation matches --match 'nothing*'"],
    ["--paused", "nothing to list: all 3 automations are enabled"],
    ["--paused --match Inbox*", "nothing to list: the only automation is enabled"],
    ["--failing", "nothing to list: none of the 3 automations is failing"],
    [
      "--failing --overdue --waiting",
      "nothing to list: none of the 3 automations is failing, overdue or waiting",
    ],
    [
      "--enabled --waiting --match Daily*",
      "only what matches Daily*: all else not shown\nnothing to list: the only automation isn't enabled and waiting",
    ],
    ["--match Daily* --except Daily*", "nothing to list: --except excludes everything"],
    ["--except *", "nothing to list: --except excludes everything"],
  ])("for list %s is: %s", async (flags, why) => {
    const { run } = await prepare();
    for (const tty of [false, true]) {
      expect(await run(`automations list ${flags}`, { tty })).toEqual({
        code: 0,
        stdout: "",
        stderr: `${why}\n`,
      });
    }
    expect(await run(`automations list ${flags} --json`)).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
    expect((await run(`automations list ${flags} -q`)).stderr).toBe("");
  });

  it("mentions that all are paused, or how to create the first", async () => {
    const { run } = await prepare(["a", "b"]);
    await run("automations pause a b");
    expect((await run("automations list --enabled")).stderr).toBe(
      "nothing to list: both automations are paused\n",
    );
    const empty = await prepare([]);
    expect((await empty.run("automations list --failing")).stderr).toMatch(
      /^no automations yet\. To create the first:\n/,
    );
    expect(
      (await empty.run("automations list", { tty: true })).stderr,
    ).toBe(`no automations yet. To create the first:
  herm automations create -d dep_local   walks you through it; or in one go:
  herm automations create -d dep_local --name "Weekly video variations" \\
    --schedule "every Monday at 9am" --instructions "…"
`);
  });

  it.each([
    ["--within 30m", "nothing will run in that period; the next is Daily report in 1 h"],
    [
      "--match daily*",
      `no automation matches --match 'daily*'\ncase matters: --match 'Daily*' matches "Daily report"`,
    ],
    ["--except *", "nothing will run: --except excludes everything"],
  ])("for upcoming %s is: %s", async (flags, why) => {
    const { run } = await prepare(["Daily report"]);
    for (const tty of [false, true]) {
      expect(await run(`automations upcoming ${flags}`, { tty })).toEqual({
        code: 0,
        stdout: "",
        stderr: `${why}\n`,
      });
    }
  });

  it("for upcoming mentions that all automations are paused or that none exist", async () => {
    const { run } = await prepare(["a", "b"]);
    await run("automations pause a b");
    expect((await run("automations upcoming")).stderr).toBe(
      "nothing will run: both automations are paused\n",
    );
    const empty = await prepare([]);
    expect((await empty.run("automations upcoming")).stderr).toBe("there are no automations\n");
  });

  it.each([
    ["--match nothing*", "no automation matches --match 'nothing*'"],
    ["--match Daily* --except Daily*", "nothing to show: --except excludes everything"],
    ["--except *", "nothing to show: --except excludes everything"],
  ])("for status %s is: %s", async (flags, why) => {
    const { run } = await prepare();
    for (const tty of [false, true])
      expect((await run(`status ${flags}`, { tty })).stderr.split("\n").slice(-2)).toEqual([why, ""]);
  });

  it("for runs list covers the time window, the statuses and the names", async () => {
    const { server, run } = await prepare(["Daily report", "Sales report"]);
    const why = async (flags: string, options: HermOptions = {}) => {
      const { code, stdout, stderr } = await run(`runs list ${flags}`.trim(), options);
      expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
      return stderr;
    };
    expect(await why("")).toBe("no runs yet; to start one: herm automations trigger -d dep_local\n");
    expect(await why("--since 1h")).toBe(
      "no runs yet; to start one: herm automations trigger -d dep_local\n",
    );
    const triggered = await herm(
      ["automations", "trigger", "Daily report", "--no-follow", "-d", "dep_local"],
      { server, now },
    );
    expect(triggered.code).toBe(0);
    await server.advance(2);
    const later = new Date("2026-03-05T09:00:00Z");
    const lastWas = "no runs in that period; the last was 3 d ago: Daily report\n";
    expect(await why("--since 1h", { now: later, fetch: stalledUntil(later, server) })).toBe(lastWas);
    expect(await why("--until 2026-01-01")).toBe("no runs in that period\n");
    expect(await why("--failed")).toBe("nothing to list: 1 run, not failed\n");
    expect(await why("--failed --waiting")).toBe("nothing to list: 1 run, not failed or waiting\n");
    expect(await why("--match daily*")).toBe(
      `no automation matches --match 'daily*'\ncase matters: --match 'Daily*' matches "Daily report"\n`,
    );
    expect(await why("--except *")).toBe("nothing to list: --except excludes everything\n");
    const [words, one] = [
      ["runs", "list", "Daily report", "--since", "1h", "-d", "dep_local"],
      { server, now: later, fetch: stalledUntil(later, server) },
    ];
    expect((await herm(words, one)).stderr).toBe(lastWas);
  });

  it("is shown when a pause's selection matches nothing", async () => {
    const { run } = await prepare();
    const refused = await run("automations pause --match daily* --yes");
    expect(refused).toMatchObject({ code: 4, stdout: "" });
    expect(refused.stderr).toBe(
      `error: --match "daily*" matches no automation\nhint: nothing was changed; case matters: --match 'Daily*' matches "Daily report"\n`,
    );
  });
});
