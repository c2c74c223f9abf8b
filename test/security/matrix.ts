import type { FakeApiOptions } from "../support/fake-api.js";
import { embeddedUrl } from "../support/harness.js";

/** One way to call a command, with an API that has one deployment, one automation and one run. */
export interface Trial {
  /**
   * The words, with the text wherever a person can write one. Values are joined to their flags, because a text may
   * begin with `-`.
   */
  argv(text: string): string[];
  /** On a terminal. */
  answers?(text: string): unknown[];
  stdin?(text: string): string;
  /** Files to write below the working folder before the command runs. */
  files?(text: string): Record<string, string>;
  env?: Record<string, string>;
  /**
   * The objects in the API, and the requests that it refuses; default: one automation with a completed run, and none.
   */
  api?: Pick<FakeApiOptions, "runStatus" | "hasDuplicates" | "refuses">;
  /** The exit code with a harmless text; default 0. */
  code?: number;
  /** The same on a terminal, if it differs. */
  terminalCode?: number;
  /** True if the number of lines depends on the text: as YAML, as a suggestion, or as a long change. */
  hasOwnShape?: "stdout" | "stderr" | "both";
  /** False if there is no JSON result, or it contains parts of the text. */
  json?: false;
}

const auto = "dep_1/auto_1";
const refTrials = (verb: string): Trial[] => [
  { argv: () => ["automations", verb, auto] },
  { argv: (text) => ["automations", verb, `dep_1/name:${text}`] },
];

/** Stopped by a name with two matches, and refused by the API. */
const failingApplies: Trial[] = [
  { api: { hasDuplicates: true }, code: 6 },
  { api: { refuses: "changes" as const }, code: 8 },
].map((trial) => ({
  argv: () => ["apply", "-f", "herm.json", "-d", "dep_1", "--yes", "--verbose"],
  files: (text) => ({ "herm.json": manifest(text, "z") }),
  ...trial,
}));

