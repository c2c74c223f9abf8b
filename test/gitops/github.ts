import { parse } from "yaml";
import { fileOfTopic } from "../support/topics.js";
import type { Checkout, Ended, LineOptions } from "./host.js";

export const workflow = parse(await fileOfTopic("gitops", "# .github/workflows"));

interface Step {
  uses?: string;
  run?: string;
  if?: string;
  env?: Record<string, string>;
  with?: Record<string, string>;
}

interface Job {
  if: string;
  needs?: string;
  environment?: string;
  strategy?: { matrix: { at: string[] } };
  env: Record<string, string>;
  permissions?: Record<string, string>;
  steps: Step[];
}

export const jobs: Record<string, Job> = workflow.jobs;

/** GitHub's data about a run. */
export interface Run {
  event: "pull_request" | "push" | "schedule" | "workflow_dispatch";
  inputs?: Partial<Record<"at" | "flags" | "ref", string>>;
  vars?: Record<string, string>;
  /** For the repository, and for the environment named before a slash. */
  secrets: Record<string, string>;
  checkOut(ref?: string): Promise<Checkout>;
  /** The tools on a GitHub machine, by the purpose of the job. */
  machine(target: string): LineOptions;
}

export interface EndedJob extends Ended {
  job: string;
  target: string;
  checkout: Checkout;
}

/** Runs a workflow's due jobs in order; a step with a condition that isn't understood is a mistake in the page. */
export async function runWorkflow(run: Run): Promise<EndedJob[]> {
  const ended: EndedJob[] = [];
  for (const [name, job] of Object.entries(jobs)) {
    const before = ended.filter((each) => each.job === job.needs);
    const isFailed = before.some(({ code }) => code !== 0);
    const isSkipped = job.needs !== undefined && before.length === 0;
    for (const at of job.strategy?.matrix.at ?? [undefined]) {
      const known = contextOf(run, { job, at, isFailed });
      if (isDue(job.if, known, isFailed || isSkipped)) ended.push(await runJob(run, name, job, at));
    }
  }
  return ended;
}

async function runJob(run: Run, name: string, job: Job, at: string | undefined): Promise<EndedJob> {
  const target = at ?? job.environment ?? "";
  const outer = contextOf(run, { job, at });
  const shared = filled({ ...workflow.env, ...job.env }, outer);
  const ended = { job: name, target, code: 0, stdout: "", stderr: "" };
  let checkout: Checkout | undefined;
  for (const step of job.steps) {
    const isFailed = ended.code !== 0;
    const known = {
      ...contextOf(run, { job, at, isFailed }),
      env: shared,
      hashFiles: (file: string) => checkout?.read(file) ?? "",
    };
    if (!isDue(step.if ?? "success()", known, isFailed)) continue;
    if (step.uses?.startsWith("actions/checkout@"))
      checkout = await run.checkOut(filled(step.with, known).ref || undefined);
    if (step.run === undefined || checkout === undefined) continue;
    const { killed, env: own } = run.machine(target);
    const env = { ...own, GITHUB_ACTIONS: "true", ...shared, ...filled(step.env, known) };
    const { code, stdout, stderr } = await checkout.run(filledText(step.run, known), {
      env,
      killed: isFailed ? undefined : killed,
    });
    ended.stdout += stdout;
    ended.stderr += stderr;
    if (!isFailed) ended.code = code;
  }
  if (checkout === undefined) throw new Error(`${name} checks nothing out`);
  return { ...ended, checkout };
}

type Known = Record<string, unknown>;

function contextOf(
  run: Run,
  { job, at, isFailed = false }: { job: Job; at: string | undefined; isFailed?: boolean },
) {
  const own = Object.entries(run.secrets).flatMap(([name, value]) => {
    const [environment, inner] = name.split("/");
    if (inner === undefined) return [[name, value]];
    return environment === job.environment ? [[inner, value]] : [];
  });
  return {
    github: {
      event_name: run.event,
      server_url: "https://github.example",
      repository: "acme/defaults",
      run_id: "42",
      token: "t",
      event: { number: "7" },
    },
    inputs: { at: "", flags: "", ref: "", ...run.inputs },
    vars: { HERM_FREEZE: "", ...run.vars },
    // The names of secrets ignore case.
    secrets: new Proxy(Object.fromEntries(own), {
      get: (all, name) => all[String(name).toUpperCase()] ?? "",
    }),
    matrix: { at },
    contains: (all: string, part: string) => all.includes(part),
    format: (text: string, part: string) => text.replace("{0}", part),
    success: () => !isFailed,
    failure: () => isFailed,
    cancelled: () => false,
    always: () => true,
  };
}

/** The GitHub expressions on the page mean the same in JavaScript; an unknown name throws. */
function evaluate(expression: string, known: Known): unknown {
  return new Function(...Object.keys(known), `return (${expression});`)(...Object.values(known));
}

function isDue(condition: string, known: Known, isFailed: boolean): boolean {
  const asksForItself = /\b(always|success|failure|cancelled)\(\)/.test(condition);
  return (asksForItself || !isFailed) && evaluate(condition, known) === true;
}

function filledText(text: string, known: Known): string {
  return text.replaceAll(/\$\{\{ (.+?) \}\}/g, (_all, expression: string) =>
    String(evaluate(expression, known)),
  );
}

function filled(values: Record<string, string> = {}, known: Known): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, filledText(String(value), known)]),
  );
}
