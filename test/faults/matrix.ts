import { type Automation, hourlyNames, otherSchedules, type Place, type Truth } from "./truth.js";

/** One way to call a command that sends something. */
export interface FaultTrial {
  argv(place: Place): string[];
  /** The server rested for a day right before. */
  hasDowntime?: true;
  /** Commands that come before it, when its files are there, without a fault. */
  first?(place: Place): string[][];
  /** So many pass between them and it. */
  hours?: number;
  files?: Record<string, string>;
  stdin?: string;
  /** The exit code without faults; default 0. */
  code?: number;
  /** More codes that it may end with under faults. */
  codes?: readonly number[];
  /** It follows a run while it happens. */
  isFollowing?: true;
  /** It only ends when it is interrupted: once it has printed this. */
  until?: string;
  /** What it prints under faults may differ from what it prints without: it says what it found out. */
  isReport?: true;
  /** A field of its JSON that is null where faults kept it from being read; all else is as without them. */
  mayBeNull?: string;
  /** What it changes: absent where it only reads. */
  changes?: ClaimedChange;
  /** Whether all is done that it is for: so it has to be once the same command has run again without faults. */
  isFinished?(truth: Truth): boolean;
}

/**
 * A change as a claim can be held against it. `once`: how many of it the server has, and may have one more of at most.
 * `fixed`: whether it is so; of several, each row that is claimed.
 */
export type ClaimedChange =
  | {
      kind: "once";
      count(truth: Truth, place: Place): number;
      idOf(truth: Truth, place: Place): string[];
      idIn(result: unknown): unknown;
    }
  | { kind: "fixed"; isDone(truth: Truth, place: Place): boolean }
  | {
      kind: "rows";
      isDone(row: Row, truth: Truth): boolean;
      words: readonly string[];
      most?(truth: Truth): number;
    };

export interface Row {
  automation_id?: string;
  name: string;
  action?: string;
  result?: string;
  state?: string;
  run_id?: string;
  /** Of a run that makes up for so many. */
  missed?: number;
}

const here = ["-d", "dep_local"];
const named = (truth: Truth, name: string): Automation[] =>
  truth.automations.filter((each) => each.name === name);
const found = (truth: Truth, id: string | undefined) =>
  truth.automations.find((each) => each.automation_id === id);
const isEnabled = (truth: Truth, id: string) => found(truth, id)?.enabled === true;
const isPaused = (truth: Truth, id: string) => found(truth, id)?.enabled === false;

const manifest = `
automations:
  - { name: one, schedule: "0 1 * * *", instructions: First. }
  - { name: two, schedule: "0 2 * * *", instructions: Second. }
  - { name: a, schedule: "30 4 * * *", instructions: Do it. }
removed: [over]
`;

const startedByHand = ({ recent_runs }: Automation) =>
  recent_runs.filter(({ trigger }) => trigger === "manual").length;

const mostStarted = (truth: Truth) =>
  Math.max(...hourlyNames.flatMap((name) => named(truth, name).map(startedByHand)));

const areMadeUp = (truth: Truth) =>
  hourlyNames.every((name) => named(truth, name).map(startedByHand).join() === "1");
const areBack =
  (...names: string[]) =>
  (truth: Truth) =>
    names.every((name) => named(truth, name).every(({ enabled }) => enabled));

const field = (name: string) => (result: unknown) => Reflect.get(Object(result), name);

const appliedRows: ClaimedChange = {
  kind: "rows",
  words: ["done"],
  isDone: ({ name, action }, truth) =>
    action === "delete"
      ? named(truth, name).length === 0
      : named(truth, name).length === 1 && named(truth, name)[0]?.schedule === otherSchedules.get(name),
  most: (truth) => Math.max(named(truth, "one").length, named(truth, "two").length),
};

