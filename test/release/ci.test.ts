import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { workflowText as releaseText, root, type Workflow } from "./steps.js";

const text = readFileSync(join(root, ".github", "workflows", "ci.yml"), "utf8");
const workflow: Workflow = parse(text);
const runs = Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));

describe("the workflow for every push", () => {
  it("may read the repository and nothing else, and has no secret", () => {
    expect(workflow.on).toEqual(["push", "pull_request"]);
    expect(workflow.permissions).toEqual({ contents: "read" });
    expect(Object.values(workflow.jobs).map(({ permissions }) => permissions)).toEqual([
      undefined,
      undefined,
    ]);
    expect(text).not.toContain("secrets.");
    expect(runs.filter((run) => run.includes("${{"))).toEqual([]);
  });

  it("uses the actions of the release, by the same commits", () => {
    const used = [...text.matchAll(/uses: (.*)$/gm)].map(([line]) => line);
    expect(used.length).toBe(3);
    expect(used.filter((line) => !releaseText.includes(line))).toEqual([]);
  });

  it("runs what is there", () => {
    expect(runs[0]).toBe(".ci/run");
    expect(runs[1]).toBe("npm ci && npm run demo | cat");
    const [, names = ""] = /\{(.*)\}/.exec(runs[2] ?? "") ?? [];
    const folders = runs[2]?.match(/test\/\w+\/(?= )/g) ?? [];
    expect(folders.length).toBeGreaterThan(3);
    const paths = [...folders, ...names.split(",").map((name) => `test/schedule/${name}.test.ts`)];
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
