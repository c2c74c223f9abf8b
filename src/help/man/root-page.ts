import { commandTree } from "../../command/tree.js";
import { globalFlags } from "../../command-line/global-flags.js";
import { automationNote, type HelpRow, refNote, usualEndings } from "../layout.js";
import { topics } from "../topics.js";
import { commandRows, flagTag } from "./command-page.js";
import { seeAlso } from "./names.js";
import {
  code,
  paragraph,
  placeholder,
  type RoffBlock,
  type RoffEdition,
  reference,
  roffPage,
  roffProse,
  tagged,
} from "./roff.js";
import { commandBlocks, nameSection } from "./topic-page.js";

/** The page of herm itself, which leads to all others. */
export function rootPage(edition: RoffEdition): string {
  const own = { name: "herm", section: 1 };
  return roffPage({
    ...own,
    edition,
    sections: [
      nameSection(own.name, "command-line tool for the automations of Herm"),
      { title: "SYNOPSIS", blocks: [[`${code("herm")} ${placeholder("<command> [flags]")}`]] },
      { title: "DESCRIPTION", blocks: [automationNote, refNote].map((text) => paragraph(roffProse(text))) },
      { title: "EXAMPLES", blocks: commandBlocks(beginnings) },
      {
        title: "COMMANDS",
        blocks: [
          leadingOn(
            "Each has a page of its own, as has each command below it. What to run for what:",
            "tasks",
          ),
          commandRows(commandTree(), []),
        ],
      },
      {
        title: "TOPICS",
        blocks: [
          tagged(topics.map(({ name, summary }) => [reference(`herm-${name}`, 7), roffProse(summary)])),
        ],
      },
      { title: "OPTIONS", blocks: [flagRows()] },
      {
        title: "EXIT STATUS",
        blocks: [leadingOn(`${usualEndings}; all codes:`, "exit-codes")],
      },
      {
        title: "ENVIRONMENT",
        blocks: [
          leadingOn(
            "The key is read from `HERM_API_KEY`, or from where `herm auth login` saved it; all variables:",
            "environment",
          ),
        ],
      },
      seeAlso(own, ["tasks", "flags", "exit-codes", "environment"]),
    ],
  });
}

const beginnings: readonly HelpRow[] = [
  ["herm --local automations list", "try everything without an account"],
  ["herm automations create", "create one; it asks for what it needs"],
  ["herm automations list", "all of a deployment, and when each runs next"],
  ["herm automations trigger <ref>", "run one now, and follow the run"],
  ["herm runs list --failed --since 12h", "find out what failed last night"],
];

function flagRows(): RoffBlock {
  const help = "a command's help, within one screen; with `--verbose` everything";
  return tagged([
    ...globalFlags.map(({ long, short, value, summary }): [string, string] => [
      flagTag({ long, short, takes: value }),
      roffProse(summary),
    ]),
    [flagTag({ long: "--help", short: "-h" }), roffProse(help)],
    [
      flagTag({ long: "--version", short: "-v" }),
      roffProse("the version; with a command `-v` is `--verbose`"),
    ],
  ]);
}

/** A text whose end is the page of a topic. */
function leadingOn(text: string, topic: string): RoffBlock {
  return paragraph(`${roffProse(text)} ${reference(`herm-${topic}`, 7)}.`);
}
