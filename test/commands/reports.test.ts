import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { readXml, type XmlElement, xmlElements } from "../support/xml.js";
import { startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);
const local = ["-d", "dep_local"];
const both = ["--report", "junit=out/junit.xml", "--report", "markdown=out/comment.md"];
const start = async () => {
  const server = await startOnMonday();
  return {
    ...server,
    junit: () => readXml(readFileSync(join(server.cwd, "out/junit.xml"), "utf8")),
    markdown: () => readFileSync(join(server.cwd, "out/comment.md"), "utf8"),
  };
};
const item = (name: string, instructions = "x") =>
  `  - name: ${JSON.stringify(name)}\n    schedule: every day at 9am\n    instructions: ${JSON.stringify(instructions)}\n`;
const manifest = (...items: string[]) => `automations:\n${items.join("")}`;

/** `Acme/A herm.yaml:2 failed: why`; without warnings. */
const casesOf = (report: XmlElement) => allCasesOf(report).filter((each) => !each.startsWith("warnings/"));
const allCasesOf = (report: XmlElement) =>
  xmlElements(report, "testcase").map(({ attributes: { classname, name, file, line }, children }) => {
    const [ending] = children.filter(({ name: tag }) => tag === "failure" || tag === "skipped");
    const how = ending === undefined ? "passed" : `${ending.name}: ${ending.attributes.message}`;
    return [`${classname}/${name}`, ...(file === undefined ? [] : [`${file}:${line}`]), how].join(" ");
  });

describe("a report of a diff", () => {
  it("fails each difference at its line, with details, and passes the rest", async () => {
    const { run, write, create, junit, markdown } = await start();
    await create({ name: "Same" });
    await create({ name: "Text", instructions: "one\ntwo\nthree" });
    await create({ name: "Paused", instructions: "y", enabled: false });
    await create({ name: "Gone" });
    write({
      "herm.yaml": `${manifest(item("Same"), item("Text", "one\nTWO\nthree"), item("Paused", "y"), item("New", "z"))}removed: [Gone]\n`,
    });
    const plain = await run(["diff", "-f", "herm.yaml", ...local, "--json"], { now });
    const reported = await run(["diff", "-f", "herm.yaml", ...local, "--json", ...both], { now });
    expect(reported).toEqual(plain);
    expect(reported.code).toBe(9);
    const report = junit();
    expect(report).toMatchObject({
      name: "testsuites",
      attributes: { name: "herm diff", tests: "5", failures: "3", errors: "0", skipped: "1" },
    });
    expect(casesOf(report)).toEqual([
      "dep_local/Same herm.yaml:2 passed",
      "dep_local/Text herm.yaml:5 failure: differs in instructions",
      "dep_local/Paused herm.yaml:8 skipped: paused",
      "dep_local/New herm.yaml:11 failure: would be created",
      "dep_local/Gone herm.yaml:14 failure: would be deleted",
    ]);
    const [, text] = xmlElements(report, "testcase");
    expect(text?.children).toMatchObject([
      { name: "failure", attributes: { type: "difference" }, text: "herm.yaml:5:5: differs in instructions" },
      { name: "system-out", text: "  one\n- two\n+ TWO\n  three" },
    ]);
    expect(markdown()).toBe(`### herm: differences

1 to create, 1 to update, 1 to delete, 1 unchanged, 1 skipped

| | deployments | automation | fields | place | |
| --- | --- | --- | --- | --- | --- |
| update | <code>dep_local</code> | <code>Text</code> | instructions | <code>herm.yaml:5</code> |  |
| create | <code>dep_local</code> | <code>New</code> |  | <code>herm.yaml:11</code> |  |
| delete | <code>dep_local</code> | <code>Gone</code> |  | <code>herm.yaml:14</code> | <code>removed, enabled</code> |
| skipped | <code>dep_local</code> | <code>Paused</code> |  | <code>herm.yaml:8</code> | <code>paused</code> |

<details><summary>What changes</summary>

update <code>Text</code> in <code>dep_local</code> <code>herm.yaml:5</code>

\`\`\`diff
  one
- two
+ TWO
  three
\`\`\`

create <code>New</code> in <code>dep_local</code> <code>herm.yaml:11</code>

\`\`\`diff
+ name: New
+ schedule: 0 9 * * * (every day at 09:00 UTC)
+ z
\`\`\`

</details>
`);
  });
});

