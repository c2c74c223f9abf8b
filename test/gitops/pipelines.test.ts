import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { loadTopic } from "../../src/help/topic-pages.js";
import { type ManifestServer, startManifestServer } from "../commands/manifest-server.js";
import { parseLine } from "../support/parse-command.js";
import { readShellLine } from "../support/shell-line.js";
import { jobs, type Run, runWorkflow, workflow } from "./github.js";
import { type Ended, type Host, type LineOptions, startHost } from "./host.js";
import { gitlab, jenkins, type PipelineJob } from "./other-pipelines.js";
import { defaults, files, inputsOf, page } from "./page.js";

const release = readFileSync(join(import.meta.dirname, "../../.github/workflows/release.yml"), "utf8");

type Target = "staging" | "prod";
const servers = {} as Record<Target, ManifestServer>;
const acme = {} as Record<Target, string>;
const urls = {} as Record<Target, string>;
let host: Host;
/** Called when something is created in prod. */
let onCreate: () => void;
beforeEach(async () => {
  onCreate = () => undefined;
  for (const target of ["staging", "prod"] as const) {
    const onActivity = ({ kind }: { kind: string }) => {
      if (kind === "created" && target === "prod") onCreate();
    };
    const server = await startManifestServer({ onActivity });
    servers[target] = server;
    urls[target] = (await server.server.listen()).url;
    acme[target] = await server.deploy("Acme", { customer: "cus_42" });
  }
  await servers.prod.deploy("Acme test", { customer: "cus_42" });
  await servers.prod.create({ name: "Their own" }, acme.prod);
  host = await startHost(files);
});

const namesIn = async (target: Target, deployment?: string) =>
  (await servers[target].state(deployment)).map(({ name }) => name);

async function expectProvisioned(name = "Weekly report"): Promise<void> {
  expect([await namesIn("prod"), await namesIn("prod", acme.prod)]).toEqual([
    [name],
    [name, "Their own"].toSorted(),
  ]);
  expect(await servers.prod.state()).toMatchObject([{ enabled: true }]);
  expect(await servers.staging.state(acme.staging)).toMatchObject([{ name, enabled: false }]);
}

/** Merges a commit that replaces one name with another. */
const replace = () => host.push({ "automations/defaults.yaml": defaults.replace("Weekly report", "Digest") });

const keyOf = (target: Target) => servers[target].server.apiKey;
const machine = (target: string, more: LineOptions = {}): LineOptions => ({
  ...more,
  env: { HERM_API_URL: urls[target as Target], ...more.env },
});

/** Starts an environment's record on somebody's own machine, as the page says. */
async function adoptAtDesk(target: Target): Promise<void> {
  const lines = `sh record.sh get ${target}
herm adopt -f automations --values ${target}/values.yaml --all-deployments --yes
sh record.sh put ${target}`;
  const ended = await host.desk.run(lines, machine(target, { env: { HERM_API_KEY: keyOf(target) } }));
  expect(ended.code, ended.stderr).toBe(0);
}

describe("a pipeline", () => {
  it("prunes, never deletes paused automations, and pins one version of herm", () => {
    for (const each of [JSON.stringify(workflow), gitlab.text, jenkins.text]) {
      expect([each.includes("--prune"), each.includes("--delete-paused")]).toEqual([true, false]);
      expect(new Set(each.match(/herm-cli@[\d.]+/g))).toEqual(new Set(["herm-cli@1.2.3"]));
    }
  });
});

