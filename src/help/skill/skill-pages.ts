import { shownArguments, usageWords } from "../../command/flags.js";
import { allCommands } from "../../command/tree.js";
import { globalFlags } from "../../command-line/global-flags.js";
import { automationNote } from "../layout.js";
import { ownFlags } from "../render-command.js";
import { markdownProse, page } from "../topic-pages.js";
import { topics } from "../topics.js";

export interface SkillPage {
  /** Its name for `herm skill`. */
  name: string;
  summary: string;
  /** The path below the skill's folder, with `/`. */
  path: string;
  load(): Promise<string>;
}

export const skillName = "herm";

/** Topics that an agent may need, in the order listed here. */
const asReference = [
  "exit-codes",
  "output",
  "schedules",
  "manifests",
  "gitops",
  "incidents",
  "reliability",
  "local-server",
  "environment",
];

/** The pages beside the skill's own: every command, and help topics that the skill then needn't repeat. */
const references: readonly SkillPage[] = [
  {
    name: "commands",
    summary: "every command with its flags and exit codes",
    path: pathOf("commands"),
    load: commandsPage,
  },
  ...topics
    .filter(({ name }) => asReference.includes(name))
    .map((topic) => ({
      name: topic.name,
      summary: topic.summary,
      path: pathOf(topic.name),
      load: () => referencePage(topic.name),
    })),
];

/** The skill's own page first, then the pages beside it. */
export const skillPages: readonly SkillPage[] = [
  {
    name: "skill",
    summary: "the right command for each task, and when to ask a person",
    path: "SKILL.md",
    load: skillPage,
  },
  ...references,
];

function pathOf(name: string): string {
  return `references/${name}.md`;
}

/** A topic; its links lead to pages in the skill's folder or, if there is none, to help. */
async function referencePage(name: string): Promise<string> {
  const { loadPage } = await import("../topic-pages.js");
  return (await loadPage(name)).replaceAll(/\[([\w-]+)\]\(\1\.md\)/g, (link, topic: string) =>
    asReference.includes(topic) ? link : `\`herm help ${topic}\``,
  );
}

async function commandsPage(): Promise<string> {
  const sections = await Promise.all(
    allCommands().map(async (nodes) => {
      const declaration = await nodes.at(-1)?.load?.();
      if (declaration === undefined) return [];
      const { help } = declaration;
      const path = nodes.map(({ name }) => name);
      const flags = ownFlags(declaration).map(({ long, valueName, about }) =>
        item(flagText(long, valueName), about),
      );
      const named = shownArguments(declaration).map(({ name, about }) => item(name, about));
      const codes = Object.entries(help.exitCodes ?? {}).map(
        ([code, meaning]) => `- ${code}: ${markdownProse(meaning)}`,
      );
      return [
        `## \`${usageWords(declaration, path).join(" ")}\``,
        markdownProse(`${help.about} ${help.use}`),
        ...[named, flags].map((lines) => lines.join("\n")).filter((lines) => lines !== ""),
        ...(codes.length === 0 ? [] : [`Exit codes besides 0, 1, 2 and 130:\n\n${codes.join("\n")}`]),
      ];
    }),
  );
  const shared = globalFlags.map(({ long, valueName: value, summary }) =>
    item(flagText(long, value), summary),
  );
  return page(["# Every command", "## Flags for every command", shared.join("\n"), ...sections.flat()]);
}

function item(name: string, about: string): string {
  return `- \`${name}\`: ${markdownProse(about)}`;
}

function flagText(long: string, value: string | undefined): string {
  return value === undefined ? long : `${long} <${value}>`;
}

async function skillPage(): Promise<string> {
  const { loadPage } = await import("../topic-pages.js");
  return loadPage("skill", {
    "what an automation is": () => automationNote,
    pages: () => references.map(({ name, summary, path }) => `- [${name}](${path}): ${summary}`).join("\n"),
  });
}
