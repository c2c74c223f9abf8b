import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { topicText } from "../../src/help/topics/gitops.js";
import { type ManifestServer, startManifestServer } from "../commands/manifest-server.js";
import type { HermResult } from "../support/harness.js";
import { readShellLine } from "../support/shell-line.js";
import { fileOfTopic } from "../support/topics.js";

/** A manifest of the page, and what else its repository has. */
const defaults = await fileOfTopic("gitops", "# automations/defaults.yaml");
const files = {
  "automations/defaults.yaml": defaults,
  "automations/texts/weekly.md": "Look back at last week.\n",
  "prod/values.yaml": "live: true\n",
  ".git/HEAD": "ref: refs/heads/main\n",
};

let server: ManifestServer;
let acme: string;
beforeEach(async () => {
  server = await startManifestServer();
  acme = await server.deploy("Acme", { customer: "cus_42" });
  await server.deploy("Acme test", { customer: "cus_42" });
  await server.create({ name: "Their own" }, acme);
  server.write(files);
});

/** Runs a script's only `herm` command with a job's environment; gives its code as the script makes of it. */
async function runScript(script: string, env: Record<string, string>) {
  const [line = "", accepted] = script.trim().split(/ \|\| \[ \$\? -eq (\d+) \]$/);
  const expanded = line.replaceAll(/\$(\w+)/g, (_all, name: string) => env[name] ?? "");
  const [command, ...others] = readShellLine(expanded);
  expect({ herm: command?.words[0], others }).toEqual({ herm: "herm", others: [] });
  const result = await server.runHerm(command?.words.slice(1) ?? [], {
    key: null,
    env: { ...env, CI: "true" },
  });
  return { ...result, code: String(result.code) === accepted ? 0 : result.code };
}

const namesIn = async (deployment?: string) => (await server.state(deployment)).map(({ name }) => name);

async function expectProvisioned(): Promise<void> {
  expect(await namesIn()).toEqual(["Weekly report"]);
  expect(await server.state(acme)).toMatchObject([
    { name: "Their own" },
    { name: "Weekly report", instructions: files["automations/texts/weekly.md"], enabled: true },
  ]);
}

/** Once, by hand, as the page says. */
const startRecord = async (page: string, record = ".herm/lock.yaml") => {
  const [, words = ""] =
    /`herm (automations adopt [^`]+ --record \.herm\/lock\.yaml --yes)`/.exec(page) ?? [];
  expect(await server.runHerm(words.replace(".herm/lock.yaml", record).split(" "))).toMatchObject({
    code: 0,
  });
};
const aboutRecord = JSON.stringify(topicText);

/** Merges a commit that names something else instead. */
const replace = () =>
  server.write({
    "automations/defaults.yaml": defaults.replace("Weekly report", "Digest"),
    "automations/texts/weekly.md": "Sum up last week.\n",
  });

describe("the workflow for GitHub Actions", async () => {
  interface Step {
    uses?: string;
    run?: string;
    if?: string;
    env?: Record<string, string>;
    with?: Record<string, string>;
  }
  const text = await fileOfTopic("gitops", "# .github/workflows");
  const { permissions, env, jobs } = parse(text);
  const steps: Step[] = jobs.herm.steps;

  /** Fills in what GitHub knows; what isn't known here is a mistake in the page. */
  const filled = (values: Record<string, string>, known: Record<string, string>) => {
    const entries = Object.entries(values).map(([name, value]) => {
      const put = value.replaceAll(/\$\{\{ ([\w.]+) \}\}/g, (_all, key: string) => {
        if (known[key] === undefined) throw new Error(`${key} isn't known`);
        return known[key];
      });
      return [name, put] as const;
    });
    return Object.fromEntries(entries);
  };

  async function runEvent(event: string, { freeze = "", summary = "" } = {}) {
    const known = {
      "secrets.HERM_API_KEY": server.server.apiKey,
      "secrets.HERM_READ_KEY": server.server.apiKey,
      "vars.HERM_FREEZE": freeze,
      ...{ "github.server_url": "https://github.example", "github.repository": "acme/defaults" },
      "github.run_id": "42",
    };
    const mine = steps.filter(
      (step) => step.run?.startsWith("herm ") && step.if === `github.event_name == '${event}'`,
    );
    const ended: HermResult[] = [];
    for (const { run = "", env: own } of mine) {
      const more = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary };
      ended.push(await runScript(run, { ...filled({ ...env, ...own }, known), ...more }));
    }
    expect(ended.slice(0, -1).map(({ code }) => code)).toEqual(ended.slice(1).map(() => 0));
    return ended.at(-1) as HermResult;
  }

  it("runs one at a time, of one version, with keys from the secrets, and may only read the repository", () => {
    // GitHub drops what waits for a newer run of its group: no night's look may take a push's place.
    expect(jobs.herm.concurrency).toBe("herm-${{ github.event_name }}-${{ github.ref }}");
    expect(permissions).toEqual({ contents: "read", "pull-requests": "write" });
    expect(steps.map(({ run }) => run)).toContain("npm install --global herm-cli@1.2.3");
    expect(env.HERM_API_KEY).toBe("${{ secrets.HERM_READ_KEY }}");
    const apply = steps.find((step) => step.run?.includes("--yes"));
    expect(apply).toMatchObject({ env: { HERM_API_KEY: "${{ secrets.HERM_API_KEY }}" } });
    const caches = steps.filter(({ uses }) => uses?.startsWith("actions/cache/"));
    expect(caches.map((step) => step.with?.path)).toEqual([env.HERM_DATA_DIR, env.HERM_DATA_DIR]);
  });

  it("shows the plan of a pull request, applies on main, and finds drift every night", async () => {
    expect((await runEvent("pull_request")).code).toBe(6);
    await startRecord(aboutRecord);
    expect((await runEvent("pull_request")).code).toBe(0);
    const comment = steps.find(({ run }) => run?.startsWith("gh pr comment"))?.run;
    expect(comment).toContain("--body-file plan.md");
    expect(readFileSync(join(server.cwd, "plan.md"), "utf8")).toContain("Weekly report");
    expect(await namesIn(acme)).toEqual(["Their own"]);

    const frozen = await runEvent("push", { freeze: "INC-42: ask #ops" });
    expect(frozen).toMatchObject({ code: 6, stderr: expect.stringContaining("INC-42: ask #ops") });
    expect(await runEvent("push")).toMatchObject({ code: 0 });
    await expectProvisioned();
    expect((await runEvent("push")).code).toBe(0);
    const history = await server.runHerm(["history", "--json"], { env: { HERM_DATA_DIR: ".herm" } });
    expect(history.stdout).toContain("https://github.example/acme/defaults/actions/runs/42");

    expect((await runEvent("schedule")).code).toBe(0);
    const id = (await server.state(acme))[1]?.automation_id;
    await server.call("PATCH", `/v1/deployments/${acme}/automations/${id}`, { instructions: "Else." });
    const summary = join(server.cwd, "summary.md");
    const drift = await runEvent("schedule", { freeze: "x", summary });
    expect(drift.code).toBe(9);
    const differs = "in Acme differs in instructions";
    expect(drift.stderr).toContain(
      `\n        - Else.\n        + Look back at last week.\n\nPlan: 1 to update, 1 unchanged in 2 deployments\n::warning file=automations/defaults.yaml,line=7,col=5::"Weekly report" ${differs}\n`,
    );
    expect(readFileSync(summary, "utf8")).toContain("### herm: differences\n\n1 to update, 1 unchanged");

    replace();
    expect((await runEvent("push")).code).toBe(0);
    expect(await namesIn(acme)).toEqual(["Digest", "Their own"]);
  });
});