describe.each([gitlab, jenkins])("the pipeline for $name", ({ shows, applies, text: pipeline }) => {
  const run = async (job: PipelineJob | undefined, more: LineOptions = {}): Promise<Ended> => {
    const [, target = "", isReading] = /^(.*?)(-read)?$/.exec(job?.key ?? "") ?? [];
    expect([target, isReading !== undefined]).toEqual([job?.target, shows.includes(job as PipelineJob)]);
    const env = { HERM_API_KEY: keyOf(target as Target), ...more.env };
    return (job as PipelineJob).run(await host.checkOut(), machine(target, { ...more, env }));
  };
  const showProd = shows.find(({ target }) => target === "prod");
  const [staging, prod] = applies;

  it("applies to staging, then to prod after approval, one at a time", () => {
    expect(applies.map(({ target, isManual }) => [target, isManual])).toEqual([
      ["staging", false],
      ["prod", true],
    ]);
    expect(pipeline).toMatch(/"resource_group":"herm"|disableConcurrentBuilds\(\)/);
  });

  it("shows a change, applies it, and saves the record, even if a job fails", async () => {
    for (const target of ["staging", "prod"] as const) await adoptAtDesk(target);
    const before = await host.kept("prod/herm.lock.yaml");
    expect(await run(showProd)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("+ Weekly report"),
    });
    expect(await namesIn("prod", acme.prod)).toEqual(["Their own"]);
    expect(await host.kept("prod/herm.lock.yaml")).toBe(before);
    for (const job of [staging, prod]) expect((await run(job)).code).toBe(0);
    await expectProvisioned();

    const [, { automation_id: id = "" } = {}] = await servers.prod.state(acme.prod);
    await servers.prod.call("DELETE", `/v1/deployments/${acme.prod}/automations/${id}`);
    await host.push({ "prod/flags": "--recreate\n" });
    expect((await run(showProd)).stdout).toContain("+ Weekly report");
    expect((await run(prod)).code).toBe(0);
    await expectProvisioned();

    await replace();
    await servers.prod.call("POST", "/_dev/faults", {
      method: "POST",
      path: `/v1/deployments/${acme.prod}/automations`,
      count: null,
      action: { type: "fail", status: 422 },
    });
    expect((await run(prod)).code).toBe(8);
    expect(await host.kept("prod/herm.lock.yaml")).toContain("Digest");
    await servers.prod.call("DELETE", "/_dev/faults");
    for (const job of [staging, prod]) expect((await run(job)).code).toBe(0);
    await expectProvisioned("Digest");
  });

  it("sends no change without a readable record, and fails if its push fails", async () => {
    await adoptAtDesk("prod");
    await servers.prod.writes();
    const checkout = await host.checkOut();
    await checkout.run("git remote set-url origin /nowhere");
    const env = { HERM_API_KEY: keyOf("prod") };
    expect((await prod?.run(checkout, machine("prod", { env })))?.code).toBe(128);
    expect(await servers.prod.writes()).toEqual([]);
    host.accept(false);
    const refused = await run(prod);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("run adopt before the next apply"),
    });
    expect(await namesIn("prod", acme.prod)).toEqual(["Their own", "Weekly report"]);
  });
});

/** Runs the workflow; returns the results of its jobs, by environment. */
async function github(
  event: Run["event"],
  more: Partial<Run> & { killed?: Promise<void>; isFork?: boolean } = {},
) {
  const secrets = {
    "staging/HERM_API_KEY": keyOf("staging"),
    "prod/HERM_API_KEY": keyOf("prod"),
    STAGING_READ_KEY: keyOf("staging"),
    PROD_READ_KEY: keyOf("prod"),
  };
  const ended = await runWorkflow({
    event,
    secrets: more.isFork ? {} : secrets,
    checkOut: host.checkOut,
    machine: (target) =>
      machine(target, target === "prod" && more.killed !== undefined ? { killed: more.killed } : {}),
    ...more,
  });
  return { ended, codes: Object.fromEntries(ended.map(({ target, code }) => [target, code])) };
}

const codesOf = async (...call: Parameters<typeof github>) => (await github(...call)).codes;
const done = { staging: 0, prod: 0 };

async function adoptAll(inputs: Run["inputs"] = {}): Promise<void> {
  for (const at of ["staging", "prod"] as const)
    expect(await codesOf("workflow_dispatch", { inputs: { ...inputs, at } })).toEqual({ [at]: 0 });
}

