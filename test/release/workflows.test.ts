import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { action, root, type Workflow } from "./steps.js";

const folder = join(root, ".github", "workflows");
const workflows = readdirSync(folder).map((file) => {
  const text = readFileSync(join(folder, file), "utf8");
  const workflow: Workflow = parse(text);
  return { file, text, workflow, jobs: Object.values(workflow.jobs) };
});
const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);
const uses = (text: string) => [...text.matchAll(/\buses: (.*)$/gm)].map(([, name = ""]) => name);

describe("the actions used by workflows", () => {
  it("are GitHub's own, pinned by commit with the version noted, one version each", () => {
    const used = new Set(workflows.flatMap(({ text }) => uses(text)));
    expect([...used].filter((name) => !/^actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(name))).toEqual(
      [],
    );
    const names = [...used].map((name) => name.replace(/@.*/, ""));
    expect(names).toEqual([...new Set(names)]);
  });
});

describe.each(workflows)("the workflow $file", ({ text, workflow, jobs }) => {
  const steps = jobs.flatMap((job) => job.steps);

  it("keeps no credentials in its checkouts", () => {
    const checkouts = steps.filter((step) => step.uses?.startsWith("actions/checkout@"));
    expect(checkouts.map((step) => step.with?.["persist-credentials"])).toEqual(checkouts.map(() => false));
  });

  it("puts no expression into a script, and exposes no secret", () => {
    const scripted = [...steps, ...action.runs.steps];
    expect(scripted.filter(({ run }) => run?.includes("${{"))).toEqual([]);
    expect(text).not.toContain("secrets.");
    expect(text).not.toMatch(/docker push|--push|(npm|node_auth)_token/i);
  });

  it("has write permission only in jobs without repository code", () => {
    expect([{}, { contents: "read" }]).toContainEqual(workflow.permissions);
    const writers = jobs.filter(({ permissions = {} }) => Object.values(permissions).includes("write"));
    const theirs = writers.flatMap((job) => job.steps.map((step) => `${step.uses} ${step.run}`));
    expect(theirs.filter((step) => /checkout|npm (ci|install|test|run)/.test(step))).toEqual([]);
  });

  it("has a time limit for each job", () => {
    expect(jobs.filter((job) => job["timeout-minutes"] === undefined)).toEqual([]);
  });

  it("names only existing scripts, files and folders", () => {
    const inScripts = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = ""]) => name);
    const inMatrix = jobs.flatMap(({ strategy }) =>
      (strategy?.matrix.include ?? []).flatMap(({ script = [] }) => script),
    );
    expect([...inScripts, ...inMatrix].filter((name) => scripts[name] === undefined)).toEqual([]);
    const inPaths = workflow.on.pull_request?.paths ?? [];
    const runs = steps.map(({ run = "" }) => run).join("\n");
    const [, names = ""] = /test\/schedule\/\{(.*)\}/.exec(runs) ?? [];
    const listed = names.split(",").flatMap((name) => (name === "" ? [] : `test/schedule/${name}.test.ts`));
    const inRuns = runs.match(/(?<![\w./-])(test\/[\w-]+\/(?= )|\.ci\/\w+|node_modules\/\.bin\/\w+)/g) ?? [];
    const paths = [...inPaths.map((path) => path.replace(/\*\*$/, "")), ...listed, ...inRuns];
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