/** Every command; canary.test.ts and payloads.test.ts fail if one is missing. */
export const matrix: Readonly<Record<string, readonly Trial[]>> = {
  "automations create": [
    {
      argv: (text) => [
        ...["automations", "create", "-d", "dep_1", "--allow-duplicate", "--schedule", "0 9 * * 1"],
        `--name=${text}`,
        `--instructions=${text}`,
      ],
    },
    {
      argv: (text) => ["automations", "create", "-d", "dep_1", `--name=${text}`, "--schedule", "0 9 * * 1"],
      answers: (text) => [text, true],
      code: 2,
      terminalCode: 0,
    },
    {
      argv: (text) => [
        ...["automations", "create", "-d", "dep_1", "--instructions=x", "--name=x"],
        `--schedule=${text}`,
      ],
      code: 2,
      hasOwnShape: "stderr",
    },
    {
      argv: () => [
        ...["automations", "create", "-d", "dep_1", "--name=x", "--schedule", "0 9 * * 1"],
        ...["--instructions-file", "-"],
      ],
      stdin: (text) => text,
    },
    {
      argv: (text) => [
        ...["automations", "create", "-d", "dep_1", "--dry-run", "--allow-duplicate"],
        ...["--schedule", "0 9 * * 1", `--name=${text}`, `--instructions=${text}`],
      ],
    },
  ],
  "automations list": [
    { argv: (text) => ["automations", "list", "-d", "dep_1", `--match=y${text}`] },
    { argv: () => ["automations", "list", "-d", "dep_1"] },
    { argv: () => ["automations", "list", "--all-deployments"] },
    { argv: () => ["automations", "list", "-d", "dep_1"], files: incident },
    { argv: () => ["automations", "list", "-d", "dep_1"], api: { runStatus: "error" } },
    {
      argv: (text) => ["automations", "list", "-d", "dep_1", `--sort=${text}`],
      code: 2,
      hasOwnShape: "stderr",
    },
    { argv: (text) => ["automations", "list", `--customer=${text}`] },
  ],
  "automations get": [
    ...refTrials("get"),
    { argv: () => ["automations", "get", "-d", "dep_1"], answers: () => [""], code: 2, terminalCode: 0 },
    { argv: () => ["automations", "get", auto], api: { runStatus: "error" } },
    { argv: (text) => ["automations", "get", `dep_1/name:y${text}`], code: 4 },
    { argv: (text) => ["automations", "get", `dep_1/name:${text}`], api: { hasDuplicates: true }, code: 6 },
  ],
  "automations update": [
    { argv: (text) => ["automations", "update", auto, `--name=a ${text}`], hasOwnShape: "stderr" },
    { argv: (text) => ["automations", "update", auto, `--instructions=a ${text}`], hasOwnShape: "stderr" },
    { argv: (text) => ["automations", "update", auto, `--schedule=${text}`], code: 2, hasOwnShape: "stderr" },
    { argv: () => ["automations", "update", `dep_1/name:nothing`, "--name=b"], code: 4 },
    {
      argv: (text) => ["automations", "update", "-d", "dep_1", "--all", "--yes", `--instructions=a ${text}`],
    },
    {
      argv: (text) => [
        ...["automations", "update", "--all-deployments", `--replace=${text}`, "--with=b", "--dry-run"],
      ],
      hasOwnShape: "both",
    },
    {
      argv: (text) => ["automations", "update", auto, `--if-schedule=y${text}`, "--name=b"],
      code: 2,
      hasOwnShape: "stderr",
    },
  ],
  "automations pause": [
    ...refTrials("pause"),
    { argv: () => ["automations", "pause"], answers: () => ["", [""], true], code: 2, terminalCode: 0 },
    { argv: () => ["automations", "pause", auto, "dep_1/auto_2"] },
    { argv: () => ["automations", "pause", "--all", "-d", "dep_1", "--yes"] },
    {
      argv: (text) => [
        ...["automations", "pause", "--all-deployments", "--incident", "INC-1", `--reason=${text}`],
        `--tell=a ${text}`,
      ],
      answers: () => [true],
      code: 2,
      terminalCode: 0,
    },
  ],
  "automations resume": [
    ...refTrials("resume"),
    // The incident has an automation in a deployment that can't be seen.
    { argv: () => ["automations", "resume", "--incident", "INC-1", "--yes"], files: incident, code: 8 },
    {
      argv: () => ["automations", "resume", "--incident", "INC-1"],
      files: incident,
      answers: () => [true],
      code: 2,
      terminalCode: 8,
    },
    { argv: () => ["automations", "resume", "--incident", "INC-1", "--dry-run"], files: incident, code: 8 },
    {
      argv: () => ["automations", "resume", "--incident", "INC-1", "--catch-up", "--yes"],
      files: incident,
      code: 8,
    },
  ],
  "automations trigger": [
    { argv: () => ["automations", "trigger", auto, "--no-follow"] },
    { argv: () => ["automations", "trigger", auto, "--follow"] },
    { argv: () => ["automations", "trigger", auto, "--follow"], api: { runStatus: "error" }, code: 10 },
    {
      argv: () => ["automations", "trigger", auto, "--follow", "--no-input"],
      api: { runStatus: "waiting_on_human" },
      code: 11,
    },
  ],
  undo: [{ argv: (text) => ["undo", text, "--yes"], code: 4, terminalCode: 4 }],
  "automations delete": [
    { argv: () => ["automations", "delete", auto, "--yes"] },
    {
      argv: (text) => ["automations", "delete", `dep_1/name:${text}`],
      answers: () => [true],
      code: 2,
      terminalCode: 0,
    },
  ],
  "automations upcoming": [
    { argv: (text) => ["automations", "upcoming", "-d", "dep_1", `--match=y${text}`] },
    { argv: () => ["automations", "upcoming", "-d", "dep_1", "--within=10d"] },
    { argv: () => ["automations", "upcoming", "--all-deployments", "--within=10d"] },
  ],
  "automations audit": [
    { argv: (text) => ["automations", "audit", "-d", "dep_1", `--match=y${text}`] },
    { argv: () => ["automations", "audit", "--all-deployments", "--verbose"] },
    {
      argv: () => ["automations", "audit", "--all-deployments", "--by=automation"],
      api: { runStatus: "error" },
    },
    { argv: () => ["automations", "audit", auto, "--since=30d"] },
    { argv: (text) => ["automations", "audit", `dep_1/name:${text}`] },
    { argv: (text) => ["automations", "audit", "-d", "dep_1", `--since=y${text}`], code: 2 },
  ],
  "automations catch-up": [
    { argv: () => ["automations", "catch-up", "--since=30d", "-d", "dep_1", "--yes"] },
    {
      argv: () => ["automations", "catch-up", "--since=30d", "--all-deployments"],
      answers: () => [true],
      code: 2,
      terminalCode: 0,
    },
    {
      argv: () => ["automations", "catch-up", auto, "--since=30d", "--dry-run"],
      api: { runStatus: "waiting_on_human" },
    },
    {
      argv: (text) => ["automations", "catch-up", "-d", "dep_1", "--since=1d", `--match=y${text}`, "--yes"],
      code: 4,
    },
    { argv: (text) => ["automations", "catch-up", "-d", "dep_1", `--since=y${text}`, "--yes"], code: 2 },
  ],
  "runs list": [
    { argv: (text) => ["runs", "list", "-d", "dep_1", `--match=y${text}`] },
    { argv: () => ["runs", "list", "-d", "dep_1", "--since=1h"] },
    { argv: () => ["runs", "list", "-d", "dep_1"] },
    { argv: () => ["runs", "list", "--all-deployments"], api: { runStatus: "error" } },
    { argv: (text) => ["runs", "list", "-d", "dep_1", `--since=y${text}`], code: 2 },
    { argv: (text) => ["runs", "list", "-d", "dep_1", `--until=y${text}`], code: 2 },
    { argv: (text) => ["runs", "list", "-d", "dep_1", `--columns=y${text}`], code: 2 },
  ],
  "runs show": [
    { argv: () => ["runs", "show", auto] },
    { argv: () => ["runs", "show", "dep_1/run_1"], api: { runStatus: "error" } },
    { argv: (text) => ["runs", "show", `dep_1/name:${text}`], api: { runStatus: "waiting_on_human" } },
  ],
  "runs watch": [
    { argv: () => ["runs", "watch", auto] },
    { argv: () => ["runs", "watch", auto], api: { runStatus: "error" }, code: 10 },
    { argv: () => ["runs", "watch", auto, "--no-input"], api: { runStatus: "waiting_on_human" }, code: 11 },
  ],
  "runs answer": [
    {
      argv: (text) => ["runs", "answer", auto, `a ${text}`, "--no-follow"],
      api: { runStatus: "waiting_on_human" },
    },
    { argv: (text) => ["runs", "answer", auto, `a ${text}`], code: 6 },
    {
      argv: () => ["runs", "answer", auto, "--no-follow"],
      api: { runStatus: "waiting_on_human" },
      answers: (text) => [`a ${text}`, true],
      code: 2,
      terminalCode: 0,
    },
    {
      argv: (text) => ["runs", "answer", `--text=a ${text}`, "-d", "dep_1"],
      api: { runStatus: "waiting_on_human" },
      answers: () => [true],
      code: 2,
      terminalCode: 0,
    },
    {
      argv: (text) => ["runs", "answer", `--text=a ${text}`, "--yes", "--all-deployments"],
      api: { runStatus: "waiting_on_human" },
    },
  ],
  // It draws only on a terminal; its screen is tested in test/terminal/hostile.test.ts.
  top: [{ argv: (text) => ["top", "-d", "dep_1", `--match=${text}`], code: 2, terminalCode: 2 }],
  skill: [{ argv: () => ["skill"] }, { argv: (text) => ["skill", `x${text}`], code: 2 }],
  "schedule explain": [
    { argv: (text) => ["schedule", "explain", `y${text}`], code: 2, hasOwnShape: "stderr" },
  ],
  "deployments list": [{ argv: () => ["deployments", "list"] }],
  "deployments use": [
    { argv: () => ["deployments", "use", "dep_1"] },
    { argv: (text) => ["deployments", "use", `y${text}`, "--here"], code: 4 },
  ],
  "auth login": [
    { argv: () => ["auth", "login", "--with-token"], stdin: () => "other-key-of-stdin", terminalCode: 2 },
    { argv: (text) => ["auth", "login", `--profile=y ${text}`], code: 2 },
  ],
  "auth logout": [{ argv: () => ["auth", "logout"] }],
  "auth status": [
    { argv: () => ["auth", "status"] },
    { argv: (text) => ["auth", "status", `--api-url=${text}`], code: 2 },
  ],
  "config list": [
    {
      argv: () => ["config", "list"],
      files: (text) => ({ ".config/herm/config.json": JSON.stringify(config(text)) }),
    },
  ],
  "config set": [
    { argv: (text) => ["config", "set", "deployment", `y${text}`] },
    { argv: (text) => ["config", "set", "profile", `y ${text}`], code: 2 },
    // A letter before a colon would make a URL of another kind, which has its own error.
    { argv: (text) => ["config", "set", "api_url", `y ${text}`], code: 2 },
  ],
  "config unset": [{ argv: (text) => ["config", "unset", `y${text}`], code: 2 }],
  apply: [
    {
      argv: () => ["apply", "-f", "herm.json", "-d", "dep_1", "--yes"],
      files: (text) => ({ "herm.json": manifest(text, "z") }),
      hasOwnShape: "stderr",
    },
    {
      argv: () => ["apply", "-f", "herm.json", "-d", "dep_1", "--yes", "--verbose"],
      files: (text) => ({ "herm.json": manifest(text, "z") }),
    },
    ...failingApplies,
    ...failingApplies.map((trial) => ({ ...trial, env: { GITHUB_ACTIONS: "true" } })),
    {
      argv: () => ["apply", "-f", "herm.json", "--all-deployments"],
      files: (text) => ({ "herm.json": manifest(text, "z", [text]) }),
      answers: () => [true],
      code: 2,
      terminalCode: 0,
    },
    ...(["--yes", "--dry-run"] as const).map((mode) => ({
      argv: () => ["apply", "-f", "herm.json", "--values", "v.json", "--verbose", mode],
      files: valuesFiles,
      env: { HERM_DEPLOYMENT: "dep_1" },
      ...(mode === "--dry-run" ? { hasOwnShape: "stdout" as const } : {}),
    })),
    {
      argv: (text) => ["apply", "-f", "herm.json", "--values", "v.json", "-d", `y${text}`],
      files: (text) => ({
        ...valuesFiles(text),
        "v.json": escaped({ [`2${text}`]: "x", not: { [`z ${text}`]: [] } }),
      }),
      code: 2,
    },
    {
      argv: () => ["apply", "-f", "herm.yaml", "-d", "dep_1", "--dry-run"],
      files: (text) => ({ "herm.yaml": text }),
      code: 2,
    },
    {
      argv: (text) => ["apply", "-f", "herm.json", "-d", "dep_1", "--report", `y${text}`],
      files: (text) => ({ "herm.json": manifest(text, "z") }),
      code: 2,
    },
  ],
  adopt: [
    {
      argv: () => ["adopt", "-f", "herm.json", "--record", "r.lock.yaml", "-d", "dep_1"],
      files: (text) => ({ "herm.json": manifest(text, "z") }),
      answers: () => [true],
      code: 2,
      terminalCode: 0,
    },
    {
      argv: (text) => ["adopt", "--forget", `y${text}`, "--record", "r.lock.yaml", "--yes"],
      code: 4,
    },
    {
      argv: () => ["adopt", "--forget", "dep_1", "--record", "r.lock.yaml", "--yes"],
      files: (text) => ({
        "r.lock.yaml": `record: 1\nmade:\n  ${JSON.stringify(text)}: ${JSON.stringify(text)}\n`,
      }),
      code: 6,
    },
  ],
  diff: [
    {
      argv: () => ["diff", "-f", "herm.json", "-d", "dep_1", "--record", "r.lock.yaml"],
      files: (text) => ({
        "herm.json": manifest(text, "z"),
        "r.lock.yaml": `record: 1\napi: ${JSON.stringify(text)}\nmade:\n`,
      }),
      code: 6,
    },
    {
      argv: () => ["diff", "-f", "herm.json", "-d", "dep_1", "--verbose"],
      files: (text) => ({ "herm.json": manifest(text, "z") }),
      code: 9,
      hasOwnShape: "stdout",
    },
    {
      argv: () => ["diff", "-f", "herm.json", "-d", "dep_1"],
      files: (text) => ({ "herm.json": manifest(text, "z") }),
      api: { hasDuplicates: true },
      code: 6,
      hasOwnShape: "stdout",
    },
    {
      argv: () => ["diff", "-f", "herm.yaml", "-d", "dep_1"],
      files: (text) => ({ "herm.yaml": text }),
      code: 2,
    },
  ],
  lint: [
    {
      // It warns of hidden characters.
      argv: () => ["lint", "-f", "herm.json"],
      files: (text) => ({ "herm.json": manifest(text, "z") }),
      json: false,
      hasOwnShape: "both",
    },
    {
      argv: () => ["lint", "-f", "herm.json", "--strict"],
      files: (text) => {
        const item = { schedule: "30 2 * * *", tz: "Europe/Berlin", instructions: text };
        const automations = [
          { ...item, name: text },
          { ...item, name: `B ${text}` },
        ];
        return { "herm.json": escaped({ automations }) };
      },
      code: 9,
      json: false,
      hasOwnShape: "both",
    },
    {
      argv: () => ["lint", "-f", "herm.yaml"],
      files: (text) => ({ "herm.yaml": text }),
      code: 2,
    },
  ],
  export: [
    { argv: () => ["export", "-d", "dep_1"], hasOwnShape: "stdout" },
    { argv: () => ["export", "--all-deployments", "--to", "out"] },
    { argv: () => ["export", "-d", "dep_1", "--to", "out.yaml"] },
  ],
  history: [
    { argv: () => ["history"] },
    { argv: () => ["history"], files: history },
    { argv: (text) => ["history", "-d", "dep_1", `name:${text}`, `--reason=${text}`], files: history },
    { argv: (text) => ["history", `--since=${text}`], code: 2 },
    { argv: () => ["history", "c_aaaaaa"], files: history, hasOwnShape: "stdout" },
    { argv: () => ["history", "c_aaaaaa", "--verbose"], files: history, hasOwnShape: "stdout" },
  ],
  "incidents list": [
    { argv: () => ["incidents", "list"] },
    { argv: () => ["incidents", "list"], files: incident },
  ],
  "incidents show": [
    { argv: (text) => ["incidents", "show", `x ${text}`], code: 2 },
    { argv: () => ["incidents", "show", "INC-1"], files: incident, code: 8 },
    { argv: () => ["incidents", "show", "INC-1", "--offline"], files: incident },
  ],
  "incidents close": [
    { argv: (text) => ["incidents", "close", `x ${text}`], code: 2 },
    { argv: () => ["incidents", "close", "INC-1"], files: incident, code: 2, terminalCode: 1 },
    { argv: () => ["incidents", "close", "INC-1", "--yes"], files: incident },
  ],
  "incidents reopen": [
    { argv: (text) => ["incidents", "reopen", `x ${text}`], code: 2 },
    { argv: () => ["incidents", "reopen", "INC-1"], files: incident },
    { argv: () => ["incidents", "reopen", "INC-1"], files: closedIncident },
  ],
  "incidents import": [
    {
      argv: () => ["incidents", "import", "ledger.jsonl"],
      files: (text) => ({ "ledger.jsonl": ledger(text, "INC-1") }),
    },
    {
      argv: () => ["incidents", "import", "ledger.jsonl"],
      files: (text) => ({ "ledger.jsonl": ledger(text, `x ${text}`) }),
      code: 2,
    },
    {
      argv: () => ["incidents", "import", "ledger.jsonl"],
      files: (text) => ({ "ledger.jsonl": text }),
      code: 2,
    },
  ],
  status: [
    { argv: (text) => ["status", `--match=y${text}`] },
    { argv: () => ["status"] },
    { argv: () => ["status", "--all-deployments"], api: { runStatus: "waiting_on_human" } },
    { argv: () => ["status", "-d", "dep_1"], files: incident },
  ],
  doctor: [{ argv: () => ["doctor"] }],
  commands: [{ argv: () => ["commands"] }],
  help: [
    { argv: () => ["help", "runs", "list"], json: false },
    { argv: (text) => ["help", `y${text}`], code: 2 },
  ],
  version: [{ argv: () => ["version"] }],
  completion: [{ argv: (text) => ["completion", `y${text}`], code: 2 }],
  dev: [
    { argv: (text) => ["dev", "--memory", `--clock=${text}`], code: 2 },
    { argv: (text) => ["dev", "--memory", `--port=${text}`], code: 2 },
  ],
  "dev deployment": [{ argv: (text) => ["dev", "deployment", `y${text}`], code: 4 }],
  "dev fault": [
    { argv: (text) => ["dev", "fault", `y${text}`], code: 2 },
    { argv: (text) => ["dev", "fault", "run-paused", `y${text}`], code: 4 },
  ],
  "dev fault list": [{ argv: () => ["dev", "fault", "list"], code: 4 }],
  "dev fault clear": [{ argv: () => ["dev", "fault", "clear"], code: 4 }],
  "dev status": [{ argv: () => ["dev", "status"] }],
  "dev stop": [{ argv: () => ["dev", "stop"] }],
  "dev reset": [{ argv: () => ["dev", "reset", "--yes"] }],
};