describe("the pipeline for GitLab", async () => {
  const { default: usual, variables, ...jobs } = parse(await fileOfTopic("gitops", "# .gitlab-ci.yml"));

  const runJob = async (name: "show" | "plan" | "apply") => {
    const env = { ...variables, ...jobs[name].variables, HERM_REASON: "https://gitlab.example/1" };
    const codes: number[] = [];
    for (const script of jobs[name].script)
      codes.push((await runScript(script, { ...env, HERM_API_KEY: server.server.apiKey })).code);
    return codes;
  };

  it("runs one at a time, of one version, and caches the data folder", () => {
    expect([jobs.plan.resource_group, jobs.apply.resource_group]).toEqual(["herm", "herm"]);
    expect(usual.before_script).toEqual(["npm install --global herm-cli@1.2.3"]);
    expect(usual.cache.paths).toEqual([`${variables.HERM_DATA_DIR}/`]);
    expect(jobs.plan.artifacts.paths).toEqual(["plan.json"]);
    expect(jobs.apply.rules).toMatchObject([{ when: "manual" }]);
  });

  it("shows what a merge request changes, and applies the plan that somebody looked at", async () => {
    await startRecord(aboutRecord);
    expect(await runJob("show")).toEqual([jobs.show.allow_failure.exit_codes]);
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

  it("shows a plan in the log, and applies it", async () => {
    expect(scripts).toHaveLength(2);
    const env = { HERM_DATA_DIR: join(server.cwd, "kept"), HERM_API_KEY: server.server.apiKey };
    const [plan = "", apply = ""] = scripts;
    await startRecord(aboutRecord, "kept/lock.yaml");
    const planned = await runScript(plan, env);
    expect(planned).toMatchObject({ code: 9, stdout: expect.stringContaining("create\tWeekly report") });
    expect(await namesIn(acme)).toEqual(["Their own"]);
    expect((await runScript(apply, env)).code).toBe(0);
    await expectProvisioned();
    replace();
    expect((await runScript(plan, env)).code).toBe(9);
    expect((await runScript(apply, env)).code).toBe(0);
    expect(await namesIn(acme)).toEqual(["Digest", "Their own"]);
    expect((await runScript(plan, env)).code).toBe(0);
    for (const report of ["plan.xml", "apply.xml"]) expect(existsSync(join(server.cwd, report))).toBe(true);
  });
});
