import { type Automation, hourlyNames, otherSchedules, type Place, type Truth } from "./truth.js";

/** One way to call a command that sends requests. */
export interface FaultTrial {
  argv(place: Place): string[];
  /** True if the server was down for a day right before. */
  hasDowntime?: true;
  /** Commands that run before it, without a fault, once its files are there. */
  first?(place: Place): string[][];
  /** The time between them and the command. */
  hours?: number;
  files?: Record<string, string>;
  stdin?: string;
  /** The exit code without faults; default 0. */
  code?: number;
  /** Other codes that are allowed under faults. */
  codes?: readonly number[];
  /** True if it follows a run in real time. */
  isFollowing?: true;
  /** True if its output under faults may differ, because it reports what it found out. */
  isReport?: true;
  /** A field in its JSON that is null if faults prevented reading it; all else is as without faults. */
  mayBeNull?: string;
  /** The change that it makes; absent if it only reads. */
  changes?: ClaimedChange;
  /** True if all of its work is done, as it must be once the same command has run again without faults. */
  isFinished?(truth: Truth, place: Place): boolean;
  /** Automations, each with the fields that it would overwrite and somebody else may change. */
  contested?(place: Place): [id: string, fields: Partial<Automation>][];
  /** The exit code of the same command once its work is done; default 0. */
  again?: number;
  /** The word for done in its counts; default: the first word of its rows. */
  counted?: string;
  /** True if `herm undo` can undo it. */
  isUndone?: true;
  /** True if it is sent even if it can't be recorded. */
  isUrgent?: true;
  /** True if it only pauses or resumes, and so doesn't overwrite other fields. */
  isSwitch?: true;
  isDeleting?: true;
  hasNoDryRun?: true;
  /** It has no --concurrency. */
  isAllAtOnce?: true;
  /** True if another trial sends the same requests, so that only the output in each mode is checked. */
  isAsOther?: true;
}

/**
 * A change that claims can be checked against. `once`: how many of them the server has, which may grow by one at most.
 * `fixed`: true if it is in effect; for several, the rows that are claimed.
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
  /** For a run that makes up for this many. */
  missed?: number;
}

/** The words in a line; quoted text is one word. */
const words = (line: string): string[] =>
  (line.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).map((word) => word.replaceAll('"', ""));
const hourlyText = hourlyNames.map((name) => `"${name}"`).join(" ");
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

const isOnce = (truth: Truth, name: string, schedule: string) =>
  named(truth, name)
    .map((each) => each.schedule)
    .join() === schedule;

const isApplied = (truth: Truth) =>
  [...otherSchedules].every(([name, schedule]) => isOnce(truth, name, schedule)) &&
  named(truth, "over").length === 0;

const contestedByApply: FaultTrial["contested"] = ({ a, over }) => [
  [a, { schedule: "0 7 * * *" }],
  [over, { instructions: "Theirs." }],
];

const isAllPaused = ({ automations }: Truth) => automations.every(({ enabled }) => !enabled);

