import type { CommandNode } from "./command/node.js";

export const automationsNodes: readonly CommandNode[] = [
  {
    name: "create",
    summary: "create an automation",
    load: async () => (await import("./commands/automations/create/create.js")).command,
  },
  {
    name: "list",
    alias: "ls",
    summary: "list automations of one deployment or many",
    load: async () => (await import("./commands/automations/list/list.js")).command,
  },
  {
    name: "get",
    summary: "show everything about one automation",
    load: async () => (await import("./commands/automations/get/get.js")).command,
  },
  {
    name: "update",
    summary: "change automations, only what you name",
    load: async () => (await import("./commands/automations/update/update.js")).command,
  },
  {
    name: "pause",
    summary: "pause one automation or a whole fleet",
    load: async () => (await import("./commands/automations/pause/pause.js")).command,
  },
  {
    name: "resume",
    summary: "let paused automations run again",
    load: async () => (await import("./commands/automations/resume/resume.js")).command,
  },
  {
    name: "trigger",
    summary: "run an automation now, and follow the run",
    load: async () => (await import("./commands/automations/trigger.js")).command,
  },
  {
    name: "delete",
    summary: "delete automations; asks first",
    load: async () => (await import("./commands/automations/delete.js")).command,
  },
  {
    name: "copy",
    summary: "copy automations to other deployments",
    load: async () => (await import("./commands/automations/copy/copy.js")).command,
  },
  {
    name: "apply",
    summary: "make automations match files",
    load: async () => (await import("./commands/automations/manifest/apply.js")).command,
  },
  {
    name: "diff",
    summary: "show how automations differ from files",
    load: async () => (await import("./commands/automations/manifest/diff.js")).command,
  },
  {
    name: "adopt",
    summary: "record existing automations as yours",
    load: async () => (await import("./commands/automations/adopt/adopt.js")).command,
  },
  {
    name: "lint",
    summary: "check files offline, and warn about likely mistakes",
    load: async () => (await import("./commands/automations/manifest/lint.js")).command,
  },
  {
    name: "export",
    summary: "write automations to files",
    load: async () => (await import("./commands/automations/manifest/export.js")).command,
  },
  {
    name: "upcoming",
    summary: "show what runs next, in time order",
    load: async () => (await import("./commands/automations/upcoming/upcoming.js")).command,
  },
  {
    name: "audit",
    summary: "show which scheduled runs were late or missed",
    load: async () => (await import("./commands/automations/audit/audit.js")).command,
  },
  {
    name: "catch-up",
    summary: "start one run for each automation that missed any",
    load: async () => (await import("./commands/automations/catch-up/catch-up.js")).command,
  },
];

export const runsNodes: readonly CommandNode[] = [
  {
    name: "list",
    alias: "ls",
    summary: "list recent runs",
    load: async () => (await import("./commands/runs/list/list.js")).command,
  },
  {
    name: "show",
    summary: "show one run, its tool calls and messages",
    load: async () => (await import("./commands/runs/show/show.js")).command,
  },
  {
    name: "watch",
    summary: "follow a run as it happens",
    load: async () => (await import("./commands/runs/watch.js")).command,
  },
  {
    name: "answer",
    summary: "answer a run that waits",
    load: async () => (await import("./commands/runs/answer/answer.js")).command,
  },
];

export const incidentsNodes: readonly CommandNode[] = [
  {
    name: "list",
    alias: "ls",
    summary: "list incidents",
    load: async () => (await import("./commands/incidents/list.js")).command,
  },
  {
    name: "show",
    summary: "check that what an incident paused stays paused",
    load: async () => (await import("./commands/incidents/show.js")).command,
  },
  {
    name: "close",
    summary: "close an incident, and leave the rest paused",
    load: async () => (await import("./commands/incidents/close.js")).command,
  },
  {
    name: "reopen",
    summary: "reopen a closed incident",
    load: async () => (await import("./commands/incidents/reopen.js")).command,
  },
  {
    name: "import",
    summary: "take over an incident from its ledger",
    load: async () => (await import("./commands/incidents/import.js")).command,
  },
];