describe("the workflow for GitHub Actions", () => {
  it("has write permission only in apply jobs, and never runs twice at once", () => {
    expect(workflow.permissions).toEqual({ contents: "read", "pull-requests": "write" });
    for (const { permissions, steps } of Object.values(jobs)) {
      const isApplying = steps.some(({ run }) => run?.includes("--yes"));
      expect(permissions).toEqual(isApplying ? { contents: "write" } : undefined);
    }
    // GitHub drops a waiting run for a newer one in its group, so a nightly check mustn't take a push's place.
    expect(workflow.concurrency).toBe("${{ github.event_name == 'schedule' && 'drift' || github.ref }}");
  });

  it("pins its actions as the release workflow does", () => {
    const pinned = [...page.matchAll(/# (v[\d.]+)\n +uses: (\S+)@(\S+)/g)];
    expect(pinned).toHaveLength(2);
    for (const [, version, action, commit] of pinned)
      expect(release).toContain(`uses: ${action}@${commit} # ${version}\n`);
  });

  it("plans pull requests, applies main, and finds drift every night", async () => {
    await adoptAll();
    const { ended, codes } = await github("pull_request");
    expect(codes).toEqual(done);
    const [inStaging, inProd] = ended;
    expect(inProd?.checkout.read("comment.md")).toContain("Weekly report");
    expect(inStaging?.checkout.read("comment.md")).toBeUndefined();
    expect(await namesIn("prod", acme.prod)).toEqual(["Their own"]);

    const frozen = await github("push", { vars: { HERM_FREEZE: "INC-42: ask #ops" } });
    expect(frozen.codes).toEqual({ staging: 6 });
    expect(frozen.ended[0]?.stderr).toContain("INC-42: ask #ops");
    expect(await codesOf("push")).toEqual(done);
    await expectProvisioned();
    const log = await host.desk.run("git fetch -q && git log -1 --format=%s origin/herm-record");
    expect(log.stdout).toBe("prod: https://github.example/acme/defaults/actions/runs/42\n");

    const [, { automation_id: id = "" } = {}] = await servers.prod.state(acme.prod);
    await servers.prod.call("PATCH", `/v1/deployments/${acme.prod}/automations/${id}`, {
      instructions: "Else.",
    });
    const drift = await github("schedule", { vars: { HERM_FREEZE: "x" } });
    expect(drift.codes).toEqual({ staging: 0, prod: 9 });
    expect(drift.ended[1]?.stderr).toContain(
      '::warning file=automations/defaults.yaml,line=7,col=5::"Weekly report" in Acme differs in instructions\n',
    );
  });

  it("only lints a pull request from a fork", async () => {
    const { ended, codes } = await github("pull_request", { isFork: true });
    expect(codes).toEqual(done);
    for (const { stderr, checkout } of ended)
      expect([stderr, checkout.read("plan.md")]).toEqual([
        expect.stringContaining("no warnings\n"),
        undefined,
      ]);
  });

  it("continues with adopt after a job that couldn't push the record", async () => {
    await adoptAll();
    expect((await github("push")).codes).toEqual(done);
    await replace();
    host.accept(false);
    expect(await codesOf("push")).toEqual({ staging: 1 });
    host.accept(true);
    expect(await codesOf("push")).toEqual({ staging: 8 });
    await adoptAll();
    expect(await codesOf("push")).toEqual(done);
    await expectProvisioned("Digest");
  });

  it("finishes after a killed job, and creates no duplicates", async () => {
    await adoptAll();
    const killed = new Promise<void>((resolve) => {
      onCreate = resolve;
    });
    expect(await codesOf("push", { killed })).toEqual({ staging: 0, prod: 137 });
    expect(await host.kept("prod/herm.lock.yaml")).toContain("/making-");
    expect(await codesOf("push")).toEqual(done);
    await expectProvisioned();
  });

  it("adopts a customer's automations of the same name when started by hand", async () => {
    await servers.prod.create({ name: "Weekly report" }, acme.prod);
    await adoptAll();
    expect(await codesOf("push")).toEqual({ staging: 0, prod: 8 });
    expect(await codesOf("workflow_dispatch", { inputs: inputsOf("--different") })).toEqual({ prod: 0 });
    expect(await codesOf("push")).toEqual(done);
    await expectProvisioned();
  });

  it("restores a lost record, and prunes automations removed since", async () => {
    const survey = 'automations: [{name: Survey, schedule: "0 9 * * 1", instructions: Ask.}]\n';
    await host.push({ "automations/survey.yaml": survey });
    await adoptAll();
    const { stdout: commit } = await host.desk.run("git rev-parse HEAD");
    expect(await codesOf("push")).toEqual(done);
    await replace();
    await host.desk.run("git push -q origin :herm-record");
    expect(await codesOf("push")).toEqual({ staging: 6 });
    const inputs = { ...inputsOf("3f2a91c"), ref: commit.trim() };
    for (const at of ["staging", "prod"])
      expect(await codesOf("workflow_dispatch", { inputs: { ...inputs, at } })).toEqual({ [at]: 0 });
    expect(await codesOf("push")).toEqual(done);
    expect(await namesIn("prod", acme.prod)).toEqual(["Digest", "Survey", "Their own"]);
  });

  it("deletes automations of a leaving customer, and recreates them after a revert", async () => {
    // As on the first day: none of the names exists, so apply starts the record.
    expect(await codesOf("push")).toEqual(done);
    const [, line = ""] = /`(not: \{deployments: \[Acme\]\})`/.exec(page) ?? [];
    await host.push({ "automations/defaults.yaml": `${line}\n${defaults}` });
    expect(await codesOf("push")).toEqual(done);
    expect(await namesIn("prod", acme.prod)).toEqual(["Their own"]);
    await host.desk.run("git revert --no-edit HEAD && git push -q origin HEAD:main");
    expect(await codesOf("push")).toEqual(done);
    await expectProvisioned();
  });

  it("stops, corrects and resumes automations in an incident, as documented", async () => {
    await adoptAll();
    expect(await codesOf("push")).toEqual(done);
    expect(await follow("An incident during a rollout")).toEqual([
      ["gh variable set", { staging: 6 }],
      ["herm automations pause", 0],
      ["gh variable delete", done],
      ["git push", done],
      ["herm automations resume", 0],
    ]);
    expect(await servers.prod.state()).toMatchObject([
      { instructions: "Look back at last week. Write to nobody.", enabled: true },
    ]);
  });
});

it("the documented workflow passes adopt's flags to a dispatch", async () => {
  for (const word of ["--different", "--forget"])
    expect(await parseLine(`herm adopt ${inputsOf(word).flags}`)).toEqual(["adopt"]);
});

/** Runs an example from the page line by line; its pushes go through the workflow. */
async function follow(title: string) {
  const { sections } = await loadTopic("gitops");
  const blocks = sections.find((section) => section.title === title)?.blocks ?? [];
  const example =
    blocks.flatMap((block) => (typeof block === "object" && "lines" in block ? block.lines : []))[0] ?? "";
  const ended: [string, unknown][] = [];
  const patch: string[] = [];
  let freeze = "";
  const push = () => codesOf("push", { vars: { HERM_FREEZE: freeze } });
  for (const line of example.replaceAll(/ \\\n +/g, " ").split("\n")) {
    const name = line.split(" ").slice(0, 3).join(" ");
    if (/^[-+] /.test(line)) patch.push(line);
    if (line.startsWith("herm "))
      ended.push([name, (await servers.prod.runHerm(readShellLine(line)[0]?.words.slice(1) ?? [])).code]);
    if (line.startsWith("gh variable")) {
      freeze = /--body "(.*)"/.exec(line)?.[1] ?? "";
      ended.push([name, await push()]);
    }
    if (line === "git push") {
      const side = (mark: string) =>
        patch.filter((each) => each.startsWith(mark)).map((each) => each.slice(2));
      const before = side("-").join("\n");
      expect(defaults).toContain(before);
      await host.push({ "automations/defaults.yaml": defaults.replace(before, side("+").join("\n")) });
      ended.push([name, await push()]);
    }
  }
  return ended;
}
