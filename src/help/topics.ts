import type { Topic } from "./topic.js";

/** Every topic in the order of help; each text is loaded when it is read. */
export const topics: readonly Topic[] = [
  {
    name: "exit-codes",
    summary: "what each exit code means",
    load: async () => (await import("./topics/exit-codes.js")).text,
  },
  {
    name: "environment",
    summary: "environment variables, profiles, and which setting wins",
    load: async () => (await import("./topics/environment.js")).text,
  },
  {
    name: "local-server",
    summary: "the whole API on your machine, to try and to test with",
    load: async () => (await import("./topics/local-server.js")).text,
  },
  {
    name: "agents",
    summary: "how scripts and AI agents use herm safely",
    load: async () => (await import("./topics/agents.js")).text,
  },
  {
    name: "accessibility",
    summary: "colours, screen readers and narrow terminals",
    load: async () => (await import("./topics/accessibility.js")).text,
  },
];

/** The topic that the words name: by itself, since words behind it may be those of a command. */
export function findTopic(words: readonly string[]): Topic | undefined {
  return words.length === 1 ? topics.find(({ name }) => name === words[0]) : undefined;
}
