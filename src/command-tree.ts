import type { CommandNode } from "./command/node.js";
import { automationsNodes, incidentsNodes, runsNodes } from "./command-tree-automations.js";

/** The command tree in the order of help. */
export const commandTree: readonly CommandNode[] = [
  {
    name: "automations",
    alias: "auto",
    summary: "create, list, change, run and delete automations",
    examples: ["herm automations create", "herm automations list"],
    children: automationsNodes,
  },
  {
    name: "runs",
    summary: "see, watch and answer runs",
    examples: ['herm runs list "Weekly video variations"', "herm runs watch run_8Qk2"],
    children: runsNodes,
  },
  {
    name: "status",
    summary: "show the fleet now, and what needs attention",
    load: async () => (await import("./commands/status/status.js")).command,
  },
  {
    name: "top",
    summary: "watch the fleet on a live screen, and act on it",
    load: async () => (await import("./commands/top/top.js")).command,
  },
  {
    name: "undo",
    summary: "undo a change, of one automation or of a fleet",
    load: async () => (await import("./commands/undo/undo.js")).command,
  },
  {
    name: "events",
    summary: "print everything that happens, as it happens",
    load: async () => (await import("./commands/events/events.js")).command,
  },
  {
    name: "deployments",
    summary: "list deployments and choose the one to work on",
    examples: ["herm deployments list", "herm deployments use dep_7xK9s2"],
    children: [
      {
        name: "list",
        alias: "ls",
        summary: "list deployments",
        load: async () => (await import("./commands/deployments/list.js")).command,
      },
      {
        name: "use",
        summary: "choose the deployment that commands work on",
        load: async () => (await import("./commands/deployments/use.js")).command,
      },
    ],
  },
  {
    name: "schedule",
    summary: "explain schedules",
    examples: [
      'herm schedule explain "every monday at 9am" --tz America/New_York',
      'herm schedule explain "*/15 9-17 * * 1-5" --next 3 --output json',
    ],
    children: [
      {
        name: "explain",
        summary: "show a schedule's cron, meaning and next times",
        load: async () => (await import("./commands/schedule/explain.js")).command,
      },
    ],
  },
  {
    name: "incidents",
    summary: "check, hand over and close incidents",
    examples: ["herm incidents list", "herm incidents show INC-42"],
    children: incidentsNodes,
  },
  {
    name: "history",
    summary: "list what was changed from here, by whom and why",
    load: async () => (await import("./commands/history/history.js")).command,
  },
  {
    name: "auth",
    summary: "log in, log out, see which key is used",
    examples: ["herm auth login", "herm auth status"],
    children: [
      {
        name: "login",
        summary: "check a key and save it",
        load: async () => (await import("./commands/auth/login.js")).command,
      },
      {
        name: "logout",
        summary: "forget a key",
        load: async () => (await import("./commands/auth/logout.js")).command,
      },
      {
        name: "status",
        summary: "show which key is used, and whether it works",
        load: async () => (await import("./commands/auth/status.js")).command,
      },
    ],
  },
  {
    name: "config",
    summary: "read and change settings",
    examples: ["herm config list", "herm config set profile prod"],
    children: [
      {
        name: "list",
        alias: "ls",
        summary: "list profiles, and the files of settings and data",
        load: async () => (await import("./commands/config/list.js")).command,
      },
      {
        name: "set",
        summary: "change a setting",
        load: async () => (await import("./commands/config/set.js")).command,
      },
      {
        name: "unset",
        summary: "forget a setting",
        load: async () => (await import("./commands/config/unset.js")).command,
      },
    ],
  },
  {
    name: "dev",
    summary: "run the local API server",
    load: async () => (await import("./commands/dev/dev.js")).command,
    children: [
      {
        name: "status",
        summary: "show whether a local server runs",
        load: async () => (await import("./commands/dev/status.js")).command,
      },
      {
        name: "stop",
        summary: "stop a local server",
        load: async () => (await import("./commands/dev/stop.js")).command,
      },
      {
        name: "deployment",
        summary: "create a deployment on it",
        load: async () => (await import("./commands/dev/deployment.js")).command,
      },
      {
        name: "fault",
        summary: "simulate a fault on it",
        load: async () => (await import("./commands/dev/fault.js")).command,
        children: [
          {
            name: "list",
            alias: "ls",
            summary: "list its faults",
            load: async () => (await import("./commands/dev/fault-list.js")).command,
          },
          {
            name: "clear",
            summary: "end its faults",
            load: async () => (await import("./commands/dev/fault-clear.js")).command,
          },
        ],
      },
      {
        name: "reset",
        summary: "start over; its old data is saved",
        load: async () => (await import("./commands/dev/reset.js")).command,
      },
    ],
  },
  {
    name: "doctor",
    summary: "check your setup, and say how to fix it",
    load: async () => (await import("./commands/doctor/doctor.js")).command,
  },
  {
    name: "completion",
    summary: "print a shell's completion script",
    load: async () => (await import("./commands/completion/completion.js")).command,
  },
  {
    name: "commands",
    summary: "list every command; with --output json the whole tree",
    load: async () => (await import("./commands/commands.js")).command,
  },
  {
    name: "skill",
    summary: "print the skill that teaches an AI agent to use herm",
    load: async () => (await import("./commands/skill/skill.js")).command,
    children: [
      {
        name: "install",
        summary: "write the skill where an agent looks for it",
        load: async () => (await import("./commands/skill/install.js")).command,
      },
    ],
  },
  {
    name: "help",
    summary: "show the help of a command or topic",
    load: async () => (await import("./commands/help/help.js")).command,
  },
  {
    name: "version",
    summary: "print the version",
    load: async () => (await import("./commands/help/version.js")).command,
  },
];

/** The nodes that the words name, as far as they go. The words are without flags and their values. */
export function nodesAt(words: readonly string[]): CommandNode[] {
  const found: CommandNode[] = [];
  let nodes: readonly CommandNode[] | undefined = commandTree;
  for (const word of words) {
    const node: CommandNode | undefined = nodes?.find((each) => each.name === word || each.alias === word);
    if (node === undefined) break;
    found.push(node);
    nodes = node.children;
  }
  return found;
}

export function allCommands(nodes: readonly CommandNode[] = commandTree): [...CommandNode[], CommandNode][] {
  return nodes.flatMap((node): [...CommandNode[], CommandNode][] => [
    ...(node.load === undefined ? [] : [[node] as [CommandNode]]),
    ...allCommands(node.children ?? []).map((below): [...CommandNode[], CommandNode] => [node, ...below]),
  ]);
}

/** The full names of the command that the words name. */
export function findPath(words: readonly string[]): string[] {
  return nodesAt(words).map(({ name }) => name);
}