/** One automation like the server's, with other instructions, and one that doesn't exist; all text escaped. */
function manifest(text: string, other: string, removed: readonly string[] = []): string {
  const schedule = "0 9 * * 1";
  const existing = { name: text, schedule, instructions: `a ${text}` };
  const missing = { name: `${other} ${text}`, schedule, instructions: text };
  const whole =
    removed.length === 0 ? { automations: [existing, missing] } : { automations: [missing], removed };
  return escaped(whole);
}

/** JSON with every text escaped. */
function escaped(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** For texts without line ends; a mask keeps tabs. */
export function inOneLine(text: string): string {
  return text.replaceAll("\n", "\t");
}

/** A manifest whose texts come from a values file, and the file. */
function valuesFiles(text: string): Record<string, string> {
  const item = { name: "z ${called}", schedule: "0 9 * * 1", instructions: "${what} in ${where:-x}" };
  // Values start at the same positions whatever the text, because JSON output contains positions.
  const what = { what: text, for: { deployments: [text, "*"] } };
  return {
    "herm.json": escaped({ automations: [item] }),
    "v.json": `[${escaped(what)},\n${escaped({ where: text })},\n${escaped({ called: inOneLine(text) })}]`,
  };
}

/** An incident that paused the automation, and couldn't pause another one; the text is in all free fields. */
function ledger(text: string, name: string): string {
  const at = "2026-03-03T08:00:00.000Z";
  const there = { deployment_id: "dep_1", automation_id: "auto_1" };
  const other = { deployment_id: "dep_1", automation_id: "auto_9" };
  const more = { customer_id: "cus_1", name: text, before: { schedule: text, enabled: true } };
  const lines = [
    {
      ...{ incident: name, version: 1, reason: text, created_at: at },
      target: { origin: embeddedUrl, profile: text, key_last4: text },
      by: { user: text, host: text },
    },
    { scope: true, at, deployments: ["dep_1"], except: [text] },
    {
      ...{ change: "c_bbbbbb", version: 1, at, by: { user: text, host: text }, command: text },
      ...{ target: { origin: embeddedUrl, profile: text }, reason: text, undoes: text, after: text },
    },
    { item: 1, act: "pause", ...there, ...more },
    { item: 2, act: "pause", ...other, ...more },
    { outcome: 1, at, result: "done" },
    { outcome: 2, at, result: "failed", error: text },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

function incident(text: string): Record<string, string> {
  return { ".local/share/herm/history/incidents/inc-1.jsonl": ledger(text, "INC-1") };
}

function closedIncident(text: string): Record<string, string> {
  return longerIncident(text, { closed: "given up", at: "2026-03-03T09:00:00.000Z" });
}

function longerIncident(text: string, line: object): Record<string, string> {
  const files = Object.entries(incident(text));
  return Object.fromEntries(files.map(([path, lines]) => [path, `${lines}${JSON.stringify(line)}\n`]));
}

function history(text: string): Record<string, string> {
  const at = "2026-03-03T08:00:00.000Z";
  const there = { deployment_id: "dep_1", automation_id: "auto_1", name: text };
  const fields = { name: text, schedule: text, instructions: text, thread_id: text };
  const lines = [
    {
      ...{ change: "c_aaaaaa", version: 1, at, by: { user: text, host: text }, command: text },
      ...{ target: { origin: embeddedUrl, profile: text }, reason: text, undoes: text, incident: text },
    },
    { item: 1, act: "update", ...there, before: fields, after: { ...fields, instructions: `${text} z` } },
    { item: 2, act: "delete", ...there, before: fields },
    { item: 3, act: "answer", ...there, run_id: text, message: text },
    { outcome: 1, at, result: "done" },
    { outcome: 2, at, result: "failed", error: text },
  ];
  const path = ".local/share/herm/history/2026-03/20260303T080000000Z.c_aaaaaa.jsonl";
  return { [path]: lines.map((line) => `${JSON.stringify(line)}\n`).join("") };
}

function config(text: string): object {
  return { profiles: { default: { deployment: `y${text}` } } };
}

/**
 * Commands that don't print any of the texts in any trial; top draws only on a terminal, and a server lists faults
 * (test/dev-server/rehearsal.test.ts).
 */
export const silent: readonly string[] = [
  "auth logout",
  "commands",
  "dev deployment",
  "dev fault clear",
  "dev fault list",
  "dev reset",
  "dev status",
  "dev stop",
  "doctor",
  "top",
  "version",
];