/** Every command that sends anything: one that isn't here turns faults.test.ts red. */
export const faultMatrix: Readonly<Record<string, readonly FaultTrial[]>> = {
  "automations create": [
    {
      argv: () => [
        "automations",
        "create",
        "--name=new",
        "--schedule=@daily",
        "--instructions=I",
        ...here,
        "--json",
      ],
      changes: {
        kind: "once",
        count: (truth) => named(truth, "new").length,
        idOf: (truth) => named(truth, "new").map((each) => each.automation_id),
        idIn: field("automation_id"),
      },
    },
  ],
  "automations trigger": [
    {
      argv: ({ a }) => ["automations", "trigger", a, "--no-follow", ...here, "--json"],
      changes: triggered(),
    },
    {
      argv: ({ a }) => ["automations", "trigger", a, "--follow", "--follow-timeout=20m", ...here, "--json"],
      isFollowing: true,
      changes: triggered(),
    },
    {
      hasDowntime: true,
      argv: () => ["automations", "trigger", ...hourlyNames, ...here, "--json"],
      codes: [8],
      changes: { kind: "rows", words: ["started"], isDone: isStarted, most: mostStarted },
    },
  ],
  "runs answer": [
    {
      argv: ({ waitingRun }) => ["runs", "answer", `dep_local/${waitingRun}`, "yes", "--no-follow", "--json"],
      changes: {
        kind: "once",
        count: ({ said }) => said.filter((text) => text === "yes").length,
        idOf: (_, { waitingRun }) => [waitingRun],
        idIn: field("run_id"),
      },
    },
    {
      argv: () => ["runs", "answer", "--text=yes", "--yes", ...here, "--json"],
      codes: [8],
      changes: {
        kind: "rows",
        words: ["answered"],
        isDone: (_, { said }) => said.includes("yes"),
        most: ({ said }) => said.filter((text) => text === "yes").length,
      },
    },
  ],
  "automations update": [
    {
      argv: ({ a }) => [
        "automations",
        "update",
        a,
        "--name=renamed",
        "--schedule=every monday at 9am",
        "--as-typed",
        ...here,
        "--json",
      ],
      changes: { kind: "fixed", isDone: (truth, { a }) => found(truth, a)?.name === "renamed" },
    },
    {
      argv: () => [
        ...["automations", "update", "--all", "--replace=Do", "--with=Just do", "--schedule=30 4 * * *"],
        ...["--yes", ...here, "--json"],
      ],
      codes: [8],
      changes: {
        kind: "rows",
        words: ["updated"],
        isDone: (row, truth) => found(truth, row.automation_id)?.schedule === "30 4 * * *",
      },
    },
  ],
  "automations pause": [
    {
      argv: ({ a }) => ["automations", "pause", a, ...here, "--json"],
      changes: { kind: "fixed", isDone: (truth, { a }) => isPaused(truth, a) },
    },
    {
      argv: ({ a, over }) => ["automations", "pause", a, over, ...here, "--json"],
      codes: [8],
      changes: paused(),
    },
    {
      argv: () => ["automations", "pause", "--all", "--incident=INC-1", "--yes", ...here, "--json"],
      codes: [8],
      changes: paused(),
    },
    {
      argv: () => [
        "automations",
        "pause",
        "--all",
        "--incident=INC-1",
        "--tell=Stop.",
        "--yes",
        ...here,
        "--json",
      ],
      codes: [8],
      changes: { ...paused(), most: ({ said }) => said.filter((text) => text === "Stop.").length },
    },
  ],
  "automations resume": [
    {
      argv: ({ b }) => ["automations", "resume", b, ...here, "--json"],
      changes: { kind: "fixed", isDone: (truth, { b }) => isEnabled(truth, b) },
    },
    {
      first: () => [["automations", "pause", "--all", "--incident=INC-1", "--yes", ...here]],
      argv: () => ["automations", "resume", "--incident=INC-1", "--yes", "--json"],
      codes: [8],
      changes: resumed(),
      isFinished: areBack("a", "over", "asking"),
    },
    {
      first: () => [...hourly(), ["automations", "pause", "--all", "--incident=INC-1", "--yes", ...here]],
      hours: 3,
      argv: () => ["automations", "resume", "--incident=INC-1", "--catch-up", "--yes", "--json"],
      codes: [8],
      changes: { ...resumed(), most: mostStarted },
      isFinished: (truth) => areBack("a", "over", ...hourlyNames)(truth) && areMadeUp(truth),
    },
  ],
  undo: [
    {
      first: ({ a }) => [["automations", "update", a, "--schedule=0 7 * * *", ...here]],
      argv: () => ["undo", "last", "--yes", "--json"],
      codes: [8],
      changes: {
        kind: "rows",
        words: ["undone"],
        isDone: (row, truth) => found(truth, row.automation_id)?.schedule !== "0 7 * * *",
      },
      isFinished: (truth) => named(truth, "a").every(({ schedule }) => schedule !== "0 7 * * *"),
    },
    {
      first: ({ a }) => [["automations", "delete", a, "--yes", ...here]],
      argv: () => ["undo", "last", "--yes", "--json"],
      codes: [8],
      changes: {
        kind: "rows",
        words: ["undone"],
        isDone: (row, truth) => found(truth, row.automation_id) !== undefined,
        most: (truth) => named(truth, "a").length,
      },
      isFinished: (truth) => named(truth, "a").length === 1,
    },
  ],
  "automations delete": [
    {
      argv: ({ a }) => ["automations", "delete", a, "--yes", ...here, "--json"],
      changes: { kind: "fixed", isDone: (truth, { a }) => found(truth, a) === undefined },
    },
    {
      argv: ({ a, over }) => ["automations", "delete", a, over, "--yes", ...here, "--json"],
      codes: [8],
      changes: {
        kind: "rows",
        words: ["deleted"],
        isDone: (row, truth) => found(truth, row.automation_id) === undefined,
      },
    },
  ],
  "automations apply": [
    {
      argv: () => ["automations", "apply", "-f", "herm.yaml", "--yes", ...here, "--json"],
      files: { "herm.yaml": manifest },
      codes: [8],
      changes: appliedRows,
    },
    {
      first: () => [
        ["automations", "adopt", "-f", "herm.yaml", "--record", "herm.lock.yaml", "--yes", ...here],
      ],
      argv: () => [
        ...["automations", "apply", "-f", "herm.yaml", "--record", "herm.lock.yaml", "--prune", "--yes"],
        ...[...here, "--json"],
      ],
      files: { "herm.yaml": manifest },
      codes: [6, 8],
      changes: appliedRows,
    },
    {
      first: () => [["automations", "apply", "-f", "herm.yaml", "--plan-out", "plan.json", ...here]],
      argv: () => ["automations", "apply", "--plan", "plan.json", "--yes", "--json"],
      files: { "herm.yaml": manifest },
      codes: [8],
      changes: appliedRows,
    },
  ],
  "automations adopt": [
    { argv: ({ a }) => ["automations", "adopt", a, "--record=lock.yaml", "--dry-run", ...here, "--json"] },
    {
      argv: () => [
        "automations",
        "adopt",
        "-f",
        "herm.yaml",
        "--record=lock.yaml",
        "--dry-run",
        ...here,
        "--json",
      ],
      files: { "herm.yaml": manifest },
    },
  ],
  "automations copy": [
    {
      argv: ({ other }) => [
        ...["automations", "copy", "-d", other, "--to", "dep_local", "--update", "--yes", "--json"],
      ],
      codes: [8],
      changes: {
        kind: "rows",
        words: ["copied"],
        isDone: ({ name }, truth) =>
          named(truth, name).length === 1 && named(truth, name)[0]?.schedule === otherSchedules.get(name),
        most: (truth) => Math.max(named(truth, "one").length, named(truth, "two").length),
      },
    },
  ],
  "automations catch-up": [
    {
      hasDowntime: true,
      argv: () => ["automations", "catch-up", "--since=2d", "--yes", ...here, "--json"],
      codes: [8],
      changes: {
        kind: "rows",
        words: ["started"],
        isDone: isStarted,
        most: mostStarted,
      },
      isFinished: areMadeUp,
    },
  ],
  "automations list": [
    { argv: () => ["automations", "list", ...here, "--json"] },
    { argv: () => ["automations", "list", "--all-deployments", "--late"], codes: [8] },
  ],
  "automations get": [{ argv: ({ a }) => ["automations", "get", a, ...here, "--json"] }],
  "automations diff": [
    {
      argv: () => ["automations", "diff", "-f", "herm.yaml", ...here, "--json"],
      files: { "herm.yaml": manifest },
      code: 9,
      codes: [8],
    },
  ],
  "automations export": [{ argv: () => ["automations", "export", ...here], codes: [8] }],
  "automations upcoming": [
    { argv: () => ["automations", "upcoming", ...here, "--within=10d", "--json"], codes: [8] },
  ],
  "automations audit": [
    { argv: () => ["automations", "audit", ...here, "--json"], codes: [8] },
    { argv: () => ["automations", "audit", ...here, "--by=automation", "--json"], codes: [8] },
  ],
  "runs list": [
    { argv: () => ["runs", "list", ...here, "--json"], codes: [8] },
    { argv: () => ["runs", "list", ...here, "--search=done", "--json"], codes: [8] },
  ],
  "runs show": [
    { argv: ({ over }) => ["runs", "show", `dep_local/${over}`, "--json"], mayBeNull: "tool_calls" },
  ],
  "runs watch": [
    { argv: ({ over }) => ["runs", "watch", `dep_local/${over}`, "--json"], codes: [12] },
    {
      argv: ({ waitingRun }) => [
        "runs",
        "watch",
        `dep_local/${waitingRun}`,
        "--follow-timeout=20m",
        "--json",
      ],
      code: 11,
      isFollowing: true,
    },
  ],
  events: [
    {
      argv: () => ["events", "--since=evt_1", ...here, "-o", "jsonl"],
      isFollowing: true,
      until: '"completed"',
      code: 130,
    },
  ],
  "deployments list": [{ argv: () => ["deployments", "list", "--json"] }],
  "deployments use": [{ argv: () => ["deployments", "use", "dep_local", "--json"] }],
  "auth login": [{ argv: () => ["auth", "login", "--with-token"], stdin: "KEY" }],
  "auth status": [{ argv: () => ["auth", "status", "--json"], isReport: true }],
  "incidents show": [
    {
      first: () => [["automations", "pause", "--all", "--incident=INC-1", "--yes", ...here]],
      argv: () => ["incidents", "show", "INC-1", "--json"],
      codes: [8],
    },
  ],
  history: [
    {
      first: () => [["automations", "pause", "a", ...here]],
      argv: () => ["history", "--reason=*", "-o", "json"],
    },
  ],
  status: [{ argv: () => ["status", ...here, "--json"], codes: [8] }],
  doctor: [{ argv: () => ["doctor"], codes: [1], isReport: true }],
};

