/** A command that is meant by a word which isn't one. */
export interface Meant {
  /** By its words in the tree, `automations delete`; behind them may stand what it is given: `config set profile`. */
  command: string;
  /** What is added to it, where the person gave none of its own flags. */
  more?: string;
  /** What it does, where several are meant. */
  does?: string;
  /** What it takes, where nothing of that kind was typed: `<run>`. */
  takes?: "<automation>" | "<run>" | "<name>";
  /** The flag that the last word is the value of, where the command takes one less: `rename a b`. */
  lastIs?: "--name" | "--schedule" | "--profile";
}

/** Words that people know from other tools, and what is meant by them here. */
export interface MeantWords {
  words: readonly string[];
  meant: readonly Meant[];
  /** Why there is no such command; absent: it only has another name. */
  because?: string;
}

const stats: Meant = { command: "automations audit", more: "--by automation" };
const useProfile: Meant = { command: "config set profile", takes: "<name>" };

/** Groups of other tools, and whose commands are meant behind them: `cron list`. */
export const meantGroups: Readonly<Record<string, string>> = Object.fromEntries(
  [
    { words: ["cron", "crons", "job", "jobs", "routine", "routines"], group: "automations" },
    { words: ["schedule", "schedules", "task", "tasks", "triggers"], group: "automations" },
    { words: ["workflow", "workflows"], group: "automations" },
    { words: ["agent", "agents"], group: "deployments" },
    { words: ["context", "contexts", "profile", "profiles"], group: "auth" },
  ].flatMap(({ words, group }) => words.map((word) => [word, group])),
);

