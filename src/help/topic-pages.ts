import { namedFlags } from "../command/flags.js";
import { nodesAt } from "../command/tree.js";
import { knownForms } from "../schedule/known-forms.js";
import { flagRow, globalRows, type HelpRow } from "./layout.js";
import { markdownTable } from "./markdown.js";
import { parseTopic } from "./parse-topic.js";
import rules from "./skill/rules.md" with { type: "text" };
import skill from "./skill/SKILL.md" with { type: "text" };
import type { TopicText } from "./topic.js";
import accessibility from "./topics/accessibility.md" with { type: "text" };
import agents from "./topics/agents.md" with { type: "text" };
import alerts from "./topics/alerts.md" with { type: "text" };
import environment from "./topics/environment.md" with { type: "text" };
import exitCodes from "./topics/exit-codes.md" with { type: "text" };
import flags from "./topics/flags.md" with { type: "text" };
import gitops from "./topics/gitops.md" with { type: "text" };
import incidents from "./topics/incidents.md" with { type: "text" };
import localServer from "./topics/local-server.md" with { type: "text" };
import manifests from "./topics/manifests.md" with { type: "text" };
import output from "./topics/output.md" with { type: "text" };
import reliability from "./topics/reliability.md" with { type: "text" };
import schedules from "./topics/schedules.md" with { type: "text" };
import security from "./topics/security.md" with { type: "text" };
import tasks from "./topics/tasks.md" with { type: "text" };

const pages: Readonly<Record<string, string>> = {
  accessibility,
  agents,
  alerts,
  environment,
  "exit-codes": exitCodes,
  flags,
  gitops,
  incidents,
  "local-server": localServer,
  manifests,
  output,
  reliability,
  schedules,
  security,
  skill,
  tasks,
};

const formNames: Readonly<Record<keyof typeof knownForms, string>> = {
  times: "Times of day",
  weekdays: "Days of the week",
  steps: "Every so often",
  dates: "Dates",
  cron: "A cron",
};

type Part = () => string | Promise<string>;

/** Parts that pages take from the code, or from each other. */
const parts: Readonly<Record<string, Part>> = {
  "rules for agents": () => rules.trimEnd(),
  "forms of a schedule": () =>
    markdownTable(
      Object.entries(formNames).map(
        ([kind, name]): HelpRow => [name, knownForms[kind as keyof typeof formNames].join("; ")],
      ),
    ),
  "flags that choose": async () => markdownTable(await selectionRows()),
  "flags for output": () => markdownTable(globalRows("Output")),
  "flags for the connection": () => markdownTable(globalRows("Connection")),
};

/**
 * The page of a topic, or of the skill, as Markdown: each line `{{name}}` is replaced by the part of that name, which may be
 * the page's own. Throws for a name that is unknown.
 */
export async function loadPage(name: string, own: Readonly<Record<string, Part>> = {}): Promise<string> {
  const lines = known(pages, name)
    .split("\n")
    .map((line) => {
      const [, part] = /^\{\{(.+)\}\}$/.exec(line) ?? [];
      return part === undefined ? line : known({ ...parts, ...own }, part)();
    });
  return (await Promise.all(lines)).join("\n");
}

function known<T>(all: Readonly<Record<string, T>>, name: string): T {
  const found = all[name];
  if (found === undefined) throw new Error(`no page of help has ${name}`);
  return found;
}

/** Reads a topic piece by piece. */
export async function loadTopic(name: string): Promise<TopicText> {
  return parseTopic(await loadPage(name));
}

/** Rows of `herm status`, which has no other flags that choose. */
async function selectionRows(): Promise<HelpRow[]> {
  const declaration = await nodesAt(["status"]).at(-1)?.load?.();
  return namedFlags(declaration?.flags)
    .filter(({ group }) => group === "Which ones")
    .map(flagRow);
}
