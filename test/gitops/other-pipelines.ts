import { parse } from "yaml";
import { fileOfTopic } from "../support/topics.js";
import type { Checkout, Ended, LineOptions } from "./host.js";

interface GitlabJob {
  extends?: string;
  parallel?: { matrix: [{ TARGET: string[] }] };
  environment: string | { name: string; action: string };
  variables?: Record<string, string>;
  rules: { if: string; when?: string }[];
  script: string[];
  after_script?: string[];
  resource_group?: string;
  artifacts: { when: string; reports: { junit: string } };
}

const {
  stages: _stages,
  default: usual,
  variables,
  ...jobs
} = parse(await fileOfTopic("gitops", "# .gitlab-ci.yml"));
const jenkinsfile = await fileOfTopic("gitops", "// Jenkinsfile");

/** A job for one environment: where it runs, on which events, and its result. */
export interface PipelineJob {
  target: string;
  isManual: boolean;
  /** The credential that its key has: `prod`, or `prod-read`. */
  key: string;
  run(checkout: Checkout, machine: LineOptions): Promise<Ended>;
}

export interface Pipeline {
  name: string;
  text: string;
  /** Jobs of a merge request. */
  shows: PipelineJob[];
  /** Jobs of main, in their order. */
  applies: PipelineJob[];
}

/** Runs one shell, then another whatever the result of the first, which alone counts. */
async function runBoth(
  checkout: Checkout,
  [script, after]: [string, string],
  machine: LineOptions,
): Promise<Ended> {
  const ended = await checkout.run(script, machine);
  const { stderr } = await checkout.run(after, { env: machine.env ?? {} });
  return { ...ended, stderr: ended.stderr + stderr };
}

function gitlabJobs(event: string): PipelineJob[] {
  const named = Object.entries(jobs as Record<string, GitlabJob>).filter(([name]) => !name.startsWith("."));
  return named.flatMap(([, own]) => {
    const job = { ...(own.extends === undefined ? {} : jobs[own.extends]), ...own } as GitlabJob;
    const [rule] = job.rules;
    if (rule?.if !== event) return [];
    const targets = job.parallel?.matrix[0].TARGET ?? [job.variables?.TARGET ?? ""];
    return targets.map((target): PipelineJob => {
      const environment = typeof job.environment === "string" ? job.environment : job.environment.name;
      const env = {
        TARGET: target,
        ...variables,
        ...job.variables,
        CI_PIPELINE_URL: "https://gitlab.example/1",
      };
      const scripts: [string, string] = [job.script.join("\n"), (job.after_script ?? []).join("\n")];
      return {
        target,
        isManual: rule.when === "manual",
        key: environment.replace("$TARGET", target),
        run: (checkout, machine) =>
          runBoth(checkout, scripts, { ...machine, env: { ...machine.env, ...env } }),
      };
    });
  });
}

export const gitlab: Pipeline = {
  name: "GitLab",
  text: JSON.stringify({ usual, variables, jobs }),
  shows: gitlabJobs('$CI_PIPELINE_SOURCE == "merge_request_event"'),
  applies: gitlabJobs("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"),
};

/** The line that a function in the Jenkinsfile passes to a shell, for given arguments. */
function jenkinsLine(name: string, values: Record<string, string>): string {
  const body = new RegExp(`^def ${name}\\(.*?\\) \\{\\n(.*?)^\\}`, "ms").exec(jenkinsfile)?.[1] ?? "";
  const [, block, line] = /sh (?:"""(.*?)"""|"(.*?)")/s.exec(body) ?? [];
  const text = (block ?? line ?? "").replaceAll("\\\n", "");
  return text.replaceAll(/\\\$|\$(\w+)/g, (all, variable: string | undefined) =>
    variable === undefined ? "$" : (values[variable] ?? `no ${all}`),
  );
}

function jenkinsJobs(condition: string): PipelineJob[] {
  const all = jenkinsfile.split(/^ {4}stage\(/m).slice(1);
  return all
    .filter((stage) => stage.includes(`when { ${condition}`))
    .map((stage): PipelineJob => {
      const [, at = "", how = ""] = /steps \{ herm\('(\w+)', '([\w-]+)'\) \}/.exec(stage) ?? [];
      const [, after] = /post \{ always \{ record '(.*?)' \} \}/.exec(stage) ?? [];
      const get = jenkinsLine("record", { words: `get ${at}` });
      const script = `${get}\n${jenkinsLine("herm", { at, how })}`;
      const put = after === undefined ? "" : jenkinsLine("record", { words: after });
      return {
        target: at,
        isManual: stage.includes("input {"),
        key: /credentials\('herm-([\w-]+)'\)/.exec(stage)?.[1] ?? "",
        run: async (checkout, machine) => {
          const ended = await checkout.run(script, machine);
          const last = await checkout.run(put, { env: machine.env ?? {} });
          return {
            code: ended.code === 0 ? last.code : ended.code,
            stdout: ended.stdout,
            stderr: ended.stderr + last.stderr,
          };
        },
      };
    });
}

export const jenkins: Pipeline = {
  name: "Jenkins",
  text: jenkinsfile,
  shows: jenkinsJobs("changeRequest()"),
  applies: jenkinsJobs("branch 'main'"),
};
