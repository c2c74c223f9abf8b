import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FetchLike } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { noHome } from "../../src/files/machine.js";
import { call } from "../incident/fleet.js";
import { answer } from "../support/fake-api.js";
import { canFillDisk, fillDisk, freeDisk } from "../support/full-disk.js";
import {
  type Befalling,
  type Cell,
  callAgain,
  dataFolder,
  essentials,
  type Outcome,
  unless,
} from "./cell.js";
import { type FaultKind, faultKinds } from "./kinds.js";
import type { FaultTrial } from "./matrix.js";
import type { Plan } from "./road.js";
import { type Place, readTruth, type Truth } from "./truth.js";

/** A fault for every command, and the rules that then apply, in addition to those for every call (cell.ts). */
export interface Fault {
  isFor?(trial: FaultTrial): boolean;
  befall(cell: Cell): Befalling;
  /** The allowed exit codes, for one item (`fixed`, `once`) and for several (`rows`). */
  codes: { one: readonly number[]; rows?: readonly number[] };
  check?(outcome: Outcome, cell: Cell): Promise<string[]> | string[];
  /** Repeating the command succeeds, and everything is done. */
  isFinishedByAgain?: true;
}

const kind = (name: string): FaultKind => {
  const found = faultKinds.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no fault ${name}`);
  return found;
};
const [refused, lost, failed] = [kind("refused"), kind("reset after it was read"), kind("500, nothing done")];

const isOne = ({ changes }: FaultTrial) => changes?.kind !== "rows";
const isChange = (method: string) => method !== "GET";

/** From the first request that `isFirst` accepts, for this long. */
function outage(way: FaultKind, forMs: number, isFirst: (method: string) => boolean): Plan {
  let fromMs: number | undefined;
  return ({ method, atMs }) => {
    if (isFirst(method)) fromMs ??= atMs;
    return fromMs !== undefined && atMs < fromMs + forMs ? way : undefined;
  };
}

const isSame = (one: Truth, other: Truth) =>
  JSON.stringify([one.automations.map(essentials), one.runs, one.said]) ===
  JSON.stringify([other.automations.map(essentials), other.runs, other.said]);

export const nothingChanged = ({ before, after }: Outcome) =>
  unless(isSame(before, after), "something was changed");
const saying =
  (text: string | RegExp) =>
  ({ stdout, stderr }: Outcome) =>
    unless(new RegExp(text).test(`${stdout}${stderr}`), `doesn't say ${text}`);

/** At the next read of this automation after the history gets an item for it. */
function atLastReading({ written }: Cell, id: string, happen: () => Promise<unknown>) {
  let hasHappened = false;
  return async (method: string, url: string) => {
    if (hasHappened || method !== "GET" || !url.endsWith(`/${id}`) || !written().includes(id)) return;
    hasHappened = true;
    await happen();
  };
}

const idIn = (url: string) => url.slice(url.lastIndexOf("/") + 1);
const isContested = (trial: FaultTrial, place: Place, url: string) =>
  trial.contested?.(place).some(([id]) => idIn(url) === id) === true;

interface Contest {
  around?(next: FetchLike): FetchLike;
  happen?(id: string, fields: object): Promise<unknown>;
}

/** Somebody else changes a field that the command is about to overwrite, at its last read. */
function contested(
  cell: Cell,
  { around = (next) => next, happen: change = cell.elsewhere }: Contest = {},
): Befalling {
  const happenings = (cell.trial.contested?.(cell.place) ?? []).map(([id, fields]) =>
    atLastReading(cell, id, () => change(id, fields)),
  );
  return {
    before: (next) => {
      const last = around(next);
      return async (url, init) => {
        for (const happen of happenings) await happen(init.method, url);
        return last(url, init);
      };
    },
  };
}

/** Their fields remain, nothing overwrote them, and the output names them. */
function stands(outcome: Outcome, { trial, place }: Cell): string[] {
  return (trial.contested?.(place) ?? []).flatMap(([id, fields]) => {
    const now = outcome.after.automations.find(({ automation_id }) => automation_id === id);
    const isTheirs = Object.entries(fields).every(
      ([field, value]) => now && Reflect.get(now, field) === value,
    );
    const names = Object.keys(fields).join(", ");
    const item = outcome.items.find(({ automation_id }) => automation_id === id);
    return [
      ...unless(isTheirs, `${id} was overwritten`),
      ...saying(`changed since( the plan)?: ${names}`)(outcome),
      ...unless(/skipped|failed/.test(item?.result ?? ""), `the history has it ${item?.result}`),
    ];
  });
}

const updatedAt = /("updated_at":)"[^"]*"/g;