describe("a report", () => {
  it("contains a case even without results, because Jenkins requires one", async () => {
    const { run, write, junit, markdown } = await start();
    write({ "herm.yaml": "removed: [Gone]\n" });
    expect((await run(["diff", "-f", "herm.yaml", ...local, ...both], { now })).code).toBe(0);
    expect(casesOf(junit())).toEqual(["herm/herm diff passed"]);
    expect(markdown()).toBe("### herm: differences\n\nnothing to do\n");
  });

  it("lists warnings at their lines, but not as failures", async () => {
    const { run, write, junit, markdown } = await start();
    write({ "herm.yaml": manifest(item("A"), item("B")) });
    expect((await run(["apply", "-f", "herm.yaml", ...local, ...both], { now })).code).toBe(0);
    expect(junit().attributes).toMatchObject({ tests: "3", failures: "0", skipped: "1" });
    expect(allCasesOf(junit()).at(-1)).toBe(
      'warnings/same-text herm.yaml:5:5 herm.yaml:5 skipped: "B" has the instructions of "A" (line 2)',
    );
    expect(markdown()).toContain(
      '\n\n| place | warning |\n| --- | --- |\n| <code>herm.yaml:5</code> | <code>"B" has ',
    );
  });
});

describe("a report of a fleet", () => {
  it("groups differences due to values and spread, with an example", async () => {
    const { run, write, deploy, markdown } = await start();
    for (const name of ["Acme", "Beta", "Core"]) await deploy(name, { customer: "cus_a" });
    const text = item("Report", "of ${deployment.name}");
    write({ "herm.yaml": manifest(`${text}    spread: 45m\n`) });
    expect((await run(["diff", "-f", "herm.yaml", "--customer", "cus_a", ...both], { now })).code).toBe(9);
    expect(markdown().match(/^create .*$/gm)).toEqual([
      expect.stringMatching(
        / in 3 deployments: <code>.*<\/code> \(3 versions by their values and spread, here: <code>\w+<\/code>\)$/,
      ),
    ]);
    // One in this many isn't moved, depending on its id.
    expect(markdown()).toMatch(
      /^\+ schedule: (?:0 9 \* \* \* \(.* UTC\)|[1-9]\d* 9 \* \* \* \(.* UTC\), spread by \d+m)$/m,
    );
  });
});