/** By the group that they are typed in; "" is `herm` alone. Read where a word is no command of its group. */
export const meantWords: Readonly<Record<string, readonly MeantWords[]>> = {
  "": [
    { words: ["run", "exec", "execute", "fire"], meant: [{ command: "automations trigger" }] },
    { words: ["stop", "disable", "suspend"], meant: [{ command: "automations pause" }] },
    { words: ["enable", "unpause"], meant: [{ command: "automations resume" }] },
    { words: ["rm", "remove", "del"], meant: [{ command: "automations delete" }] },
    { words: ["new", "add"], meant: [{ command: "automations create" }] },
    { words: ["edit"], meant: [{ command: "automations update", more: "--edit" }] },
    { words: ["describe", "view", "inspect"], meant: [{ command: "automations get" }] },
    {
      words: ["logs", "log"],
      meant: [
        { command: "runs show", does: "shows a run" },
        { command: "runs watch", does: "follows one as it happens" },
      ],
    },
    { words: ["ps"], meant: [{ command: "runs list", more: "--running" }] },
    { words: ["stats", "statistics"], meant: [stats] },
    { words: ["catchup", "backfill"], meant: [{ command: "automations catch-up" }] },
    { words: ["overview", "health", "dashboard"], meant: [{ command: "status" }] },
    { words: ["alert", "alerts", "notify"], meant: [{ command: "status", more: "--exit-code" }] },
    { words: ["whoami"], meant: [{ command: "auth status" }] },
    {
      words: ["init", "setup", "configure"],
      meant: [
        { command: "auth login", does: "saves your key" },
        { command: "automations export", does: "writes automations to files" },
        {
          command: "automations apply",
          more: "--print-schema",
          does: "prints the form of these files, for an editor",
        },
      ],
    },
    { words: ["context", "contexts"], meant: [useProfile] },
    { words: ["server", "serve"], meant: [{ command: "dev" }] },
    { words: ["check"], meant: [{ command: "doctor" }] },
    { words: ["topics"], meant: [{ command: "help", more: "topics" }] },
    { words: ["docs", "man", "manual"], meant: [{ command: "help" }] },
    { words: ["plan", "drift"], meant: [{ command: "automations diff" }] },
    { words: ["validate"], meant: [{ command: "automations lint" }] },
    { words: ["rollback", "revert"], meant: [{ command: "undo" }] },
  ],
  automations: [
    {
      words: ["show", "describe", "view", "info", "inspect", "cat", "status"],
      meant: [{ command: "automations get" }],
    },
    { words: ["rm", "remove", "del", "destroy"], meant: [{ command: "automations delete" }] },
    { words: ["new", "add", "make"], meant: [{ command: "automations create" }] },
    { words: ["edit"], meant: [{ command: "automations update", more: "--edit" }] },
    { words: ["set", "change", "modify"], meant: [{ command: "automations update" }] },
    { words: ["cp", "clone", "duplicate", "promote", "sync"], meant: [{ command: "automations copy" }] },
    { words: ["rename", "mv"], meant: [{ command: "automations update", lastIs: "--name" }] },
    { words: ["schedule"], meant: [{ command: "automations update", lastIs: "--schedule" }] },
    { words: ["run", "exec", "execute", "fire", "launch"], meant: [{ command: "automations trigger" }] },
    {
      words: ["start"],
      meant: [
        { command: "automations trigger", does: "runs it now" },
        { command: "automations resume", does: "lets its schedule run again" },
      ],
    },
    { words: ["stop", "disable", "suspend", "off"], meant: [{ command: "automations pause" }] },
    { words: ["enable", "unpause", "on"], meant: [{ command: "automations resume" }] },
    {
      words: ["logs", "log", "output"],
      meant: [
        { command: "runs show", does: "shows its last run" },
        { command: "runs list", does: "lists its runs" },
      ],
    },
    { words: ["runs"], meant: [{ command: "runs list" }] },
    { words: ["history", "changes"], meant: [{ command: "history" }] },
    { words: ["watch", "tail", "follow"], meant: [{ command: "runs watch" }] },
    { words: ["answer", "reply"], meant: [{ command: "runs answer" }] },
    { words: ["ps"], meant: [{ command: "runs list", more: "--running" }] },
    { words: ["next"], meant: [{ command: "automations upcoming" }] },
    { words: ["stats", "statistics"], meant: [stats] },
    { words: ["missed", "missing"], meant: [{ command: "automations audit" }] },
    { words: ["catchup", "backfill", "make-up"], meant: [{ command: "automations catch-up" }] },
    { words: ["plan", "drift"], meant: [{ command: "automations diff" }] },
    { words: ["validate", "check", "verify", "test"], meant: [{ command: "automations lint" }] },
    { words: ["prune"], meant: [{ command: "automations apply", more: "--prune" }] },
    { words: ["rollback", "revert", "undo"], meant: [{ command: "undo" }] },
    {
      words: ["import"],
      meant: [
        { command: "automations apply", does: "makes automations match files" },
        { command: "automations adopt", does: "records existing ones as yours" },
      ],
    },
  ],
  runs: [
    {
      words: ["stop", "cancel", "kill", "abort", "terminate", "end", "pause"],
      because: "a run can't be stopped",
      meant: [
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
      meant: [{ command: "runs show", takes: "<run>", does: "shows one" }],
    },
    {
      words: ["start", "new", "create", "trigger", "run", "retry", "rerun", "restart"],
      meant: [{ command: "automations trigger", takes: "<automation>" }],
    },
    {
      words: ["get", "describe", "view", "info", "inspect", "cat", "logs", "log", "output", "status"],
      meant: [{ command: "runs show" }],
    },
    { words: ["tail", "follow", "attach"], meant: [{ command: "runs watch" }] },
    { words: ["reply", "respond", "approve", "tell", "send"], meant: [{ command: "runs answer" }] },
    { words: ["steer"], meant: [{ command: "runs answer", more: "--steer" }] },
    { words: ["ps"], meant: [{ command: "runs list", more: "--running" }] },
    { words: ["events"], meant: [{ command: "events" }] },
    { words: ["stats", "statistics"], meant: [stats] },
  ],
  deployments: [
    { words: ["get", "show", "describe", "view", "info"], meant: [{ command: "deployments list" }] },
    { words: ["switch", "select", "choose", "set"], meant: [{ command: "deployments use" }] },
  ],
  schedule: [
    {
      words: ["show", "describe", "parse", "check", "test", "preview", "next"],
      meant: [{ command: "schedule explain" }],
    },
  ],
  incidents: [
    {
      words: ["get", "describe", "view", "info", "status", "check", "verify"],
      meant: [{ command: "incidents show" }],
    },
    {
      words: ["create", "new", "open", "start", "begin", "pause"],
      meant: [{ command: "automations pause", more: "--all --incident INC-1" }],
    },
    { words: ["resume", "undo"], meant: [{ command: "automations resume", more: "--incident INC-1" }] },
    { words: ["resolve", "end", "finish", "rm", "delete"], meant: [{ command: "incidents close" }] },
  ],
  auth: [
    { words: ["signin", "add", "new", "create"], meant: [{ command: "auth login", lastIs: "--profile" }] },
    {
      words: ["signout", "rm", "remove", "delete", "del"],
      meant: [{ command: "auth logout", lastIs: "--profile" }],
    },
    { words: ["whoami", "show", "check", "current"], meant: [{ command: "auth status" }] },
    { words: ["list", "ls", "get"], meant: [{ command: "config list" }] },
    { words: ["switch", "use", "set", "select"], meant: [useProfile] },
  ],
  config: [
    { words: ["show", "view", "cat", "get", "path", "where", "file"], meant: [{ command: "config list" }] },
    { words: ["rm", "remove", "delete", "del"], meant: [{ command: "config unset" }] },
    { words: ["add", "edit"], meant: [{ command: "config set" }] },
    { words: ["use-context", "use-profile", "use", "switch", "select"], meant: [useProfile] },
  ],
};