/** Every response has the same time for the last change. */
const stillClock =
  (next: FetchLike): FetchLike =>
  async (url, init) => {
    const whole = await next(url, init);
    if (!(whole instanceof Response) || whole.status === 204) return whole;
    return new Response((await whole.text()).replaceAll(updatedAt, '$1"2026-01-01T00:00:00Z"'), whole);
  };

/** Answers a PATCH with the current state, as if it had worked. */
const ignoring =
  (next: FetchLike): FetchLike =>
  (url, { body, ...init }) =>
    init.method === "PATCH" ? next(url, { ...init, method: "GET" }) : next(url, { ...init, body });

/** Calls `harm` once, when the response to the first change has arrived but hasn't been seen. */
const afterFirstChange =
  (harm: () => void) =>
  (next: FetchLike): FetchLike => {
    let isHarmed = false;
    return async (url, init) => {
      const whole = await next(url, init);
      if (init.method === "GET" || isHarmed) return whole;
      isHarmed = true;
      harm();
      return whole;
    };
  };

function filesAreFolders(dataDir: string): void {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((at) => at.isFile());
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    rmSync(path);
    mkdirSync(path);
  }
}

/** Changes that took effect are reported, and changes that can no longer be recorded aren't sent. */
function harmed(harm: (dataDir: string) => void): Fault {
  return {
    isFor: ({ hasDowntime }) => hasDowntime !== true,
    befall: ({ home }) => ({
      before: afterFirstChange(() => harm(dataFolder(home))),
      over: canFillDisk ? freeDisk : undefined,
      ...(harm === fillDisk ? {} : { isHistoryLost: true }),
    }),
    // 6 for an incident, with the number of paused automations.
    codes: { one: [0], rows: [0, 6, 8] },
    check: (outcome, { trial }) => {
      const { code, stdout } = outcome;
      if (harm === fillDisk && isOne(trial))
        return saying(/may be missing from the history: .*\(EFBIG\)\nhint: free some space/)(outcome);
      if (code !== 8) return [];
      const rows: { result: string; error?: string }[] = stdout === "" ? [] : JSON.parse(stdout);
      return rows
        .filter(
          ({ result, error = "" }) =>
            result === "failed" &&
            !/^nothing was sent, because it couldn't be recorded|isn't a file/.test(error),
        )
        .map(({ error }) => `failed with: ${error}`);
    },
  };
}

/** Only a pause is sent, with a single warning. */
function unrecordable(befall: (cell: Cell) => Befalling, hint = "set HERM_DATA_DIR"): Fault {
  return {
    isFor: ({ first, hasDowntime }) => first === undefined && hasDowntime !== true,
    befall,
    // 1 for an incident whose own file can't be reached.
    codes: { one: [0, 6], rows: [0, 1, 6] },
    check: (outcome, { trial }) => {
      const { code, stderr } = outcome;
      const where = saying(`${hint} to a writable folder of your own`)(outcome);
      const warnings = stderr.match(/warning: the history can't be written: this change won't be in it: /g);
      if (trial.isUrgent === true)
        return [...where, ...unless(code === 0 && warnings?.length === 1, "isn't sent with one warning")];
      const refusal = code === 1 ? [] : saying("nothing was sent")(outcome);
      return [...nothingChanged(outcome), ...where, ...refusal, ...unless(code !== 0, "isn't refused")];
    },
  };
}