/** Every command that sends requests; faults.test.ts fails if one is missing. */
export const faultMatrix: Readonly<Record<string, readonly FaultTrial[]>> = {
  "automations create": [
    {
      isUndone: true,
      argv: () =>
        words("automations create --name=new --schedule=@daily --instructions=I -d dep_local --json"),
      changes: {
        kind: "once",
        count: (truth) => named(truth, "new").length,
        idOf: (truth) => named(truth, "new").map((each) => each.automation_id),
        idIn: field("automation_id"),
      },
      isFinished: (truth) => named(truth, "new").length === 1,
      again: 6,
    },
  ],
  "automations trigger": [
    {
      argv: ({ a }) => words(`automations trigger ${a} --no-follow -d dep_local --json`),
      changes: triggered(),
    },
    {
      argv: ({ a }) => words(`automations trigger ${a} --follow --follow-timeout=20m -d dep_local --json`),
      isFollowing: true,
      changes: triggered(),
    },
    {
      hasDowntime: true,
      argv: () => words(`automations trigger ${hourlyText} -d dep_local --json`),
      codes: [8],
      changes: { kind: "rows", words: ["started"], isDone: isStarted, most: mostStarted },
    },
    {
      argv: () => words("automations trigger --match=? --yes -d dep_local --json"),
      changes: { kind: "rows", words: ["started"], isDone: isStarted },
      isAsOther: true,
    },
  ],
  "runs answer": [
    {
      argv: ({ waitingRun }) => words(`runs answer dep_local/${waitingRun} yes --no-follow --json`),
      hasNoDryRun: true,
      changes: {
        kind: "once",
        count: ({ said }) => said.filter((text) => text === "yes").length,
        idOf: (_, { waitingRun }) => [waitingRun],
        idIn: field("run_id"),
      },
    },
    {
      argv: () => words("runs answer --text=yes --yes -d dep_local --json"),
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
      argv: ({ a }) =>
        words(
          `automations update ${a} --name=renamed --schedule="every monday at 9am" --as-typed -d dep_local --json`,
        ),
      changes: { kind: "fixed", isDone: (truth, { a }) => found(truth, a)?.name === "renamed" },
      isFinished: (truth, { a }) => found(truth, a)?.name === "renamed",
      again: 4,
      contested: ({ a }) => [[a, { name: "Theirs" }]],
      isUndone: true,
    },
    {
      argv: () =>
        words(
          'automations update --all --replace=Do --with="Just do" --schedule="30 4 * * *" --yes -d dep_local --json',
        ),
      codes: [8],
      changes: {
        kind: "rows",
        words: ["updated"],
        isDone: (row, truth) => found(truth, row.automation_id)?.schedule === "30 4 * * *",
      },
      isFinished: (truth, { a, b, over }) =>
        [a, b, over].every((id) => found(truth, id)?.schedule === "30 4 * * *"),
      again: 4,
      contested: ({ a, b }) => [
        [a, { schedule: "0 7 * * *" }],
        [b, { instructions: "Theirs." }],
      ],
      isUndone: true,
    },
    {
      argv: ({ a, b }) => words(`automations update ${a} ${b} --schedule="30 4 * * *" -d dep_local --json`),
      changes: {
        kind: "rows",
        words: ["updated"],
        isDone: (row, truth) => found(truth, row.automation_id)?.schedule === "30 4 * * *",
      },
      isUndone: true,
      isAsOther: true,
    },
  ],
  "automations pause": [
    {
      argv: ({ a }) => words(`automations pause ${a} -d dep_local --json`),
      changes: { kind: "fixed", isDone: (truth, { a }) => isPaused(truth, a) },
      isFinished: (truth, { a }) => isPaused(truth, a),
      isUndone: true,
      isUrgent: true,
      isSwitch: true,
    },
    {
      argv: ({ a, over }) => words(`automations pause ${a} ${over} -d dep_local --json`),
      codes: [8],
      changes: paused(),
      isFinished: (truth, { a, over }) => isPaused(truth, a) && isPaused(truth, over),
      isUndone: true,
      isUrgent: true,
      isSwitch: true,
    },
    {
      argv: () => words("automations pause --all --incident=INC-1 --yes -d dep_local --json"),
      codes: [8],
      changes: paused(),
      isFinished: isAllPaused,
      isSwitch: true,
      isUndone: true,
    },
    {
      argv: () => words("automations pause --all --incident=INC-1 --tell=Stop. --yes -d dep_local --json"),
      codes: [8],
      changes: { ...paused(), most: ({ said }) => said.filter((text) => text === "Stop.").length },
      isFinished: isAllPaused,
      isSwitch: true,
      // If it is unknown whether a run got the message.
      again: 12,
      isUndone: true,
    },
  ],
  "automations resume": [
    {
      argv: ({ b }) => words(`automations resume ${b} -d dep_local --json`),
      changes: { kind: "fixed", isDone: (truth, { b }) => isEnabled(truth, b) },
      isFinished: (truth, { b }) => isEnabled(truth, b),
      isSwitch: true,
      isUndone: true,
    },
    {
      first: ({ a, over }) => [words(`automations pause ${a} ${over} -d dep_local`)],
      argv: ({ a, over }) => words(`automations resume ${a} ${over} -d dep_local --json`),
      changes: resumed(),
      isUndone: true,
      isAsOther: true,
    },
    {
      first: () => [words("automations pause --all --incident=INC-1 --yes -d dep_local")],
      argv: () => words("automations resume --incident=INC-1 --yes --json"),
      codes: [8],
      changes: resumed(),
      isFinished: areBack("a", "over", "asking"),
      isUndone: true,
    },
    {
      first: () => [...hourly(), words("automations pause --all --incident=INC-1 --yes -d dep_local")],
      hours: 3,
      argv: () => words("automations resume --incident=INC-1 --catch-up --yes --json"),
      codes: [8],
      changes: { ...resumed(), most: mostStarted },
      isFinished: (truth) => areBack("a", "over", ...hourlyNames)(truth) && areMadeUp(truth),
      isUndone: true,
    },
  ],
  undo: [
    {
      first: ({ a }) => [words(`automations update ${a} --schedule="0 7 * * *" -d dep_local`)],
      argv: () => words("undo last --yes --json"),
      codes: [8],
      changes: {
        kind: "rows",
        words: ["undone"],
        isDone: (row, truth) => found(truth, row.automation_id)?.schedule === "0 9 * * 1",
      },
      isFinished: (truth) => named(truth, "a").every(({ schedule }) => schedule !== "0 7 * * *"),
      contested: ({ a }) => [[a, { schedule: "0 8 * * *" }]],
      isUndone: true,
    },
    {
      first: ({ a }) => [words(`automations delete ${a} --yes -d dep_local`)],
      argv: () => words("undo last --yes --json"),
      codes: [8],
      changes: {
        kind: "rows",
        words: ["undone"],
        isDone: (row, truth) => found(truth, row.automation_id) !== undefined,
        most: (truth) => named(truth, "a").length,
      },
      isFinished: (truth) => named(truth, "a").length === 1,
      isUndone: true,
    },
    {
      first: () => [words("automations pause --all --incident=INC-1 --yes -d dep_local")],
      argv: () => words("undo last --yes --json"),
      changes: resumed(),
      isUndone: true,
      isAsOther: true,
    },
  ],
  "automations delete": [
    {
      argv: ({ a }) => words(`automations delete ${a} --yes -d dep_local --json`),
      changes: { kind: "fixed", isDone: (truth, { a }) => found(truth, a) === undefined },
      isFinished: (truth, { a }) => found(truth, a) === undefined,
      again: 4,
      contested: ({ a }) => [[a, { name: "Theirs", instructions: "Theirs." }]],
      isUndone: true,
      isDeleting: true,
    },
    {
      argv: ({ a, over }) => words(`automations delete ${a} ${over} --yes -d dep_local --json`),
      codes: [8],
      changes: {
        kind: "rows",
        words: ["deleted"],
        isDone: (row, truth) => found(truth, row.automation_id) === undefined,
      },
      contested: ({ over }) => [[over, { instructions: "Theirs." }]],
      isDeleting: true,
      isUndone: true,
    },
    {
      argv: ({ b }) => words(`automations delete --all --except=${b} --yes -d dep_local --json`),
      changes: {
        kind: "rows",
        words: ["deleted"],
        isDone: (row, truth) => found(truth, row.automation_id) === undefined,
      },
      isUndone: true,
      isAsOther: true,
    },
  ],
  apply: [
    {
      argv: () => words("apply -f herm.yaml --yes -d dep_local --json"),
      files: { "herm.yaml": manifest },
      codes: [8],
      changes: appliedRows,
      isFinished: isApplied,
      counted: "applied",
      contested: contestedByApply,
      isAllAtOnce: true,
      isUndone: true,
    },
    {
      first: () => [words("adopt -f herm.yaml --different --yes -d dep_local")],
      argv: () => words("apply -f herm.yaml --prune --yes -d dep_local --json"),
      files: { "herm.yaml": manifest },
      codes: [6, 8],
      changes: appliedRows,
      isFinished: isApplied,
      counted: "applied",
      contested: contestedByApply,
      isAllAtOnce: true,
      isUndone: true,
    },
  ],
  adopt: [
    {
      argv: () => words("adopt -f herm.yaml --record=lock.yaml --dry-run -d dep_local --json"),
      files: { "herm.yaml": manifest },
    },
  ],
  "automations catch-up": [
    {
      hasDowntime: true,
      argv: () => words("automations catch-up --since=2d --yes -d dep_local --json"),
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
    { argv: () => words("automations list -d dep_local --json") },
    { argv: () => words("automations list --all-deployments --overdue"), codes: [8] },
  ],
  "automations get": [{ argv: ({ a }) => words(`automations get ${a} -d dep_local --json`) }],
  diff: [
    {
      argv: () => words("diff -f herm.yaml -d dep_local --json"),
      files: { "herm.yaml": manifest },
      code: 9,
      codes: [8],
    },
  ],
  export: [{ argv: () => words("export -d dep_local"), codes: [8] }],
  "automations upcoming": [
    { argv: () => words("automations upcoming -d dep_local --within=10d --json"), codes: [8] },
  ],
  "automations audit": [
    { argv: () => words("automations audit -d dep_local --json"), codes: [8] },
    { argv: () => words("automations audit -d dep_local --by=automation --json"), codes: [8] },
  ],
  "runs list": [{ argv: () => words("runs list -d dep_local --json"), codes: [8] }],
  "runs show": [{ argv: ({ over }) => words(`runs show dep_local/${over} --json`), mayBeNull: "tool_calls" }],
  "runs watch": [
    { argv: ({ over }) => words(`runs watch dep_local/${over} --json`), codes: [12] },
    {
      argv: ({ waitingRun }) => words(`runs watch dep_local/${waitingRun} --follow-timeout=20m --json`),
      code: 11,
      isFollowing: true,
    },
  ],
  "deployments list": [{ argv: () => words("deployments list --json") }],
  "deployments use": [{ argv: () => words("deployments use dep_local --json") }],
  "auth login": [{ argv: () => words("auth login --with-token"), stdin: "KEY" }],
  "auth status": [{ argv: () => words("auth status --json"), isReport: true }],
  "incidents show": [
    {
      first: () => [words("automations pause --all --incident=INC-1 --yes -d dep_local")],
      argv: () => words("incidents show INC-1 --json"),
      codes: [8],
    },
  ],
  history: [
    {
      first: () => [words("automations pause a -d dep_local")],
      argv: () => words("history --reason=* -o json"),
    },
  ],
  status: [{ argv: () => words("status -d dep_local --json"), codes: [8] }],
  doctor: [{ argv: () => words("doctor"), codes: [1], isReport: true }],
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
  return hourlyNames.map((name) =>
    words(`automations create --name="${name}" --schedule="0 * * * *" --instructions=I -d dep_local`),
  );
}

/** A row is for a resumed automation, or for a run that makes up for those it missed. */
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
