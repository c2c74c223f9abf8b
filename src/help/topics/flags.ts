import { namedFlags } from "../../command/flags.js";
import { nodesAt } from "../../command-tree.js";
import { flagNames, globalRows, type HelpRow } from "../layout.js";
import type { TopicText } from "../topic.js";

/** The flags that every command takes, and those that choose what it works on. */
export async function loadText(): Promise<TopicText> {
  return {
    about: [
      "A command's `--help` has its usual flags, and `--help --verbose` all of them. Many are the same everywhere:",
    ],
    sections: [
      {
        title: "To work on many at once",
        blocks: [
          { commands: ['herm automations pause --all-deployments --match "Weekly*" --dry-run'] },
          { rows: await selectionRows() },
          "`--deployment` given several times also chooses several.",
        ],
      },
      { title: "For output, in every command", blocks: [{ rows: globalRows("Output") }] },
      { title: "For the connection, in every command", blocks: [{ rows: globalRows("Connection") }] },
      {
        title: "For help",
        blocks: [
          {
            rows: [
              ["-h, --help", "the command's help, on one screen"],
              ["--help --verbose", "everything about the command"],
              ["-v, --verbose", "every row by itself, where a command has it"],
              ["herm --version", "the version, as herm -v alone"],
            ],
          },
        ],
      },
      {
        title: "How to write them",
        blocks: [
          {
            list: [
              "Flags of every command go before or after its words: `herm --local automations list`.",
              "A value follows a space or `=`. One that begins with `-` needs the `=`: `--name=-draft`.",
              "After `--`, everything is text.",
              "There is no flag for the key: every process on the machine can see a command line. `herm auth login` saves it.",
            ],
          },
        ],
      },
    ],
    see: ["tasks", "output", "exit-codes", "environment"],
  };
}

/** As `herm status` has them, which has no others that choose. */
async function selectionRows(): Promise<HelpRow[]> {
  const declaration = await nodesAt(["status"]).at(-1)?.load?.();
  return namedFlags(declaration?.flags)
    .filter(({ group }) => group === "Which ones")
    .map(({ long, short, takes, about }): HelpRow => [flagNames({ long, short, value: takes }), about]);
}