/** Only its body distinguishes one create from another. */
export const sentOnce = ({ passages }: Outcome) => {
  const sent = passages.filter(({ method, path }) => isChange(method) && !path.endsWith("/automations"));
  const paths = new Set(sent.map(({ method, path }) => `${method} ${path}`));
  return unless(paths.size === sent.length, "a change was sent twice");
};

const isAny = () => true;

const oneAtATime = ({ trial, words }: Cell) =>
  isOne(trial) || trial.isAllAtOnce === true ? words : [...words, "--concurrency=1"];

/** A command for one item waits for a second; a command for many continues. */
const shortly = (plan: () => Plan, code: number): Fault => ({
  befall: () => ({ plan: plan() }),
  codes: { one: [0, code], rows: [0] },
  // Requests in flight, ten more, and one a second.
  check: ({ passages }) =>
    unless(passages.filter(({ fault }) => fault !== undefined).length <= 8 + 10 + 3, "is sent too often"),
});

/** It gives up a minute after the last success, plus the requests in flight then. */
const forGood = (plan: () => Plan): Fault => ({
  befall: () => ({ plan: plan() }),
  codes: { one: [7, 12], rows: [7, 8, 12] },
  check: (outcome) => [
    ...nothingChanged(outcome),
    ...unless((outcome.passages.at(-1)?.atMs ?? 0) <= 95_000, "goes on for too long"),
  ],
  isFinishedByAgain: true,
});

/** Somebody else's change to a field that it is about to overwrite. */
const ofContested = (befall: Fault["befall"]): Fault => ({
  isFor: isContestedVerb,
  befall,
  codes: { one: [6], rows: [6, 8] },
  check: stands,
});
const isContestedVerb = ({ contested: of }: FaultTrial) => of !== undefined;

const notSent = ({ passages }: Outcome, { trial, place }: Cell) =>
  unless(
    !passages.some(({ method, path }) => isChange(method) && isContested(trial, place, path)),
    "something was sent all the same",
  );

