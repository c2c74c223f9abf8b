import { type NamedFlag, namedFlags } from "../../command/flags.js";
import { allCommands } from "../../command-tree.js";
import { flagNames, globalRows, type HelpRow } from "../layout.js";
import type { Block, TopicText } from "../topic.js";

/** The flags that are told once for all commands, as the commands declare them. */
export async function loadText(): Promise<TopicText> {
  return {
    about: ["These flags are explained here once; a command's `--help` explains its own."],
    sections: [
      {
        title: "In every command, for output",
        blocks: [{ rows: globalRows("Output") }],
      },
      {
        title: "In every command, for connections",
        blocks: [{ rows: globalRows("Connection") }],
      },
      {
        title: "In every command, for help",
        blocks: [
          {
            rows: [
              ["-h, --help", "the command's help, within one screen"],
              ["--help --verbose", "everything about the command"],
              ["-v, --verbose", "each row by itself, of commands that have it"],
              ["herm --version", "the version, as herm -v alone"],
            ],
          },
        ],
      },
      { title: "Many at once", blocks: await selectionBlocks() },
      {
        title: "How flags are written",
        blocks: [
          {
            list: [
              "Those of every command may stand before or behind its words: `herm --local automations list`.",
              "A value stands behind a space or `=`. One that begins with `-` needs the `=`: `--name=-draft`.",
              "Behind `--` everything is text.",
              "There is no flag for the key: every process of the machine sees a command line. `herm auth login` saves it.",
            ],
          },
        ],
      },
    ],
    see: ["tasks", "output", "exit-codes", "environment"],
  };
}

async function selectionBlocks(): Promise<Block[]> {
  const rows = new Map<string, HelpRow>();
  const takers: { name: string; flags: readonly NamedFlag[] }[] = [];
  for (const nodes of allCommands()) {
    const declaration = await nodes.at(-1)?.load?.();
    const flags = namedFlags(declaration?.flags).filter(({ family }) => family === "selection");
    for (const { long, short, takes, about } of flags)
      rows.set(long, [flagNames({ long, short, value: takes }), about]);
    if (flags.length > 0) takers.push({ name: nodes.map(({ name }) => name).join(" "), flags });
  }
  const isWhole = ({ flags }: { flags: readonly NamedFlag[] }) => flags.length === rows.size;
  return [
    "They choose deployments and automations; `--deployment` several times is another way to choose many.",
    { rows: [...rows.values()] },
    `They are taken by ${listed(takers.filter(isWhole).map(({ name }) => name))}.`,
    ...takers
      .filter((taker) => !isWhole(taker))
      .map(({ name, flags }) => `${name} takes ${listed(flags.map(({ long }) => long))} of them.`),
  ];
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
