import { type Commands, registerCommands } from "../command/tree.js";

const automationsCommands: Commands = {
  create: ["create an automation", () => import("./automations/create/create.js")],
  list: [
    "list automations in one deployment or many",
    () => import("./automations/list/list.js"),
    { alias: "ls" },
  ],
  get: ["show everything about one automation", () => import("./automations/get/get.js")],
  update: ["change fields of one automation or many", () => import("./automations/update/update.js")],
  pause: ["pause one automation or a whole fleet", () => import("./automations/pause/pause.js")],
  resume: ["resume paused automations", () => import("./automations/resume/resume.js")],
  trigger: ["run an automation now, and follow the run", () => import("./automations/trigger.js")],
  delete: ["delete automations (asks first)", () => import("./automations/delete.js")],
  upcoming: ["show what runs next, in time order", () => import("./automations/upcoming/upcoming.js")],
  audit: ["show which scheduled runs were late or missed", () => import("./automations/audit/audit.js")],
  "catch-up": [
    "start one run for each automation that missed any",
    () => import("./automations/catch-up/catch-up.js"),
  ],
};

const formerly = "automations";

const fileCommands: Commands = {
  apply: ["make automations match files", () => import("./apply/apply.js"), { formerly }],
  diff: ["show how automations differ from files", () => import("./diff/diff.js"), { formerly }],
  lint: ["check files offline, and warn about likely mistakes", () => import("./lint/lint.js"), { formerly }],
  export: ["write automations to files", () => import("./export/export.js"), { formerly }],
  adopt: ["record existing automations as yours", () => import("./adopt/adopt.js"), { formerly }],
};

const runsCommands: Commands = {
  list: ["list recent runs", () => import("./runs/list/list.js"), { alias: "ls" }],
  show: ["show one run with its tool calls and messages", () => import("./runs/show/show.js")],
  watch: ["follow a run as it happens", () => import("./runs/watch.js")],
  answer: ["answer a waiting run", () => import("./runs/answer/answer.js")],
};

const incidentsCommands: Commands = {
  list: ["list incidents", () => import("./incidents/list.js"), { alias: "ls" }],
  show: ["check that an incident's automations are still paused", () => import("./incidents/show.js")],
  close: ["close an incident without resuming its automations", () => import("./incidents/close.js")],
  reopen: ["reopen a closed incident", () => import("./incidents/reopen.js")],
  import: ["take over an incident by importing its ledger", () => import("./incidents/import.js")],
};

registerCommands({
  automations: {
    alias: "auto",
    summary: "create, list, change, run and delete automations",
    examples: ["herm automations create", "herm automations list"],
    children: automationsCommands,
  },
  runs: {
    summary: "see, watch and answer runs",
    examples: ['herm runs list "Weekly video variations"', "herm runs watch run_8Qk2"],
    children: runsCommands,
  },
  ...fileCommands,
  status: ["show the fleet's current state and problems", () => import("./status/status.js")],
  top: ["watch the fleet on a live screen, and act on it", () => import("./top/top.js")],
  undo: ["undo a change to one automation or a fleet", () => import("./undo/undo.js")],
  deployments: {
    summary: "list deployments and choose the one to work on",
    examples: ["herm deployments list", "herm deployments use dep_7xK9s2"],
    children: {
      list: ["list deployments", () => import("./deployments/list.js"), { alias: "ls" }],
      use: ["choose the deployment that commands use", () => import("./deployments/use.js")],
    },
  },
  schedule: {
    summary: "explain schedules",
    examples: [
      'herm schedule explain "every monday at 9am" --tz America/New_York',
      'herm schedule explain "*/15 9-17 * * 1-5" --next 3 --output json',
    ],
    children: {
      explain: ["show a schedule's cron, meaning and next run times", () => import("./schedule/explain.js")],
    },
  },
  incidents: {
    summary: "check, hand over and close incidents",
    examples: ["herm incidents list", "herm incidents show INC-42"],
    children: incidentsCommands,
  },
  history: ["show who changed what on this machine, and why", () => import("./history/history.js")],
  auth: {
    summary: "log in, log out, and see which key is used",
    examples: ["herm auth login", "herm auth status"],
    children: {
      login: ["check an API key and save it", () => import("./auth/login.js")],
      logout: ["remove a saved API key", () => import("./auth/logout.js")],
      status: ["show which key is used, and whether it works", () => import("./auth/status.js")],
    },
  },
  config: {
    summary: "read and change settings",
    examples: ["herm config list", "herm config set profile prod"],
    children: {
      list: [
        "show profiles, and where settings and data are stored",
        () => import("./config/list.js"),
        { alias: "ls" },
      ],
      set: ["change a setting", () => import("./config/set.js")],
      unset: ["clear a setting", () => import("./config/unset.js")],
    },
  },
  dev: [
    "run the local API server",
    () => import("./dev/dev.js"),
    {
      children: {
        status: ["show whether a local server is running", () => import("./dev/status.js")],
        stop: ["stop a local server", () => import("./dev/stop.js")],
        deployment: ["create a deployment on a local server", () => import("./dev/deployment.js")],
        fault: [
          "simulate a fault on a local server",
          () => import("./dev/fault.js"),
          {
            children: {
              list: ["list simulated faults", () => import("./dev/fault-list.js"), { alias: "ls" }],
              clear: ["end simulated faults", () => import("./dev/fault-clear.js")],
            },
          },
        ],
        reset: ["start over, keeping a copy of the old data", () => import("./dev/reset.js")],
      },
    },
  ],
  doctor: ["check your setup, and show how to fix problems", () => import("./doctor/doctor.js")],
  completion: ["print a shell's completion script", () => import("./completion/completion.js")],
  commands: ["list every command; -o json prints the whole tree", () => import("./commands.js")],
  skill: ["print the skill that teaches an AI agent to use herm", () => import("./skill/skill.js")],
  help: ["show help for a command or topic", () => import("./help/help.js")],
  version: ["print the version", () => import("./help/version.js")],
});