export const faults: Readonly<Record<string, Fault>> = {
  "three seconds without the API, from the first request on": shortly(() => outage(refused, 3_000, isAny), 7),
  "three seconds without the API, at the first change": shortly(() => outage(refused, 3_000, isChange), 7),
  "three seconds in which answers are lost, from the first change on": shortly(
    () => outage(lost, 3_000, isChange),
    12,
  ),
  "an API that stays away, from the first request on": forGood(() => outage(refused, 1e9, isAny)),
  "an API that stays away, from the first change on": forGood(() => outage(refused, 1e9, isChange)),
  "an API that reads, and answers every change with 500": forGood(
    () =>
      ({ method }) =>
        isChange(method) ? failed : undefined,
  ),
  "an API that carries out the first change, and stays away": {
    befall: () => ({ plan: outage(lost, 1e9, isChange) }),
    codes: { one: [12] },
    check: (outcome, { trial }) => [
      ...(isOne(trial) && trial.contested !== undefined
        ? saying(/to see its state now: herm automations get dep_local\/auto_\w+/)(outcome)
        : []),
      ...(trial.isUndone && outcome.items.some(({ act }) => act !== "create")
        ? saying(/undo: herm undo c_\w{6}/)(outcome)
        : []),
    ],
    isFinishedByAgain: true,
  },
  "every answer to a change is lost": {
    befall: () => ({ plan: ({ method }) => (isChange(method) ? lost : undefined) }),
    codes: { one: [0] },
    check: toldOnce,
  },
  "somebody else's change right before": ofContested((cell) => contested(cell)),
  "somebody else's change that updated_at doesn't show": ofContested((cell) =>
    contested(cell, { around: stillClock }),
  ),
  "somebody else's change while it waits to be sent again": ofContested(({ trial, place, elsewhere }) => ({
    before: (next) => async (url, init) => {
      const theirs = (trial.contested?.(place) ?? []).find(
        ([id]) => isChange(init.method) && url.endsWith(`/${id}`),
      );
      if (theirs === undefined) return next(url, init);
      await elsewhere(...theirs);
      return answer(429, "", "application/json", { "retry-after": "5" });
    },
  })),
  "what it changes is deleted elsewhere right before": {
    isFor: (trial) => trial.contested !== undefined && !trial.isDeleting,
    befall: (cell) =>
      contested(cell, { happen: async (id) => id === cell.place.a && deleteElsewhere(cell, id) }),
    codes: { one: [4], rows: [0, 4, 6, 8] },
    check: ({ passages }, { place }) =>
      unless(
        !passages.some(({ method, path }) => isChange(method) && idIn(path) === place.a),
        "something was sent all the same",
      ),
  },
  "an API that fails at the last reading": {
    isFor: isContestedVerb,
    befall: (cell) => ({
      before: (next) => async (url, init) => {
        const isLast = isContested(cell.trial, cell.place, url) && cell.written().includes(idIn(url));
        return isLast ? answer(503, "") : next(url, init);
      },
    }),
    codes: { one: [7], rows: [7, 8] },
    check: notSent,
    isFinishedByAgain: true,
  },
  "nothing, one at a time": {
    isFor: (trial) => isContestedVerb(trial) && trial.isAllAtOnce !== true,
    befall: (cell) => {
      const { trial, place } = cell;
      let atReading: [url: string, text: string] | undefined;
      return {
        words: oneAtATime(cell),
        before: (next) => async (url, init) => {
          const isMeant = isContested(trial, place, url);
          if (isMeant && init.method === "GET") atReading = [url, cell.written()];
          const isSame = atReading?.[0] === url && atReading[1] === cell.written() && atReading[1] !== "";
          return isMeant && isChange(init.method) && !isSame ? answer(500, "") : next(url, init);
        },
      };
    },
    codes: { one: [0] },
  },
  "a change elsewhere of what it doesn't overwrite": {
    isFor: ({ isSwitch }) => isSwitch === true,
    befall: ({ elsewhere }) => ({
      before: (next) => async (url, init) => {
        if (init.method === "PATCH") await elsewhere(idIn(url), { instructions: "Theirs." });
        return next(url, init);
      },
    }),
    codes: { one: [0] },
    check: ({ after, passages }) => {
      const sent = passages.filter(({ method }) => method === "PATCH").map(({ path }) => idIn(path));
      const lost = after.automations.filter(
        ({ automation_id: id, instructions }) => sent.includes(id) && instructions !== "Theirs.",
      );
      return lost.map(({ name }) => `${name}: theirs is lost`);
    },
  },
  "an API that answers 200, and changes nothing": {
    befall: () => ({ before: ignoring }),
    codes: { one: [0, 1], rows: [0, 1, 8] },
    check: ignored,
    isFinishedByAgain: true,
  },
  ...(canFillDisk ? { "a disk that is full after the first change": harmed(fillDisk) } : {}),
  "a data folder that is a file after the first change": harmed((dataDir) => {
    rmSync(dataDir, { recursive: true, force: true });
    writeFileSync(dataDir, "");
  }),
  "files that are folders after the first change": harmed(filesAreFolders),
  "no home": unrecordable(({ home }) => ({ home: noHome, cwd: home, isHistoryLost: true })),
  "a history that is a file": unrecordable(({ home }) => {
    const folder = join(dataFolder(home), "history");
    mkdirSync(join(folder, ".."), { recursive: true });
    writeFileSync(folder, "");
    return { isHistoryLost: true };
  }),
  "a data folder that can't be created": unrecordable(() => ({
    env: { HERM_DATA_DIR: "/proc/self/herm" },
    isHistoryLost: true,
  })),
  ...(canFillDisk
    ? {
        "a full disk": unrecordable(() => {
          fillDisk();
          return { over: freeDisk };
        }, "free some space, or set HERM_DATA_DIR"),
      }
    : {}),
  "the same command at the same time": {
    isFor: ({ isFinished }) => isFinished !== undefined,
    befall: (cell) => {
      let other: Promise<unknown> | undefined;
      return {
        isShared: true,
        over: () => other,
        before: (next) => async (url, init) => {
          other ??= callAgain(cell);
          return next(url, init);
        },
      };
    },
    codes: { one: [0, 4, 6], rows: [0, 6, 8] },
    isFinishedByAgain: true,
  },
  "Ctrl-C while the first change waits to be sent again": {
    befall: () => {
      const interrupt = new AbortController();
      return {
        signal: interrupt.signal,
        sleep: async (_ms, signal) => {
          interrupt.abort(new InterruptedError("SIGTERM"));
          signal?.throwIfAborted();
        },
        before: (next) => async (url, init) =>
          isChange(init.method)
            ? answer(429, "", "application/json", { "retry-after": "20" })
            : next(url, init),
      };
    },
    codes: { one: [143] },
    check: nothingChanged,
    isFinishedByAgain: true,
  },
  "Ctrl-C at the first change, one at a time": {
    befall: (cell) => {
      const interrupt = new AbortController();
      return {
        words: oneAtATime(cell),
        signal: interrupt.signal,
        before:
          (next) =>
          async (url, { signal, ...init }) => {
            if (!isChange(init.method)) return next(url, { ...init, signal });
            interrupt.abort(new InterruptedError("SIGINT"));
            return next(url, init);
          },
      };
    },
    codes: { one: [130] },
    check: ({ passages }, { trial }) =>
      unless(
        trial.isAllAtOnce === true || passages.filter(({ method }) => isChange(method)).length === 1,
        "sends more than what was under way",
      ),
    isFinishedByAgain: true,
  },
};