describe("a report of an apply", () => {
  it("lists results and failures with reasons, and is always written", async () => {
    const { run, write, call, create, deploy, junit, markdown } = await start();
    const acme = await deploy("Acme");
    await create({ name: "Text", instructions: "old" }, acme);
    await create({ name: "Same" }, acme);
    write({ "herm.yaml": manifest(item("Text", "new"), item("Same"), item("New")) });
    const words = ["-f", "herm.yaml", "-d", "Acme", ...both];
    expect((await run(["apply", ...words, "--dry-run"], { now })).code).toBe(0);
    expect(casesOf(junit())).toEqual([
      "Acme/Text herm.yaml:2 skipped: differs in instructions",
      "Acme/Same herm.yaml:5 passed",
      "Acme/New herm.yaml:8 skipped: would be created",
    ]);
    expect(markdown()).toMatch(
      /^### herm: what apply would do\n\n1 to create, 1 to update, 1 unchanged; runs a day: 1 → 2\n/,
    );
    await call("POST", "/_dev/faults", { method: "POST", action: { type: "fail", status: 400 } });
    const applied = await run(["apply", ...words], { now });
    expect(applied.code).toBe(8);
    expect(casesOf(junit())).toEqual([
      "Acme/Text herm.yaml:2 passed",
      "Acme/Same herm.yaml:5 passed",
      expect.stringMatching(/^Acme\/New herm\.yaml:8 failure: a simulated fault/),
    ]);
    // Failures come first.
    expect(markdown()).toMatch(
      /^### herm: applied\n\n1 updated, 1 unchanged, 1 failed\n\n.*\n.*\n\| create .*\n\| update /,
    );
    expect((await run(["apply", ...words], { now })).code).toBe(0);
    expect(markdown()).toContain("### herm: applied\n\n1 created, 2 unchanged\n");
  });

  it("reports once everything that an unready deployment prevents", async () => {
    const { run, write, deploy, junit, markdown } = await start();
    await deploy("Slow", { prompt: "@dev wait 60", isReady: false, customer: "cus_s" });
    write({ "herm.yaml": manifest(item("A"), item("B", "y"), item("C", "z")) });
    const result = await run(["diff", "-f", "herm.yaml", "--customer", "cus_s", "--strict", ...both], {
      now,
    });
    expect(result.code).toBe(8);
    expect(casesOf(junit())).toHaveLength(3);
    expect(markdown().match(/^\| failed .*$/gm)).toEqual([
      "| failed | <code>Slow</code> | <code>A and 2 more</code> |  | <code>herm.yaml:2, herm.yaml:5 and 1 more</code> | <code>Slow isn't ready</code> |",
    ]);
  });

  it("reports every mistake at its line, and errors of the whole command", async () => {
    const { run, write, writes, junit, markdown, failLists } = await start();
    write({ "a|b.yaml": "automations:\n  - nam: A\nfoo: 1\n", "herm.yaml": manifest(item("A")) });
    await writes();
    const refused = await run(["apply", "-f", "a|b.yaml", ...local, ...both], { now });
    expect(refused.code).toBe(2);
    expect(casesOf(junit())).toEqual([
      expect.stringMatching(/^manifests\/a\|b\.yaml:2:5 a\|b\.yaml:2 failure: unknown key nam/),
      expect.stringMatching(/^manifests\/a\|b\.yaml:2:5 a\|b\.yaml:2 failure: this automation has no /),
      expect.stringMatching(/^manifests\/a\|b\.yaml:3:1 a\|b\.yaml:3 failure: unknown key foo/),
    ]);
    expect(markdown()).toContain("3 mistakes in the manifests; nothing was changed\n\n| place | mistake |\n");
    expect(markdown()).toContain("| <code>a&#124;b.yaml:3</code> | <code>unknown key foo ");
    const nowhere = await run(["apply", "-f", "herm.yaml", "-d", "Nobody", ...both], { now });
    expect(nowhere.code).toBe(4);
    expect(casesOf(junit())).toEqual(['herm/herm apply failure: no deployment named "Nobody"']);
    expect(markdown()).toBe(
      '### herm: apply\n\nFailed: <code>no deployment named "Nobody"</code>\n\nHint: <code>to see what exists: herm deployments list</code>\n',
    );
    expect(xmlElements(junit(), "failure")).toMatchObject([
      { text: 'no deployment named "Nobody"\nhint: to see what exists: herm deployments list' },
    ]);
    const declined = await run(["apply", "-f", "herm.yaml", ...local, ...both], { now, answers: [false] });
    expect(declined.code).toBe(1);
    expect(casesOf(junit())).toEqual([
      "dep_local/A herm.yaml:2 skipped: would be created",
      expect.stringMatching(/^herm\/herm apply failure: /),
    ]);
    await failLists("dep_local");
    expect((await run(["diff", "-f", "herm.yaml", ...local, ...both], { now })).code).toBe(7);
    expect(casesOf(junit())).toEqual([
      expect.stringMatching(/^dep_local\/A herm\.yaml:2 failure: a simulated fault/),
    ]);
    expect(await writes()).toEqual([]);
  });

  it("is written after Ctrl-C, with the results so far", async () => {
    const { run, write, server, junit } = await start();
    write({ "herm.yaml": manifest(...Array.from({ length: 30 }, (_, index) => item(`A${index}`))) });
    const stop = new AbortController();
    const fetch: typeof server.fetch = async (request) => {
      const answer = await server.fetch(request);
      if (request.method === "POST") stop.abort(new InterruptedError());
      return answer;
    };
    const stopped = await run(["apply", "-f", "herm.yaml", ...local, ...both], {
      now,
      signal: stop.signal,
      server: { ...server, fetch },
    });
    expect(stopped.code).toBe(130);
    const cases = casesOf(junit());
    expect(cases).toHaveLength(31);
    expect(cases.filter((each) => each.endsWith("passed")).length).toBeGreaterThan(0);
    expect(cases.filter((each) => each.includes("skipped: ")).length).toBeGreaterThan(0);
    expect(cases.at(-1)).toBe("herm/herm apply failure: interrupted: 1 of 30 applied, 29 not started");
  });
});

