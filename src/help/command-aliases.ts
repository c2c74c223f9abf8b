/** A command that a word from another tool stands for. */
export interface AliasTarget {
  /** Words in the tree, `automations delete`; behind them may stand what it is given: `config set profile`. */
  command: string;
  /** Added where the person gave no flags. */
  more?: string | undefined;
  /** Shown where several are meant. */
  does?: string | undefined;
  /** Placeholder for what wasn't typed: `<run>`. */
  takes?: string | undefined;
  /** The flag of the last word: `rename a b`. */
  lastIs?: string | undefined;
}

export interface CommandAlias {
  words: readonly string[];
  targets: readonly AliasTarget[];
  /** Command lines that do it, as they are shown; what was typed fits none of them. */
  instead?: string | undefined;
  /** The reason why there is no such command. */
  because?: string | undefined;
}

/** Groups of other tools, and our groups for them: `cron list`. */
export const groupAliases: ReadonlyMap<string, string> = new Map(
  [
    { words: ["cron", "crons", "job", "jobs", "routine", "routines"], group: "automations" },
    { words: ["schedule", "schedules", "task", "tasks", "triggers"], group: "automations" },
    { words: ["workflow", "workflows"], group: "automations" },
    { words: ["agent", "agents"], group: "deployments" },
    { words: ["context", "contexts", "profile", "profiles"], group: "auth" },
  ].flatMap(({ words, group }) => words.map((word) => [word, group] as const)),
);

type Meant = string | Readonly<Record<string, string>>;

/**
 * Aliases by the group in which they are typed ("" is `herm` alone, where those of `automations` count too): words, and why
 * there is no such command; the command that is meant, or several with what each does, or lines that start with `herm`, shown
 * as they are. A flag that ends with `=` takes the last word.
 */
const meant: Readonly<Record<string, Readonly<Record<string, Meant>>>> = {
  "": {
    "retry rerun": "automations trigger <automation>",
    "stop disable suspend": "automations pause",
    events: "herm runs watch <run>, herm top, or the client's events.stream in a program",
    "logs log": { "runs show": "shows a run", "runs watch": "follows one as it happens" },
    whoami: "auth status",
    "init configure": {
      "auth login": "saves your key",
      export: "writes automations to files",
      "apply --print-schema": "prints the form of these files, for an editor",
    },
    "context contexts": "config set profile <name>",
    serve: "dev",
    topics: "help topics",
    "docs man": "help",
  },
  automations: {
    "show describe view inspect status": "automations get",
    "rm remove": "automations delete",
    "new add": "automations create",
    edit: "automations update --edit",
    "set patch": "automations update",
    "copy cp clone": "herm export --by-name, then herm apply --file <file> --deployment <other>",
    "rename mv": "automations update --name=",
    schedule: "automations update --schedule=",
    "run exec": "automations trigger",
    "retry rerun": "automations trigger <automation>",
    start: { "automations trigger": "runs it now", "automations resume": "lets its schedule run again" },
    "stop disable suspend": "automations pause",
    "enable unpause": "automations resume",
    "logs log": { "runs show": "shows its last run", "runs list": "lists its runs" },
    runs: "runs list",
    history: "history",
    "watch tail": "runs watch",
    answer: "runs answer",
    ps: "runs list --running",
    next: "automations upcoming",
    stats: "automations audit --by automation",
    backfill: "automations catch-up",
    plan: "diff",
    "validate check": "lint",
    prune: "apply --prune",
    "rollback revert undo": "undo",
    import: {
      apply: "makes automations match files",
      adopt: "records existing ones as yours",
    },
  },
  runs: {
    "stop cancel kill: a run can't be stopped": {
      "automations pause <automation>": "prevents further runs",
      'runs answer <run> "…" --steer': "tells the agent what to do",
    },
    "rm remove delete: runs can't be deleted": { "runs show <run>": "shows one" },
    "start create trigger run retry rerun": "automations trigger <automation>",
    "get describe view inspect logs log status": "runs show",
    "tail attach": "runs watch",
    "reply approve": "runs answer",
    ps: "runs list --running",
    stats: "automations audit --by automation",
  },
  deployments: {
    "get show describe view": "deployments list",
    "switch select set": "deployments use",
  },
  schedule: {
    "show describe next": "schedule explain",
  },
  incidents: {
    "get describe view status": "incidents show",
    "create open start pause": "automations pause --all-deployments --incident INC-1",
    "resume undo": "automations resume --incident INC-1",
    "resolve delete": "incidents close",
  },
  auth: {
    "signin add": "auth login --profile=",
    "signout rm remove delete": "auth logout --profile=",
    "whoami show": "auth status",
    "list ls get": "config list",
    "switch use": "config set profile <name>",
  },
  config: {
    "show view get": "config list",
    "rm remove delete": "config unset",
    "add edit": "config set",
    "use-context use switch": "config set profile <name>",
  },
};

export const commandAliases: ReadonlyMap<string, readonly CommandAlias[]> = new Map(
  Object.entries(meant).map(([group, rows]) => [group, Object.entries(rows).map(readAlias)]),
);

function readAlias([typed, targets]: [string, Meant]): CommandAlias {
  const [words = "", because] = typed.split(": ");
  if (typeof targets === "string" && targets.startsWith("herm "))
    return { words: words.split(" "), because, targets: [], instead: targets };
  const lines = typeof targets === "string" ? [[targets] as const] : Object.entries(targets);
  return { words: words.split(" "), because, targets: lines.map(([line, does]) => readTarget(line, does)) };
}

function readTarget(line: string, does: string | undefined): AliasTarget {
  const [, command = "", takes, rest] = /^([a-z]+(?:[ -][a-z]+)*)(?: (<\w+>))?(?: (.+))?$/.exec(line) ?? [];
  return { command, takes, does, ...(rest?.endsWith("=") ? { lastIs: rest.slice(0, -1) } : { more: rest }) };
}
