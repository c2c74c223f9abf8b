import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadPage, loadTopic } from "../../src/help/topic-pages.js";
import { type ManifestServer, startManifestServer } from "../commands/manifest-server.js";
import { type HermResult, temporaryFolder } from "../support/harness.js";
import { readShellLine } from "../support/shell-line.js";
import { fileOfTopic, rowsOf } from "../support/topics.js";

const release = readFileSync(join(import.meta.dirname, "../../.github/workflows/release.yml"), "utf8");

/** A manifest of the page, and what else its repository has. */
const defaults = await fileOfTopic("gitops", "# automations/defaults.yaml");
const files = {
  "automations/defaults.yaml": defaults,
  "automations/texts/weekly.md": "Look back at last week.\n",
  "prod/values.yaml": "live: true\n",
  ".git/HEAD": "ref: refs/heads/main\n",
};

const recordFile = "automations/herm.lock.yaml";

let server: ManifestServer;
let acme: string;
beforeEach(async () => {
  server = await startManifestServer();
  acme = await server.deploy("Acme", { customer: "cus_42" });
  await server.deploy("Acme test", { customer: "cus_42" });
  await server.create({ name: "Their own" }, acme);
  server.write(files);
});

/** Runs a script's only `herm` command with a job's environment, on a machine that has never run herm. */
async function runScript(script: string, env: Record<string, string>) {
  const expanded = script.trim().replaceAll(/\$(\w+)/g, (_all, name: string) => env[name] ?? "");
  const [command, ...others] = readShellLine(expanded);
  expect({ herm: command?.words[0], others }).toEqual({ herm: "herm", others: [] });
  const home = temporaryFolder();
  const result = await server.runHerm(command?.words.slice(1) ?? [], {
    key: null,
    home,
    env: { ...env, CI: "true" },
  });
  return { ...result, home };
}

const namesIn = async (deployment?: string) => (await server.state(deployment)).map(({ name }) => name);

async function expectProvisioned(): Promise<void> {
  expect(await namesIn()).toEqual(["Weekly report"]);
  expect(await server.state(acme)).toMatchObject([
    { name: "Their own" },
    { name: "Weekly report", instructions: files["automations/texts/weekly.md"], enabled: true },
  ]);
}

/** Merges a commit that names something else instead. */
const replace = () =>
  server.write({
    "automations/defaults.yaml": defaults.replace("Weekly report", "Digest"),
    "automations/texts/weekly.md": "Sum up last week.\n",
  });

interface Step {
  uses?: string;
  run?: string;
  if?: string;
  env?: Record<string, string>;
  with?: Record<string, string>;
}

const workflow = parse(await fileOfTopic("gitops", "# .github/workflows"));
const steps: Step[] = workflow.jobs.herm.steps;

/** Fills in what GitHub knows; what isn't known here is a mistake in the page. */
function filled(values: Record<string, string>, known: Record<string, string>): Record<string, string> {
  const entries = Object.entries(values).map(([name, value]) => {
    const put = value.replaceAll(/\$\{\{ ([\w.]+) \}\}/g, (_all, key: string) => {
      if (known[key] === undefined) throw new Error(`${key} isn't known`);
      return known[key];
    });
    return [name, put] as const;
  });
  return Object.fromEntries(entries);
}

/** Whether GitHub would run a step, as long as no earlier one failed. */
function isMet(condition: string, event: string, env: Record<string, string>): boolean {
  return condition
    .trim()
    .split(/\s+&&\s+/)
    .every((term) => {
      const [, wanted] = /^github\.event_name == '(\w+)'$/.exec(term) ?? [];
      if (wanted !== undefined) return wanted === event;
      if (term === "env.HERM_API_KEY != ''") return env.HERM_API_KEY !== "";
      if (term === "always()" || term.startsWith("contains(")) return true;
      throw new Error(`${term} isn't known`);
    });
}

