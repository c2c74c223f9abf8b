import type { Topic } from "./topic.js";

/** Every topic in the order of help; each text is loaded when it is read. */
export const topics: readonly Topic[] = [
  {
    name: "tasks",
    summary: "what to run for what, and how to name what you mean",
    load: async () => (await import("./topics/tasks.js")).topicText,
  },
  {
    name: "schedules",
    summary: "how to write a schedule, time zones, when it runs",
    words: ["cron", "crons", "tz", "zones"],
    load: async () => (await import("./topics/schedules.js")).topicText,
  },
  {
    name: "manifests",
    summary: "automations as files: apply, diff, export, and how to do it in CI",
    words: ["yaml", "spread", "prune", "dst"],
    load: async () => (await import("./topics/manifests.js")).topicText,
  },
  {
    name: "gitops",
    summary: "a repository for many customers: pipelines, incidents, leaving",
    words: ["values", "record", "ci", "pipeline", "pipelines", "github", "gitlab", "jenkins"],
    load: async () => (await import("./topics/gitops.js")).topicText,
  },
  {
    name: "incidents",
    summary: "stop a fleet, prove that it stays stopped, bring back what ran",
    load: async () => (await import("./topics/incidents.js")).topicText,
  },
  {
    name: "output",
    summary: "formats for people, pipes and programs",
    words: ["json", "table", "formats", "pipes"],
    load: async () => (await import("./topics/output.js")).topicText,
  },
  {
    name: "flags",
    summary: "the flags of every command, and those that choose many",
    load: async () => (await import("./topics/flags.js")).loadText(),
  },
  {
    name: "exit-codes",
    summary: "what each exit code means",
    words: ["codes"],
    load: async () => (await import("./topics/exit-codes.js")).topicText,
  },
  {
    name: "environment",
    summary: "environment variables, profiles, and which setting wins",
    words: ["proxy", "profile", "profiles", "env"],
    load: async () => (await import("./topics/environment.js")).topicText,
  },
  {
    name: "security",
    summary: "where keys and data are, what is sent and to whom",
    words: ["key", "keys", "telemetry"],
    load: async () => (await import("./topics/security.js")).topicText,
  },
  {
    name: "reliability",
    summary: "what happens when the network fails or two work at once",
    words: ["retry", "retries", "timeout", "timeouts"],
    load: async () => (await import("./topics/reliability.js")).topicText,
  },
  {
    name: "local-server",
    summary: "the whole API on your machine, to try and to test with",
    load: async () => (await import("./topics/local-server.js")).topicText,
  },
  {
    name: "agents",
    summary: "how scripts and AI agents use herm safely",
    words: ["ai", "script", "scripts"],
    load: async () => (await import("./topics/agents.js")).topicText,
  },
  {
    name: "accessibility",
    summary: "colours, screen readers and narrow terminals",
    words: ["color", "colors", "colours"],
    load: async () => (await import("./topics/accessibility.js")).topicText,
  },
];

/** The topic that the words name: by itself, since words behind it may be those of a command. */
export function findTopic(words: readonly string[]): Topic | undefined {
  return words.length === 1 ? topics.find(({ name }) => name === words[0]) : undefined;
}
