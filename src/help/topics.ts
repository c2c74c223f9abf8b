/** A page of `herm help <name>` that isn't about a command. */
export interface Topic {
  name: string;
  summary: string;
  /** Other words for the topic; none of them is a command. */
  words?: readonly string[];
}

/** Every topic, in the order that help lists them. */
export const topics: readonly Topic[] = [
  {
    name: "tasks",
    summary: "common tasks, and how to name automations and runs",
  },
  {
    name: "schedules",
    summary: "how to write schedules, with time zones and next runs",
    words: ["cron", "crons", "tz", "zones"],
  },
  {
    name: "manifests",
    summary: "automations as files: apply, diff and export, also in CI",
    words: ["yaml", "spread", "prune", "dst"],
  },
  {
    name: "gitops",
    summary: "many customers in one repository: pipelines, renames, incidents",
    words: ["values", "record", "ci", "pipeline", "pipelines", "github", "gitlab", "jenkins"],
  },
  {
    name: "incidents",
    summary: "pause a fleet, prove that it stays paused, and resume it",
  },
  {
    name: "alerts",
    summary: "be notified once when an automation fails, waits or is overdue",
    words: ["alert", "notify", "slack", "pagerduty"],
  },
  {
    name: "output",
    summary: "formats for people, pipes and programs",
    words: ["json", "table", "formats", "pipes"],
  },
  {
    name: "flags",
    summary: "global flags, and flags that select many automations",
  },
  {
    name: "exit-codes",
    summary: "what each exit code means",
    words: ["codes"],
  },
  {
    name: "environment",
    summary: "environment variables, profiles, and which setting wins",
    words: ["proxy", "profile", "profiles", "env"],
  },
  {
    name: "security",
    summary: "where keys and data are stored, and what is sent to whom",
    words: ["key", "keys", "telemetry"],
  },
  {
    name: "reliability",
    summary: "what happens when the network fails or changes collide",
    words: ["retry", "retries", "timeout", "timeouts"],
  },
  {
    name: "local-server",
    summary: "the whole API on your machine, for trials and tests",
  },
  {
    name: "agents",
    summary: "how scripts and AI agents use herm safely",
    words: ["ai", "script", "scripts"],
  },
  {
    name: "accessibility",
    summary: "colours, screen readers and narrow terminals",
    words: ["color", "colors", "colours"],
  },
];

/** The topic that the first word names; the words after it may belong to a command. */
export function findTopic(words: readonly string[]): Topic | undefined {
  return words.length === 1 ? topics.find(({ name }) => name === words[0]) : undefined;
}