/** Runs the herm steps of an event until one fails; gives what the last one ended with, and how many ran. */
async function runEvent(event: string, { freeze = "", summary = "", flags = "", isFork = false } = {}) {
  const key = isFork ? "" : server.server.apiKey;
  const known = {
    ...{ "secrets.HERM_API_KEY": key, "secrets.HERM_READ_KEY": key, "vars.HERM_FREEZE": freeze },
    ...{ "github.server_url": "https://github.example", "github.repository": "acme/defaults" },
    "github.run_id": "42",
    "inputs.flags": flags,
  };
  const ended: (HermResult & { home: string })[] = [];
  const shared = filled(workflow.env, known);
  for (const { run = "", if: condition = "always()", env: own = {} } of steps) {
    const isDue = run.startsWith("herm ") && isMet(condition, event, shared);
    if (!isDue || (ended.at(-1)?.code ?? 0) !== 0) continue;
    const env = { ...shared, ...filled(own, known), GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary };
    ended.push(await runScript(run, env));
  }
  const last = ended.at(-1);
  if (last === undefined) throw new Error(`nothing runs on ${event}`);
  return { ...last, count: ended.length };
}

describe("the workflow for GitHub Actions", () => {
  it("runs one at a time, of one version, with keys from the secrets, and may only read the repository", () => {
    const { permissions, env, jobs } = workflow;
    // GitHub drops what waits for a newer run of its group: what only reads may not take a push's place.
    const writing = steps.filter(({ run }) => run?.includes("--yes")).map((step) => step.if?.split("'")[1]);
    expect(jobs.herm.concurrency).toBe(
      `\${{ contains('${writing.join(" ")}', github.event_name) && 'herm' || github.run_id }}`,
    );
    expect(permissions).toEqual({ contents: "read", "pull-requests": "write" });
    expect(steps.map(({ run }) => run)).toContain("npm install --global herm-cli@1.2.3");
    expect(env.HERM_API_KEY).toBe("${{ secrets.HERM_READ_KEY }}");
    const apply = steps.find((step) => step.run?.includes("--yes"));
    expect(apply).toMatchObject({ env: { HERM_API_KEY: "${{ secrets.HERM_API_KEY }}" } });
  });

  it("caches the record alone", () => {
    const caches = steps.filter(({ uses }) => uses?.startsWith("actions/cache/"));
    expect(caches.map((step) => step.with?.path)).toEqual([recordFile, recordFile]);
  });

  it("pins its actions as the release does", async () => {
    const text = await fileOfTopic("gitops", "# .github/workflows");
    const pinned = [...text.matchAll(/# (v[\d.]+)\n +- uses: (\S+)@(\S+)/g)];
    for (const [, version, action, commit] of pinned.slice(0, 2))
      expect(release).toContain(`uses: ${action}@${commit} # ${version}\n`);
    for (const { uses = "@" } of steps.filter((step) => step.uses)) expect(uses).toMatch(/@[0-9a-f]{40}$/);
  });

  it("shows the plan of a pull request, applies on main, and finds drift every night", async () => {
    expect((await runEvent("pull_request")).code).toBe(6);
    const plan = join(server.cwd, "plan.md");
    expect(await runEvent("workflow_dispatch")).toMatchObject({ code: 0 });
    expect((await runEvent("pull_request")).code).toBe(0);
    const comment = steps.find(({ run }) => run?.startsWith("gh pr comment"))?.run;
    expect(comment).toContain("--body-file plan.md");
    expect(readFileSync(plan, "utf8")).toContain("Weekly report");
    expect(await namesIn(acme)).toEqual(["Their own"]);

    const frozenSummary = join(server.cwd, "frozen.md");
    const frozen = await runEvent("push", { freeze: "INC-42: ask #ops", summary: frozenSummary });
    expect(frozen).toMatchObject({ code: 6, stderr: expect.stringContaining("INC-42: ask #ops") });
    expect(readFileSync(frozenSummary, "utf8")).toContain(
      "Failed: <code>frozen&#58; INC&#45;42&#58; ask &#35;ops</code>",
    );
    const { code, home } = await runEvent("push");
    expect(code).toBe(0);
    await expectProvisioned();
    expect((await runEvent("push")).code).toBe(0);
    const history = await server.runHerm(["history", "--json"], { home });
    expect(history.stdout).toContain("https://github.example/acme/defaults/actions/runs/42");

    expect((await runEvent("schedule")).code).toBe(0);
    const id = (await server.state(acme))[1]?.automation_id;
    await server.call("PATCH", `/v1/deployments/${acme}/automations/${id}`, { instructions: "Else." });
    const summary = join(server.cwd, "summary.md");
    const drift = await runEvent("schedule", { freeze: "x", summary });
    expect(drift.code).toBe(9);
    const differs = "in Acme differs in instructions";
    expect(drift.stdout).toContain(
      "\n        - Else.\n        + Look back at last week.\n\nPlan: 1 to update, 1 unchanged in 2 deployments\n",
    );
    expect(drift.stderr).toContain(
      `::warning file=automations/defaults.yaml,line=7,col=5::"Weekly report" ${differs}\n`,
    );
    expect(readFileSync(summary, "utf8")).toContain("### herm: differences\n\n1 to update, 1 unchanged");

    replace();
    expect((await runEvent("push")).code).toBe(0);
    expect(await namesIn(acme)).toEqual(["Digest", "Their own"]);
  });

  it("finds each night the schedules that daylight saving moved", async () => {
    expect((await runEvent("workflow_dispatch")).code).toBe(0);
    expect((await runEvent("push")).code).toBe(0);
    const { automation_id: id, schedule = "" } = (await server.state(acme))[1] ?? {};
    const hour = Number(schedule?.split(" ")[1]);
    for (const moved of [hour - 1, hour + 1]) {
      const fields = { schedule: schedule?.replace(` ${hour} `, ` ${moved} `) };
      await server.call("PATCH", `/v1/deployments/${acme}/automations/${id}`, fields);
      expect((await runEvent("schedule")).code).toBe(9);
    }
  });

  it("only lints a pull request from a fork", async () => {
    expect(await runEvent("pull_request", { isFork: true })).toMatchObject({ code: 0, count: 1 });
    expect(readFileSync(join(server.cwd, "plan.md"), "utf8")).toContain("herm: lint");
  });
});

/** Does what an example of the page does, line by line: its pushes and runs go through the workflow. */
async function follow(title: string) {
  const { sections } = await loadTopic("gitops");
  const blocks = sections.find((section) => section.title === title)?.blocks ?? [];
  const text =
    blocks.flatMap((block) => (typeof block === "object" && "lines" in block ? block.lines : []))[0] ?? "";
  expect(text.split("\n").length, title).toBeLessThanOrEqual(10);
  const ended: (HermResult & { line: string })[] = [];
  const patch: string[] = [];
  let freeze = "";
  for (const line of text.replaceAll(/ \\\n +/g, " ").split("\n")) {
    if (/^[-+ ] /.test(line)) patch.push(line.replace(/ +# .*/, ""));
    else if (patch.length > 0) edit(patch.splice(0));
    const [command] = /^[-+# ] /.test(line) ? [] : readShellLine(line);
    const [tool, ...words] = command?.words ?? [];
    if (tool === "herm") ended.push({ line, ...(await server.runHerm(words)) });
    if (tool === "git") ended.push({ line, ...(await runEvent("push", { freeze })) });
    if (words[0] === "workflow") ended.push({ line, ...(await runLast()) });
    if (words[0] === "variable") {
      freeze = words[4] ?? "";
      expect((await runEvent("push", { freeze })).code).toBe(freeze === "" ? 0 : 6);
    }
  }
  return ended.map(({ line, code }) => [line.split(" ").slice(0, 3).join(" "), code]);
}

/** Edits the defaults as a patch says. */
function edit(patch: readonly string[]): void {
  const side = (mark: string) =>
    patch
      .filter((line) => line.startsWith(mark) || line.startsWith(" "))
      .map((line) => `${line.slice(2)}\n`)
      .join("");
  const path = join(server.cwd, "automations/defaults.yaml");
  const text = readFileSync(path, "utf8");
  expect(text).toContain(side("-"));
  server.write({ "automations/defaults.yaml": text.replace(side("-"), () => side("+")) });
}

/** Starts the record with the files as they were applied first, and goes back to those of today. */
async function runLast() {
  const today = Object.keys(files).map((file) => [file, readFileSync(join(server.cwd, file), "utf8")]);
  server.write(files);
  const ended = await runEvent("workflow_dispatch");
  server.write(Object.fromEntries(today));
  return ended;
}

describe("every pipeline", () => {
  it.each(["# .github/workflows", "# .gitlab-ci.yml", "// Jenkinsfile"])(
    "prunes, and deletes nothing that somebody paused: %s",
    async (begins) => {
      const text = await fileOfTopic("gitops", begins);
      expect([text.includes("--prune"), text.includes("--delete-paused")]).toEqual([true, false]);
    },
  );
});

/** Pushes, and loses the record that this leaves: the job died before it was saved. */
async function dieAtPush(): Promise<void> {
  const path = join(server.cwd, recordFile);
  const saved = readFileSync(path, "utf8");
  expect((await runEvent("push")).code).toBe(0);
  writeFileSync(path, saved);
}

describe("the workflow after a bad day", () => {
  beforeEach(async () => {
    expect((await runEvent("workflow_dispatch")).code).toBe(0);
  });

  it("goes on by adopt after a job that died before it saved the record", async () => {
    await dieAtPush();
    expect((await runEvent("push")).code).toBe(8);
    for (const event of ["workflow_dispatch", "push"]) expect((await runEvent(event)).code).toBe(0);
    await expectProvisioned();
    replace();
    expect((await runEvent("push")).code).toBe(0);
    expect(await namesIn(acme)).toEqual(["Digest", "Their own"]);
  });

  it("shows a deletion where a change is looked at", async () => {
    expect((await runEvent("push")).code).toBe(0);
    replace();
    expect((await runEvent("pull_request")).stdout).toContain("− Weekly report");
  });

  it("creates again what left, once that is reverted", async () => {
    expect((await runEvent("push")).code).toBe(0);
    server.write({ "automations/defaults.yaml": `not: {deployments: [Acme]}\n${defaults}` });
    expect((await runEvent("push")).code).toBe(0);
    expect(await namesIn(acme)).toEqual(["Their own"]);
    server.write({ "automations/defaults.yaml": defaults });
    expect((await runEvent("push")).code).toBe(0);
    await expectProvisioned();
  });
});

describe("the examples", () => {
  beforeEach(async () => {
    for (const event of ["workflow_dispatch", "push"]) expect((await runEvent(event)).code).toBe(0);
  });

  it("take in a customer", async () => {
    const more = await server.deploy("Birch", { customer: "cus_9" });
    expect(await follow("A new customer")).toEqual([
      ["herm diff -f", 9],
      ["git push", 0],
    ]);
    const [{ schedule = "" } = {}] = await server.state(more);
    const [{ schedule: usual = "" } = {}] = await server.state();
    expect(Number(usual?.split(" ")[1]) - Number(schedule?.split(" ")[1])).toBe(3);
  });

  it("take over what a customer has of such a name, once somebody starts the workflow", async () => {
    const more = await server.deploy("Birch", { customer: "cus_9" });
    await server.create({ name: "Weekly report" }, more);
    expect((await runEvent("push")).code).toBe(8);
    // A lost record that is started again doesn't make it ours.
    expect((await runEvent("workflow_dispatch")).code).toBe(0);
    expect((await runEvent("push")).code).toBe(8);
    const [, flags] = /`gh workflow run automations -f flags=(\S+)`/.exec(await loadPage("gitops")) ?? [];
    expect((await runEvent("workflow_dispatch", { flags })).code).toBe(0);
    expect((await runEvent("push")).code).toBe(0);
    expect(await server.state(more)).toMatchObject([
      { name: "Weekly report", instructions: files["automations/texts/weekly.md"] },
    ]);
  });

  it("let a customer go", async () => {
    expect(await follow("A customer who leaves")).toEqual([["git push", 0]]);
    expect(await namesIn(acme)).toEqual(["Their own"]);
    expect(await namesIn()).toEqual(["Weekly report"]);
  });

  it("rename a default, with its runs", async () => {
    const [{ automation_id: id } = {}] = await server.state();
    expect(await follow("A renamed default")).toEqual([["git push", 0]]);
    expect(await server.state()).toMatchObject([{ automation_id: id, name: "Monday report" }]);
  });

  it("start a lost record again, and prune what was removed meanwhile", async () => {
    rmSync(join(server.cwd, recordFile));
    replace();
    for (const _again of [1, 2]) expect((await runEvent("push")).code).toBe(6);
    expect(await follow("A lost record")).toEqual([
      ["gh workflow run", 0],
      ["git push", 0],
    ]);
    expect(await namesIn(acme)).toEqual(["Digest", "Their own"]);
  });

  it("stop what does harm, put it right and go on", async () => {
    expect(await follow("An incident during a rollout")).toEqual([
      ["herm automations pause", 0],
      ["git push", 0],
      ["herm automations resume", 0],
    ]);
    expect(await server.state()).toMatchObject([
      { instructions: "Look back at last week. Write to nobody.", enabled: true },
    ]);
  });

  it("name each source of a value with what it comes to", async () => {
    const rows = await rowsOf("gitops", "Which value wins");
    const words = ["diff", "-f", "automations", "--values", "prod/values.yaml", "--customer", "cus_42"];
    for (const [hour, source] of rows) {
      const [, inFile, flag] = /`(hour: 8)`|`--var (hour=5)`/.exec(source) ?? [];
      if (inFile !== undefined) server.write({ "prod/values.yaml": `live: true\n${inFile}\n` });
      const { stdout, stderr } = await server.run([...words, "--verbose", ...(flag ? ["--var", flag] : [])]);
      expect(stdout + stderr).toContain(`\${hour} = ${hour} `);
    }
    expect(rows).toHaveLength(3);
  });
});

describe("the pipeline for GitLab", async () => {
  const { default: usual, variables, ...jobs } = parse(await fileOfTopic("gitops", "# .gitlab-ci.yml"));

  const runJob = async (name: "lint" | "show" | "adopt" | "plan" | "apply", more = {}) => {
    const env = { ...variables, ...jobs[name].variables, HERM_REASON: "https://gitlab.example/1", ...more };
    const codes: number[] = [];
    for (const script of jobs[name].script)
      codes.push((await runScript(script, { ...env, HERM_API_KEY: server.server.apiKey })).code);
    return codes;
  };

  it("runs one at a time, of one version, and caches the record alone", () => {
    expect([jobs.plan.resource_group, jobs.apply.resource_group]).toEqual(["herm", "herm"]);
    expect(usual.before_script).toEqual(["npm install --global herm-cli@1.2.3"]);
    expect(usual.cache.paths).toEqual([recordFile]);
    expect(jobs.apply.rules).toMatchObject([{ when: "manual" }]);
  });

  it("gets through a repository's days", async () => {
    await expectDays({
      record: usual.cache.paths[0],
      report: jobs.apply.artifacts.reports.junit,
      adopt: () => firstFailure(() => runJob("adopt")),
      show: () => firstFailure(() => runJob("show")),
      merge: (env) =>
        firstFailure(
          () => runJob("plan", env),
          () => runJob("apply", env),
        ),
    });
  });

  it("shows what a merge request changes, and applies once somebody looked at the plan", async () => {
    expect(await runJob("lint")).toEqual([0]);
    expect(await runJob("adopt")).toEqual([0]);
    expect(await runJob("show")).toEqual([0]);
    expect(existsSync(join(server.cwd, jobs.show.artifacts.reports.junit))).toBe(true);
    expect(await runJob("plan")).toEqual([0]);
    expect(await namesIn(acme)).toEqual(["Their own"]);
    expect(await runJob("apply")).toEqual([0]);
    expect(existsSync(join(server.cwd, jobs.apply.artifacts.reports.junit))).toBe(true);
    await expectProvisioned();
    replace();
    expect(await runJob("plan")).toEqual([0]);
    expect(await runJob("apply")).toEqual([0]);
    expect(await namesIn(acme)).toEqual(["Digest", "Their own"]);
    expect(await runJob("plan")).toEqual([0]);
  });
});

/** A pipeline's jobs, each with the code that it ends with. */
interface Jobs {
  record: string;
  /** A report that a frozen job writes. */
  report: string;
  adopt(): Promise<number>;
  /** On a change that isn't merged yet. */
  show?(): Promise<number>;
  /** On main, the first job that fails. */
  merge(env?: Record<string, string>): Promise<number>;
}

const freeze = "INC-42: ask #ops";

/** The days of a repository, from its first to a frozen one. */
async function expectDays({ record, report, adopt, show = async () => 0, merge }: Jobs): Promise<void> {
  const push = (text: string) => server.write({ "automations/defaults.yaml": text });
  expect([await merge(), await adopt(), await show(), await namesIn(acme)]).toEqual([6, 0, 0, ["Their own"]]);
  expect(await merge()).toBe(0);
  await expectProvisioned();
  const [{ automation_id: id } = {}] = await server.state();

  const renamed = defaults.replace("name: Weekly report", "name: Monday report\n    formerly: Weekly report");
  push(renamed);
  expect([await show(), await merge()]).toEqual([0, 0]);
  expect(await server.state()).toMatchObject([{ automation_id: id, name: "Monday report" }]);

  push(`not: {deployments: [Acme]}\n${renamed}`);
  expect([await show(), await merge(), await namesIn(acme)]).toEqual([0, 0, ["Their own"]]);

  rmSync(join(server.cwd, record));
  expect([await merge(), await adopt(), await merge()]).toEqual([6, 0, 0]);

  push(renamed.replace("Monday report", "Digest"));
  rmSync(join(server.cwd, report), { force: true });
  expect(await merge({ HERM_FREEZE: freeze })).toBe(6);
  expect(readFileSync(join(server.cwd, report), "utf8")).toContain("INC");
  expect(await namesIn()).toEqual(["Monday report"]);
}

/** The code of the first of several commands that fails. */
async function firstFailure(...runs: (() => Promise<number[]>)[]): Promise<number> {
  for (const run of runs) {
    const code = (await run()).find((each) => each !== 0);
    if (code !== undefined) return code;
  }
  return 0;
}

it("the workflow for GitHub Actions gets through a repository's days", async () => {
  const ended = async (event: string, env: Record<string, string> = {}) =>
    (await runEvent(event, { freeze: env.HERM_FREEZE ?? "", summary: join(server.cwd, "summary.md") })).code;
  await expectDays({
    record: recordFile,
    report: "summary.md",
    adopt: () => ended("workflow_dispatch"),
    show: () => ended("pull_request"),
    merge: (env) => ended("push", env),
  });
});

describe("the pipeline for Jenkins", async () => {
  const text = await fileOfTopic("gitops", "// Jenkinsfile");
  const scripts = [...text.matchAll(/'''\s*(herm .*?)'''|'(herm [^'\n]+)'/gs)].map(([, block, line]) =>
    (block ?? line ?? "").replaceAll(/\\\n\s*/g, ""),
  );

  it("runs one at a time, of one version, and keeps the data folder", () => {
    expect(text).toContain("disableConcurrentBuilds()");
    expect(text).toContain("herm-cli@1.2.3");
    expect(text).toContain("HERM_DATA_DIR = '/var/lib/herm'");
  });

  it("gets through a repository's days", async () => {
    const [plan = "", apply = ""] = scripts;
    const kept = { HERM_DATA_DIR: join(server.cwd, "kept"), HERM_API_KEY: server.server.apiKey };
    const words = [
      "adopt",
      "-f",
      "automations",
      "--values",
      "prod/values.yaml",
      "--all-deployments",
      "--yes",
    ];
    await expectDays({
      record: "kept/lock.yaml",
      report: "apply.xml",
      adopt: async () => (await server.run([...words, "--record", "kept/lock.yaml"])).code,
      merge: async (env) => {
        const { code } = await runScript(plan, { ...kept, ...env });
        return code === 0 ? (await runScript(apply, { ...kept, ...env })).code : code;
      },
    });
  });

  it("shows a plan in the log, and applies it", async () => {
    expect(scripts).toHaveLength(2);
    const env = { HERM_DATA_DIR: join(server.cwd, "kept"), HERM_API_KEY: server.server.apiKey };
    const [plan = "", apply = ""] = scripts;
    const adopt = ["adopt", "-f", "automations", "--values", "prod/values.yaml", "--all-deployments"];
    await server.run([...adopt, "--record", "kept/lock.yaml", "--yes"]);
    const planned = await runScript(plan, env);
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining("+ Weekly report") });
    expect(await namesIn(acme)).toEqual(["Their own"]);
    expect((await runScript(apply, env)).code).toBe(0);
    await expectProvisioned();
    replace();
    expect((await runScript(plan, env)).code).toBe(0);
    expect((await runScript(apply, env)).code).toBe(0);
    expect(await namesIn(acme)).toEqual(["Digest", "Their own"]);
    expect((await runScript(plan, env)).code).toBe(0);
    for (const report of ["plan.xml", "apply.xml"]) expect(existsSync(join(server.cwd, report))).toBe(true);
  });
});
