import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readXml, xmlElements } from "../support/xml.js";
import { startManifestServer } from "./manifest-server.js";

const now = new Date("2026-11-24T12:00:00Z");
const item = (name: string, schedule = "every day at 9am", rest = "") =>
  `  - name: ${name}\n    schedule: ${schedule}\n    instructions: Do ${name}.\n${rest}`;
const manifest = (...items: string[]) => `automations:\n${items.join("")}`;
const night = item("Nightly", '"30 2 * * *"', "    tz: Europe/Berlin\n");
const dst = "daylight saving in Europe/Berlin skips 02:30 on 28 Mar 2027 and doubles it on 31 Oct 2027";

async function start() {
  const server = await startManifestServer();
  /** Without a server, because no request may be sent. */
  const lint = (words: readonly string[], options = {}) =>
    server.run(["lint", ...words], { server: undefined, now, ...options });
  return { ...server, lint };
}

describe("lint", () => {
  it("reports likely mistakes and where they are, in every format, and exits with 0", async () => {
    const { lint, write } = await start();
    write({ "a/herm.yaml": manifest(night, item("A"), item("B").replace("Do B", "Do A")) });
    const rows = await lint(["-f", "a"]);
    expect(rows).toMatchObject({ code: 0, stderr: "" });
    expect(rows.stdout.split("\n")).toEqual([
      `a/herm.yaml\t3\t15\tdaylight-saving\t${dst}`,
      'a/herm.yaml\t9\t5\tsame-text\t"B" has the instructions of "A" (line 6)',
      "",
    ]);
    const lines = await lint(["-f", "a"], { tty: true, columns: 200 });
    expect(lines.stdout).toContain(`a/herm.yaml:3:15: ${dst}\n`);
    expect(lines.stderr).toBe("3 automations in 1 file, 1 warning, 1 note\n");
    const json = await lint(["-f", "a", "--json"]);
    expect(JSON.parse(json.stdout)[0]).toEqual({
      file: "a/herm.yaml",
      line: 3,
      column: 15,
      kind: "daylight-saving",
      text: dst,
    });
  });

  it("locates hidden characters and keys, without showing the key", async () => {
    const { lint, write } = await start();
    const key = `sk-ant-api03-${"Ab1_".repeat(8)}`;
    const text = (lines: string) => item("A").replace("Do A.", JSON.stringify(lines));
    write({
      "herm.yaml": manifest(
        text(`Fine.\nUse ${key}, \u200band\u202e.\nAKIA${"ABCD2345".repeat(2)} ghp_${"x1".repeat(18)}`),
        item('"B\\u200b"'),
        text("An emoji \u{1f469}\u200d\u{1f4bb}, sk-ant-… and ghp_….\n\tNext").replace("A", "C"),
      ),
    });
    const { stdout, code } = await lint(["-f", "herm.yaml", "--strict"]);
    expect(code).toBe(9);
    expect(stdout).not.toMatch(/Ab1_|ABCD|x1x1|\u200b/);
    expect(stdout.split("\n").map((line) => line.split("\t").slice(1).join(" "))).toEqual([
      "2 5 hidden-character line 2 of the instructions has <U+200B>",
      "2 5 key line 2 of the instructions seems to contain an API key (sk-…)",
      "2 5 key line 3 of the instructions seems to contain an AWS access key (AKIA…)",
      "2 5 key line 3 of the instructions seems to contain a GitHub token (ghp_…)",
      "5 5 hidden-character the name has <U+200B>",
      "",
    ]);
  });

  it("reports a problem of many deployments once, even with a `for`", async () => {
    const { lint, write } = await start();
    const theirs = item("Theirs", undefined, "    for: {customers: [cus_42]}\n");
    write({ "herm.yaml": manifest(`${night}    spread: 10m\n`, theirs) });
    expect((await lint(["-f", "herm.yaml", "--json"])).stdout).toMatch(
      /"text": "in any deployment: daylight saving in Europe\/Berlin skips 02:3\d on 28 Mar 2027/,
    );
  });

  it("exits with 9 for warnings under --strict, including unused values, otherwise 0", async () => {
    const { lint, write } = await start();
    write({
      "night.yaml": manifest(night),
      "same.yaml": manifest(item("A"), item("B").replace("Do B", "Do A")),
      "fine.yaml": manifest(item("A")),
    });
    expect(await lint(["-f", "same.yaml", "--strict"])).toMatchObject({ code: 9 });
    const noted = await lint(["-f", "night.yaml", "--strict"], { tty: true, columns: 200 });
    expect(noted).toMatchObject({ code: 0, stderr: "1 automation in 1 file, no warnings, 1 note\n" });
    const fine = await lint(["-f", "fine.yaml", "--strict"]);
    expect(fine).toEqual({ code: 0, stdout: "", stderr: "1 automation in 1 file, no warnings\n" });
    expect(await lint(["-f", "fine.yaml", "--json"])).toMatchObject({ code: 0, stdout: "[]\n" });
    const unused = await lint(["-f", "fine.yaml", "--strict", "--var", "x=1"]);
    expect(unused.code).toBe(9);
    expect(unused.stderr).toBe(
      "warning: --var x is not used anywhere in the manifests\n1 automation in 1 file, 1 warning\n",
    );
  });

  it("writes warnings as failures in reports under --strict, but never notes", async () => {
    const { lint, write, cwd } = await start();
    write({
      "night.yaml": manifest(night),
      "fine.yaml": manifest(item("A")),
      "bad.yaml": "automations: 1\n",
    });
    const report = async (...words: string[]) => {
      await lint([...words, "--report", "junit=j.xml", "--report", "markdown=m.md"]);
      const cases = xmlElements(readXml(readFileSync(join(cwd, "j.xml"), "utf8")), "testcase");
      const told = cases.map(({ attributes: { name, file, line }, children: [ending] }) =>
        [name, file, line, ending?.name, ending?.attributes.message].filter(Boolean).join(" "),
      );
      return { told, markdown: readFileSync(join(cwd, "m.md"), "utf8") };
    };
    const warned = await report("-f", "night.yaml");
    expect(warned.told).toEqual([`daylight-saving night.yaml:3:15 night.yaml 3 skipped ${dst}`]);
    expect(warned.markdown).toMatch(
      /^### herm: lint\n\n1 automation in 1 file, no warnings, 1 note\n\n\| place \| warning \|\n.*\n\| <code>night.yaml:3<\/code> \|/,
    );
    const strict = await report("-f", "night.yaml", "--strict", "--var", "x=1");
    expect(strict.told).toEqual([
      "no-part failure --var x is not used anywhere in the manifests",
      `daylight-saving night.yaml:3:15 night.yaml 3 skipped ${dst}`,
    ]);
    expect((await report("-f", "fine.yaml", "--strict")).told).toEqual(["herm lint"]);
    const [mistake, ...others] = (await report("-f", "bad.yaml")).told;
    expect(mistake).toMatch(/^bad\.yaml:1:14 bad\.yaml 1 failure automations must be a list/);
    expect(others).toEqual([]);
  });

  it("rejects everything that apply rejects, at once, and unreadable files", async () => {
    const { lint, write } = await start();
    const bad = manifest(item("A", "evry day"), item("B", '"*/5 * * * *"', "    spread: 10m\n"));
    write({ "bad.yaml": bad, "evry.yaml": manifest(item("A", "evry day")) });
    const refused = await lint(["-f", "bad.yaml", "-f", "gone.yaml"]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain('bad.yaml:3:15: the schedule "evry day" can\'t be read');
    expect(refused.stderr).toContain("bad.yaml:8:13: can't be spread over");
    expect(refused.stderr).toContain("gone.yaml:1:1: no such file");
    const gone = await lint(["-f", "gone.yaml"]);
    expect(gone.stderr).toBe("error: gone.yaml:1:1: no such file\n");
    const unread = await lint(["-f", "evry.yaml"], { env: { GITHUB_ACTIONS: "true" } });
    expect(unread.code).toBe(2);
    expect(unread.stderr).toContain("::error file=evry.yaml,line=3,col=15::");
    expect(await lint([])).toMatchObject({ code: 2, stderr: expect.stringContaining("no manifest given") });
    expect(await lint(["-f", "evry.yaml", "-o", "name"])).toMatchObject({ code: 2 });
  });

  it("reports a wrong time zone even if the schedule is unknown", async () => {
    const { lint, write } = await start();
    write({ "herm.yaml": manifest(item("A", "every day at ${hour}am", "    tz: Europe/Berln\n")) });
    const { stderr } = await lint(["-f", "herm.yaml"]);
    expect(stderr).toContain("herm.yaml:3:28: the variable hour isn't set");
    expect(stderr).toContain(
      'herm.yaml:5:9: "Europe/Berln" isn\'t a time zone (did you mean Europe/Berlin?)',
    );
  });

  it("counts runs in the named deployments, even with spread", async () => {
    const { lint, write } = await start();
    const ids = Array.from({ length: 21 }, (_, at) => `dep_${at}`);
    const text = (rest = "") =>
      `deployments: [${ids.join(", ")}]\n${manifest(item("A", "every day at 9am", rest))}`;
    write({ "herm.yaml": text() });
    const peak = "herm.yaml\t3\t5\tpeak\t21 automations run at 09:00 UTC every day";
    expect((await lint(["-f", "herm.yaml"])).stdout).toBe(`${peak}\n`);
    expect((await lint(["-f", "herm.yaml", "-d", "dep_1", "-d", "dep_2"])).stdout).toBe("");
    write({ "herm.yaml": text("    spread: 30m\n") });
    expect(await lint(["-f", "herm.yaml"])).toMatchObject({ code: 0, stdout: "" });
  });

  it("reports schedules that run too often, each at its line", async () => {
    const { lint, write } = await start();
    write({ "herm.yaml": manifest(item("A", '"*/2 * * * *"'), item("B", "every 5 minutes")) });
    const warning = "herm.yaml\t3\t15\tfrequent\t720 runs a day, 2 minutes apart";
    expect(await lint(["-f", "herm.yaml"])).toMatchObject({ code: 0, stdout: `${warning}\n` });
    expect(await lint(["-f", "herm.yaml", "--strict"])).toMatchObject({ code: 9 });
  });

  it.each<[string, [string, number][], string[]]>([
    ["20 runs aren't a peak", [["0 9 * * 1", 20]], []],
    ["a weekly peak", [["0 9 * * 1", 21]], ["21 automations run at Mon 09:00 UTC"]],
    ["a monthly peak", [["0 9 1 * *", 25]], ["25 automations run at Tue 1 Dec 09:00 UTC"]],
    [
      "one other minute",
      [["0 9,15 * * 1", 21]],
      ["21 automations run at Mon 09:00 UTC; 1 other minute starts more than 20 runs"],
    ],
    [
      "more runs on one weekday",
      [
        ["0 9 * * *", 21],
        ["0 9 * * 1", 4],
      ],
      ["25 automations run at Mon 09:00 UTC; 6 other minutes start more than 20 runs"],
    ],
    [
      "two peaks at two lines",
      [
        ["0 9 * * *", 21],
        ["0 10 * * *", 22],
      ],
      ["21 automations run at 09:00 UTC every day", "22 automations run at 10:00 UTC every day"],
    ],
  ])("reports peaks: %s", async (_, groups, expected) => {
    const { lint, write } = await start();
    const items = groups.flatMap(([schedule, many]) =>
      Array.from({ length: many }, (_, at) => item(`${schedule} ${at}`, `"${schedule}"`)),
    );
    write({ "herm.yaml": manifest(...items) });
    const { stdout } = await lint(["-f", "herm.yaml", "-o", "jsonl"]);
    const lines = stdout.split("\n").filter((line) => line !== "");
    expect(lines.map((line) => JSON.parse(line).text)).toEqual(expected);
  });

  it("ignores paused automations, and reports no peaks in a plan", async () => {
    const { lint, run, write } = await start();
    const items = (rest: string) => Array.from({ length: 21 }, (_, at) => item(`A${at}`, undefined, rest));
    write({ "on.yaml": manifest(...items("")), "off.yaml": manifest(...items("    enabled: false\n")) });
    expect((await lint(["-f", "off.yaml"])).stdout).toBe("");
    expect((await lint(["-f", "on.yaml"])).stdout).toContain("21 automations run at 09:00 UTC every day");
    expect(await run(["diff", "-f", "on.yaml", "-d", "dep_local", "--quiet"])).toMatchObject({
      code: 9,
      stderr: "",
    });
  });

  it("accepts partial values, and doesn't check values set per deployment", async () => {
    const { lint, write } = await start();
    const values =
      "values:\n  - {for: {customers: [cus_42]}, hour: 2}\n  - {for: {deployments: [A*]}, hour: 9}\n";
    const items = manifest(
      item("Nightly", "'30 ${hour} * * *'", "    tz: Europe/Berlin\n"),
      item("X ${deployment.name}"),
      item("Y ${deployment.customer_id}").replace("instructions", "instructions_file"),
    );
    write({ "herm.yaml": `${values}${items}` });
    const some = await lint(["-f", "herm.yaml"]);
    expect(some.stdout).toBe(`herm.yaml\t6\t15\tdaylight-saving\tin cus_42: ${dst}\n`);
    const all = await lint(["-f", "herm.yaml", "--var", "hour=2", "-o", "jsonl"]);
    expect(all.stdout).toContain(`"text":"${dst}"`);
    const wrong = await lint(["-f", "herm.yaml", "--var", "hour=25"]);
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: --var hour: .*; used in herm.yaml:6\n/),
    });
  });

  it("reads stdin, and annotates in GitHub Actions", async () => {
    const { lint } = await start();
    const told = await lint(["-f", "-"], { stdin: manifest(night), env: { GITHUB_ACTIONS: "true" } });
    expect(told.stderr).toBe(`::notice file=stdin,line=3,col=15::${dst}\n`);
  });

  it("suggests the right flag for a manifest or record passed to --values", async () => {
    const { lint, run, write } = await start();
    write({
      "herm.yaml": manifest(item("A")),
      "herm.lock.yaml": '# By herm.\nrecord: 1\napi: "x"\nmade:\n',
      "all/herm.yaml": manifest(item("A")),
      "all/values.yaml": "hour: 9\n",
    });
    const given = await lint(["-f", "herm.yaml", "--values", "herm.yaml", "--values", "herm.lock.yaml"]);
    expect(given).toMatchObject({ code: 2 });
    expect(given.stderr.split("\n").slice(1, 3).toSorted()).toEqual([
      "  herm.lock.yaml:1:1: this is a record: use --record",
      "  herm.yaml:1:1: this looks like a manifest: use --file",
    ]);
    const pruned = await run(["apply", "-f", "all", "-d", "dep_local", "--prune", "--yes"]);
    expect(pruned.stderr).toContain(
      "all/values.yaml:1:1: neither a manifest nor a --values file: with --prune, ",
    );
  });
});