function toldOnce({ stderr, passages }: Outcome, { trial }: Cell): string[] {
  const posts = passages.filter(({ method }) => method === "POST").length;
  if (isOne(trial) || posts < 2) return [];
  // A resume first reports its PATCHes, then the runs that it starts.
  const counts = [...stderr.matchAll(/no answer to (\d+) changes: checking\s+until/g)].map(([, count]) =>
    Number(count),
  );
  const isOnce = counts.length === 1 || (counts.length === 2 && counts[1] === posts);
  return unless(isOnce && (counts.at(-1) ?? 0) >= posts, "doesn't report lost answers once");
}

/** Read until it is certain, and then not believed. */
function ignored(outcome: Outcome, { trial }: Cell): string[] {
  const switched = outcome.items.filter(({ act }) => /update|pause|resume/.test(act));
  if (switched.length === 0) return [];
  const [sent, ...looks] = outcome.passages.slice(-4).map(({ atMs }) => atMs);
  const times = looks.map((ms) => ms - (sent ?? 0)).join();
  return [
    ...unless(outcome.code !== 0, "is believed"),
    ...unless(!isOne(trial) || times === "500,1500,3500", `is looked at after ${times} ms`),
    ...saying("the API answered, but didn't change it")(outcome),
    ...unless(!switched.some(({ result }) => result === "done"), "is done in the history"),
  ];
}

export async function undoProblems({ stderr, before }: Outcome, cell: Cell): Promise<string[]> {
  if (cell.trial.isUndone !== true) return unless(!/^undo: /m.test(stderr), "names an undo");
  const id = /^undo: herm (undo c_\w{6})$/m.exec(stderr)?.[1];
  if (id === undefined) return ["doesn't say how to undo it"];
  const undone = await callAgain({ ...cell, words: [...id.split(" "), "--yes"] });
  const withoutIds = ({ automations }: Truth) =>
    automations.map((each) => essentials({ ...each, automation_id: "" })).toSorted();
  const isBack = withoutIds(await readTruth(cell.server)).join() === withoutIds(before).join();
  return unless(isBack && undone.code === 0, `isn't undone: ${undone.code} ${undone.stderr}`);
}

const deleteElsewhere = ({ server }: Cell, id: string) =>
  call(server, "DELETE", `/v1/deployments/dep_local/automations/${id}`);

export function codesOf({ codes }: Fault, trial: FaultTrial): readonly number[] {
  return isOne(trial) ? codes.one : (codes.rows ?? codes.one);
}
