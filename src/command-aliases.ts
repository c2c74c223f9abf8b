/** A command that a word from another tool stands for. */
export interface AliasTarget {
  /** Words in the tree, `automations delete`; behind them may stand what it is given: `config set profile`. */
  command: string;
  /** Added where the person gave no flags. */
  more?: string;
  /** Shown where several are meant. */
  does?: string;
  /** Placeholder for what wasn't typed: `<run>`. */
  takes?: "<automation>" | "<run>" | "<name>";
  /** The flag of the last word: `rename a b`. */
  lastIs?: "--name" | "--schedule" | "--profile";
}

export interface CommandAlias {
  words: readonly string[];
  targets: readonly AliasTarget[];
  /** The reason why there is no such command. */
  because?: string;
}

const stats: AliasTarget = { command: "automations audit", more: "--by automation" };
const useProfile: AliasTarget = { command: "config set profile", takes: "<name>" };

/** Groups of other tools, and our groups for them: `cron list`. */
export const groupAliases: Readonly<Record<string, string>> = Object.fromEntries(
  [
    { words: ["cron", "crons", "job", "jobs", "routine", "routines"], group: "automations" },
    { words: ["schedule", "schedules", "task", "tasks", "triggers"], group: "automations" },
    { words: ["workflow", "workflows"], group: "automations" },
    { words: ["agent", "agents"], group: "deployments" },
    { words: ["context", "contexts", "profile", "profiles"], group: "auth" },
  ].flatMap(({ words, group }) => words.map((word) => [word, group])),
);