function triggered(): ClaimedChange {
  return {
    kind: "once",
    count: (truth, { a }) => found(truth, a)?.recent_runs.length ?? 0,
    idOf: (truth, { a }) => found(truth, a)?.recent_runs.map((run) => run.run_id) ?? [],
    idIn: field("run_id"),
  };
}

function paused(): Extract<ClaimedChange, { kind: "rows" }> {
  return {
    kind: "rows",
    words: ["paused"],
    isDone: (row, truth) => found(truth, row.automation_id)?.enabled === false,
  };
}

function hourly(): string[][] {
  const fields = ["--schedule=0 * * * *", "--instructions=I"];
  return hourlyNames.map((name) => ["automations", "create", `--name=${name}`, ...fields, ...here]);
}

/** A row is of an automation that came back, or of a run that makes up for what it was kept from. */
function resumed(): Extract<ClaimedChange, { kind: "rows" }> {
  return {
    kind: "rows",
    words: ["resumed", "started"],
    isDone: (row, truth) =>
      row.missed === undefined ? isEnabled(truth, row.automation_id ?? "") : isStarted(row, truth),
  };
}

function isStarted({ automation_id: id, run_id: run, result }: Row, truth: Truth): boolean {
  const automation = found(truth, id);
  if (result === "started" && !truth.runs.includes(run ?? "")) return false;
  return automation !== undefined && startedByHand(automation) > 0;
}
