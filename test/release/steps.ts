import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export const root = join(import.meta.dirname, "..", "..");
const github = join(root, ".github");

/** A step in GitHub's sense, in a job of a workflow or in a composite action. */
export interface Step {
  id?: string;
  name?: string;
  if?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
}

interface Job {
  permissions?: Record<string, string>;
  needs?: string | string[];
  environment?: string;
  "timeout-minutes"?: number;
  strategy?: { matrix: { include?: { file: string; script?: string }[] } };
  steps: Step[];
}

export interface Workflow {
  on: { pull_request?: { paths?: string[] } };
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

export interface Action {
  inputs: Record<string, { default?: string; required?: boolean }>;
  outputs: Record<string, { value: string }>;
  runs: { using: string; steps: Step[] };
}

export const workflow: Workflow = parse(readFileSync(join(github, "workflows", "release.yml"), "utf8"));
export const actionFolder = join(github, "actions", "herm");
export const action: Action = parse(readFileSync(join(actionFolder, "action.yml"), "utf8"));

/** The only step in a job with this name or command. */
export function stepOf(job: string, name: string): Step {
  const found = (workflow.jobs[job]?.steps ?? []).filter((step) => step.name === name);
  const [step] = found;
  if (step === undefined || found.length > 1) throw new Error(`${found.length} steps "${name}" in ${job}`);
  return step;
}

/** Runs a step's command like a runner: in bash, which stops at the first failure. */
export async function runStep(step: Step, { cwd, env }: { cwd: string; env: Record<string, string> }) {
  const words = ["--noprofile", "--norc", "-eo", "pipefail", "-c", step.run ?? ""];
  const child = spawn("bash", words, { cwd, env: { PATH: process.env.PATH, ...env } });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  child.stdin.end();
  const [code] = await once(child, "close");
  return { code, log };
}
