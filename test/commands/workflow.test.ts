import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { fileOfTopic } from "../support/topics.js";
import { startManifestServer } from "./manifest-server.js";

interface Job {
  if: string;
  env: Record<string, string>;
  steps: { uses?: string; run?: string }[];
}

interface Workflow {
  on: { push: { paths: string[] }; schedule: { cron: string }[] };
  permissions: Record<string, string>;
  jobs: { apply: Job; drift: Job };
}

/** The words of a job's only `herm` command. */
function commandOf({ steps }: Job): string[] {
  const commands = steps.flatMap(({ run }) => (run?.startsWith("herm ") ? [run] : []));
  const [command = ""] = commands;
  expect(commands).toHaveLength(1);
  const [, automations, ...words] = command.split(" ");
  expect(automations).toBe("automations");
  return words;
}

/** The job's environment, with the secrets and variables of the organisation in their places. */
function environmentOf({ env }: Job, known: Record<string, string>): Record<string, string> {
  const filled = Object.entries(env).map(([name, value]) => {
    const source = /^\$\{\{ (secrets|vars)\.(\w+) \}\}$/.exec(value)?.[2];
    if (source === undefined) throw new Error(`${name} is neither a secret nor a variable`);
    return [name, known[source] ?? ""];
  });
  return { ...Object.fromEntries(filled), GITHUB_ACTIONS: "true", CI: "true" };
}

const defaults = `automations:
  - name: Weekly report
    schedule: every Monday at 9am
    instructions: Look back.
removed: [Old report]
`;

describe("the workflow that herm help manifests shows", async () => {
  const workflow: Workflow = parse(await fileOfTopic("manifests", "# .github/workflows"));
  const { apply, drift } = workflow.jobs;

  it("provisions on push, looks for drift every night, may only read the repository, and takes its key from the secrets", () => {
    expect(workflow.on.push.paths).toEqual(["automations/**"]);
    expect(workflow.on.schedule).toEqual([{ cron: expect.stringMatching(/^\d+ \d+ \* \* \*$/) }]);
    expect(workflow.permissions).toEqual({ contents: "read" });
    expect([apply.if, drift.if]).toEqual(["github.event_name == 'push'", "github.event_name == 'schedule'"]);
    for (const { env, steps } of [apply, drift]) {
      expect(env.HERM_API_KEY).toBe("${{ secrets.HERM_API_KEY }}");
      expect(steps.map(({ run }) => run)).toContain("npm install --global herm-cli");
    }
  });

  it("has commands that do it: apply everywhere, then no drift, then drift with its place and a summary", async () => {
    const { run, write, server, cwd, deploy, create, state, call } = await startManifestServer();
    const acme = await deploy("Acme");
    await create({ name: "Old report" }, acme);
    write({ "automations/defaults.yaml": defaults });
    const secrets = { HERM_API_KEY: server.apiKey };
    const runJob = (job: Job, known: Record<string, string> = secrets, env = {}) =>
      run(commandOf(job), { key: null, env: { ...environmentOf(job, known), ...env } });

    const frozen = await runJob(apply, { ...secrets, HERM_FREEZE: "incident 42: ask on-call" });
    expect(frozen).toMatchObject({ code: 6, stderr: expect.stringContaining("incident 42: ask on-call") });
    expect(await state(acme)).toMatchObject([{ name: "Old report" }]);

    expect((await runJob(drift)).code).toBe(9);
    expect((await runJob(apply)).code).toBe(0);
    expect(await state(acme)).toMatchObject([{ name: "Weekly report" }]);
    expect(await state()).toMatchObject([{ name: "Weekly report" }]);
    expect((await runJob(drift)).code).toBe(0);

    const [automation] = await state(acme);
    const path = `/v1/deployments/${acme}/automations/${automation?.automation_id}`;
    await call("PATCH", path, { instructions: "Something else." });
    const summary = join(cwd, "summary.md");
    const found = await runJob(drift, { ...secrets, HERM_FREEZE: "x" }, { GITHUB_STEP_SUMMARY: summary });
    expect(found).toMatchObject({
      code: 9,
      stderr:
        '::warning file=automations/defaults.yaml,line=2,col=5::"Weekly report" in Acme differs in instructions\n',
    });
    expect(readFileSync(summary, "utf8")).toContain("### herm: differences\n\n1 to update, 1 unchanged");
    expect((await runJob(drift, {})).code).toBe(3);
  });
});