describe("a report's text", () => {
  const evil =
    '[[ATTACHMENT|/etc/passwd]] @ada #1 [x](http://e.example) | ``` </details> <b>&amp; ]]> \u0007\u001b[2J\u202e" ${x}';
  const inFile = evil.replace("${", () => "$${");

  it("stays plain text, even with random names and instructions", async () => {
    const { run, write, create, deploy, junit, markdown } = await start();
    const id = await deploy(evil);
    await create({ name: evil, instructions: `one\n${evil}` }, id);
    write({ "herm.yaml": manifest(item(inFile, `two\n${inFile}\n\`\`\`\`\n@ada`)) });
    expect((await run(["diff", "-f", "herm.yaml", "-d", id, ...both], { now })).code).toBe(9);
    const [only] = xmlElements(junit(), "testcase");
    expect(JSON.stringify(junit())).not.toContain("[[ATT");
    const shown = evil.replace("[[", "[\u200b[").replace("\u0007\u001b[2J\u202e", "^G^[[2J<U+202E>");
    expect(only?.attributes).toMatchObject({ classname: id, name: shown });
    const text = markdown();
    const [outside = "", fence = ""] = text.split(/^`{5}(?:diff)?$/m);
    expect(outside).not.toMatch(/@|\[x\]|http:|<b>| #1|\u001b|\u202e|``/);
    expect(outside.match(/^\| update .*$/m)?.[0].match(/\|/g)).toHaveLength(7);
    expect(fence).toContain("+ ````\n+ @ada\n");
    expect(text.match(/<\/details>/g)).toHaveLength(2);
  });

  it("never contains a key", async () => {
    const { run, write, create, server, junit, markdown } = await start();
    const { automation_id } = await create({ name: `A ${server.apiKey}`, instructions: "x" });
    write({ "herm.yaml": `removed: [${automation_id}]\n` });
    const env = { HERM_API_KEY: server.apiKey };
    const words = ["diff", "-f", "herm.yaml", ...local, ...both];
    expect((await run(words, { now, env })).code).toBe(9);
    expect(JSON.stringify(junit()) + markdown()).not.toContain(server.apiKey);
    expect(markdown()).toContain("A &#91;redacted&#93;");
  });

  it("stays within GitHub's limit, and counts omitted rows", async () => {
    const { run, write, markdown, junit } = await start();
    const items = Array.from({ length: 400 }, (_, index) =>
      item(`${"*".repeat(200)} ${index}`, `${"x".repeat(20)}\n`.repeat(40)).replace(
        "every day at 9am",
        "every day at 2:30am\n    tz: Europe/Berlin",
      ),
    );
    write({ "herm.yaml": manifest(...items) });
    expect((await run(["diff", "-f", "herm.yaml", ...local, ...both], { now })).code).toBe(9);
    expect(markdown().length).toBeLessThan(65_536);
    expect(markdown()).toMatch(/\n… and \d+ more\n\n<details>/);
    expect(markdown()).toMatch(/\n… and \d+ more\n\n<\/details>\n$/);
    expect(casesOf(junit())).toHaveLength(400);
    write({
      "bad.yaml": `automations: []\n${Array.from({ length: 900 }, (_, index) => `"${"*".repeat(200)}${index}": 1\n`).join("")}`,
    });
    expect((await run(["diff", "-f", "bad.yaml", ...local, ...both], { now })).code).toBe(2);
    expect(markdown().length).toBeLessThan(65_536);
    expect(markdown()).toMatch(/\n… and 8\d\d more\n$/);
  });

  it("names files relative to the checkout's root", async () => {
    const { run, write, cwd, junit } = await start();
    write({ "ci/herm.yaml": manifest(item("A")) });
    for (const variable of ["GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE"]) {
      const env = { [variable]: join(cwd, "..") };
      await run(["diff", "-f", "ci/herm.yaml", ...local, ...both], { now, env });
      expect(casesOf(junit())[0]).toMatch(/^dep_local\/A [\w-]+\/ci\/herm\.yaml:2 failure/);
    }
    const stdin = manifest(item("A"));
    await run(["diff", "-f", "-", ...local, ...both], { now, stdin, env: { WORKSPACE: join(cwd, "..") } });
    expect(casesOf(junit())[0]).toMatch(/^dep_local\/A stdin:2 failure/);
  });

  it("distinguishes deployments and automations of the same name", async () => {
    const { run, write, create, deploy, junit } = await start();
    const ids = [await deploy("Twin"), await deploy("Twin")];
    const two = [await create({ name: "A" }, ids[0]), await create({ name: "A" }, ids[0])];
    const other = await create({ name: "A" }, ids[1]);
    write({ "herm.yaml": `removed: [${[...two, other].map(({ automation_id }) => automation_id)}]\n` });
    await run(["diff", "-f", "herm.yaml", ...ids.flatMap((id) => ["-d", id]), ...both], { now });
    const told = two.map(({ automation_id }) => `Twin/A (${ids[0]}/${automation_id})`);
    const all = [...told, `Twin/A (${ids[1]}/${other.automation_id})`];
    expect(casesOf(junit()).sort()).toEqual(
      all.map((each) => `${each} herm.yaml:1 failure: would be deleted`).sort(),
    );
  });
});

describe("--report", () => {
  it.each([
    ["html=x", '--report needs junit=<file> or markdown=<file>, not "html=x"'],
    ["x.xml", '--report needs junit=<file> or markdown=<file>, not "x.xml"'],
    ["x", '--report needs junit=<file> or markdown=<file>, not "x"'],
    ["junit=", '--report needs junit=<file> or markdown=<file>, not "junit="'],
    ["junit=-", "--report junit needs a file"],
    ["junit=folder", "--report junit needs a file; folder isn't one"],
    ["junit=/dev/null", "--report junit needs a file; /dev/null isn't one"],
  ])("rejects %s before any change", async (given, says) => {
    const { run, write, cwd, writes, state } = await start();
    mkdirSync(join(cwd, "folder"));
    write({ "herm.yaml": manifest(item("A")) });
    await writes();
    const { code, stderr } = await run(["apply", "-f", "herm.yaml", ...local, "--report", given], { now });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
    expect(await state()).toEqual([]);
  });

  it("overwrites only its own reports, even through a link, and leaves no other file", async () => {
    const { run, write, cwd, state } = await start();
    write({ "herm.yaml": manifest(item("A")), "real.md": "" });
    symlinkSync("real.md", join(cwd, "link.md"));
    const report = (given: string) => run(["apply", "-f", "herm.yaml", ...local, "--report", given], { now });
    for (const given of ["markdown=herm.yaml", "junit=herm.yaml"]) {
      expect(await report(given)).toMatchObject({
        code: 6,
        stderr: expect.stringContaining("herm.yaml exists"),
      });
    }
    expect(await state()).toEqual([]);
    for (let times = 0; times < 2; times += 1) expect((await report("markdown=link.md")).code).toBe(0);
    expect(readFileSync(join(cwd, "real.md"), "utf8")).toMatch(/^### herm: applied\n/);
    expect(await report("junit=real.md")).toMatchObject({ code: 6 });
    const twice = ["--report", "junit=a.xml", "--report", "markdown=./a.xml"];
    expect(await run(["diff", "-f", "herm.yaml", ...local, ...twice], { now })).toMatchObject({ code: 2 });
    expect(readdirSync(cwd).sort()).toEqual(["herm.yaml", "link.md", "real.md"]);
  });

  it("fails before any change if it can't be written, and otherwise warns", async () => {
    const { run, write, cwd, state, server } = await start();
    write({ "herm.yaml": manifest(item("A")), file: "" });
    const words = ["apply", "-f", "herm.yaml", ...local, "--report"];
    const before = await run([...words, "junit=file/x.xml"], { now });
    expect(before).toMatchObject({ code: 6, stdout: "" });
    expect(before.stderr).toMatch(
      /^error: file\/x\.xml can't be written \(\w+\)\nhint: give --report another file\n/,
    );
    expect(await state()).toEqual([]);
    const after = await run([...words, "junit=sub/x.xml"], {
      now,
      server: {
        ...server,
        fetch: async (request) => {
          if (request.method === "POST") mkdirSync(join(cwd, "sub/x.xml"), { recursive: true });
          return server.fetch(request);
        },
      },
    });
    expect(after.code).toBe(0);
    expect(after.stderr).toMatch(/^warning: the report could not be written: .*; sub\/x\.xml isn't one$/m);
    expect(await state()).toHaveLength(1);
  });
});