/** Aliases by the group in which they are typed; "" is `herm` alone. */
export const commandAliases: Readonly<Record<string, readonly CommandAlias[]>> = {
  "": [
    { words: ["run", "exec", "execute", "fire"], targets: [{ command: "automations trigger" }] },
    { words: ["stop", "disable", "suspend"], targets: [{ command: "automations pause" }] },
    { words: ["enable", "unpause"], targets: [{ command: "automations resume" }] },
    { words: ["rm", "remove", "del"], targets: [{ command: "automations delete" }] },
    { words: ["new", "add"], targets: [{ command: "automations create" }] },
    { words: ["edit"], targets: [{ command: "automations update", more: "--edit" }] },
    { words: ["describe", "view", "inspect"], targets: [{ command: "automations get" }] },
    {
      words: ["logs", "log"],
      targets: [
        { command: "runs show", does: "shows a run" },
        { command: "runs watch", does: "follows one as it happens" },
      ],
    },
    { words: ["ps"], targets: [{ command: "runs list", more: "--running" }] },
    { words: ["stats", "statistics"], targets: [stats] },
    { words: ["catchup", "backfill"], targets: [{ command: "automations catch-up" }] },
    { words: ["overview", "health", "dashboard"], targets: [{ command: "status" }] },
    { words: ["alert", "alerts", "notify"], targets: [{ command: "status", more: "--exit-code" }] },
    { words: ["whoami"], targets: [{ command: "auth status" }] },
    {
      words: ["init", "setup", "configure"],
      targets: [
        { command: "auth login", does: "saves your key" },
        { command: "automations export", does: "writes automations to files" },
        {
          command: "automations apply",
          more: "--print-schema",
          does: "prints the form of these files, for an editor",
        },
      ],
    },
    { words: ["context", "contexts"], targets: [useProfile] },
    { words: ["server", "serve"], targets: [{ command: "dev" }] },
    { words: ["check"], targets: [{ command: "doctor" }] },
    { words: ["topics"], targets: [{ command: "help", more: "topics" }] },
    { words: ["docs", "man", "manual"], targets: [{ command: "help" }] },
    { words: ["plan", "drift"], targets: [{ command: "automations diff" }] },
    { words: ["validate"], targets: [{ command: "automations lint" }] },
    { words: ["rollback", "revert"], targets: [{ command: "undo" }] },
  ],
  automations: [
    {
      words: ["show", "describe", "view", "info", "inspect", "cat", "status"],
      targets: [{ command: "automations get" }],
    },
    { words: ["rm", "remove", "del", "destroy"], targets: [{ command: "automations delete" }] },
    { words: ["new", "add", "make"], targets: [{ command: "automations create" }] },
    { words: ["edit"], targets: [{ command: "automations update", more: "--edit" }] },
    { words: ["set", "change", "modify"], targets: [{ command: "automations update" }] },
    { words: ["cp", "clone", "duplicate", "promote", "sync"], targets: [{ command: "automations copy" }] },
    { words: ["rename", "mv"], targets: [{ command: "automations update", lastIs: "--name" }] },
    { words: ["schedule"], targets: [{ command: "automations update", lastIs: "--schedule" }] },
    { words: ["run", "exec", "execute", "fire", "launch"], targets: [{ command: "automations trigger" }] },
    {
      words: ["start"],
      targets: [
        { command: "automations trigger", does: "runs it now" },
        { command: "automations resume", does: "lets its schedule run again" },
      ],
    },
    { words: ["stop", "disable", "suspend", "off"], targets: [{ command: "automations pause" }] },
    { words: ["enable", "unpause", "on"], targets: [{ command: "automations resume" }] },
    {
      words: ["logs", "log", "output"],
      targets: [
        { command: "runs show", does: "shows its last run" },
        { command: "runs list", does: "lists its runs" },
      ],
    },
    { words: ["runs"], targets: [{ command: "runs list" }] },
    { words: ["history", "changes"], targets: [{ command: "history" }] },
    { words: ["watch", "tail", "follow"], targets: [{ command: "runs watch" }] },
    { words: ["answer", "reply"], targets: [{ command: "runs answer" }] },
    { words: ["ps"], targets: [{ command: "runs list", more: "--running" }] },
    { words: ["next"], targets: [{ command: "automations upcoming" }] },
    { words: ["stats", "statistics"], targets: [stats] },
    { words: ["missed", "missing"], targets: [{ command: "automations audit" }] },
    { words: ["catchup", "backfill", "make-up"], targets: [{ command: "automations catch-up" }] },
    { words: ["plan", "drift"], targets: [{ command: "automations diff" }] },
    { words: ["validate", "check", "verify", "test"], targets: [{ command: "automations lint" }] },
    { words: ["prune"], targets: [{ command: "automations apply", more: "--prune" }] },
    { words: ["rollback", "revert", "undo"], targets: [{ command: "undo" }] },
    {
      words: ["import"],
      targets: [
        { command: "automations apply", does: "makes automations match files" },
        { command: "automations adopt", does: "records existing ones as yours" },
      ],
    },
  ],
  runs: [
    {
      words: ["stop", "cancel", "kill", "abort", "terminate", "end", "pause"],
      because: "a run can't be stopped",
      targets: [
        {
          command: "automations pause",
          takes: "<automation>",
          does: "prevents further runs",
        },
        {
          command: "runs answer",
          takes: "<run>",
          more: '"…" --steer',
          does: "tells the agent what to do",
        },
      ],
    },
    {
      words: ["rm", "remove", "delete", "del"],
      because: "runs can't be deleted",
      targets: [{ command: "runs show", takes: "<run>", does: "shows one" }],
    },
    {
      words: ["start", "new", "create", "trigger", "run", "retry", "rerun", "restart"],
      targets: [{ command: "automations trigger", takes: "<automation>" }],
    },
    {
      words: ["get", "describe", "view", "info", "inspect", "cat", "logs", "log", "output", "status"],
      targets: [{ command: "runs show" }],
    },
    { words: ["tail", "follow", "attach"], targets: [{ command: "runs watch" }] },
    { words: ["reply", "respond", "approve", "tell", "send"], targets: [{ command: "runs answer" }] },
    { words: ["steer"], targets: [{ command: "runs answer", more: "--steer" }] },
    { words: ["ps"], targets: [{ command: "runs list", more: "--running" }] },
    { words: ["events"], targets: [{ command: "events" }] },
    { words: ["stats", "statistics"], targets: [stats] },
  ],
  deployments: [
    { words: ["get", "show", "describe", "view", "info"], targets: [{ command: "deployments list" }] },
    { words: ["switch", "select", "choose", "set"], targets: [{ command: "deployments use" }] },
  ],
  schedule: [
    {
      words: ["show", "describe", "parse", "check", "test", "preview", "next"],
      targets: [{ command: "schedule explain" }],
    },
  ],
  incidents: [
    {
      words: ["get", "describe", "view", "info", "status", "check", "verify"],
      targets: [{ command: "incidents show" }],
    },
    {
      words: ["create", "new", "open", "start", "begin", "pause"],
      targets: [{ command: "automations pause", more: "--all --incident INC-1" }],
    },
    { words: ["resume", "undo"], targets: [{ command: "automations resume", more: "--incident INC-1" }] },
    { words: ["resolve", "end", "finish", "rm", "delete"], targets: [{ command: "incidents close" }] },
  ],
  auth: [
    { words: ["signin", "add", "new", "create"], targets: [{ command: "auth login", lastIs: "--profile" }] },
    {
      words: ["signout", "rm", "remove", "delete", "del"],
      targets: [{ command: "auth logout", lastIs: "--profile" }],
    },
    { words: ["whoami", "show", "check", "current"], targets: [{ command: "auth status" }] },
    { words: ["list", "ls", "get"], targets: [{ command: "config list" }] },
    { words: ["switch", "use", "set", "select"], targets: [useProfile] },
  ],
  config: [
    { words: ["show", "view", "cat", "get", "path", "where", "file"], targets: [{ command: "config list" }] },
    { words: ["rm", "remove", "delete", "del"], targets: [{ command: "config unset" }] },
    { words: ["add", "edit"], targets: [{ command: "config set" }] },
    { words: ["use-context", "use-profile", "use", "switch", "select"], targets: [useProfile] },
  ],
};
