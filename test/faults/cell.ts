import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FetchLike } from "../../src/api/fetch.js";
import { createPrivateFiles } from "../../src/files/private-files.js";
import type { Change, ChangeItem } from "../../src/history/change.js";
import { readChanges } from "../../src/history/read.js";
import { change } from "../incident/fleet.js";
import { self } from "../settings/self.js";
import { type HermOptions, type HermResult, herm } from "../support/harness.js";
import { storyProblems } from "./history.js";
import type { FaultTrial } from "./matrix.js";
import { type Home, inPlace } from "./place.js";
import { type Passage, type Plan, Road } from "./road.js";
import { type Automation, readTruth, type Truth } from "./truth.js";

/** A command in its place, before it is called. */
export interface Cell extends Home {
  trial: FaultTrial;
  /** As JSON. */
  words: readonly string[];
  /** Somebody else's change. */
  elsewhere(id: string, fields: object): Promise<void>;
  /** All text in the files that were written since the cell started. */
  written(): string;
}

/** The fault for a command's call. */
export interface Befalling extends Omit<HermOptions, "fetch"> {
  /** Used instead of the words for its JSON. */
  words?: readonly string[];
  plan?: Plan;
  /** Runs between the command and its requests' faults. */
  before?(next: FetchLike): FetchLike;
  /** Called once it has ended. */
  over?(): unknown;
  /** True if the history can't be read afterwards. */
  isHistoryLost?: true;
  /** True if others do the same, so that more happened than it claims. */
  isShared?: true;
}

/** Its results. */
export interface Outcome extends HermResult {
  before: Truth;
  after: Truth;
  passages: readonly Passage[];
  /** Its changes in the history. */
  items: ChangeItem[];
}

/** Prepares the command, calls it once, and returns the rules for every call that it broke. */
export function runCell(
  trial: FaultTrial,
  befall: (cell: Cell) => Befalling,
  check: (outcome: Outcome, cell: Cell) => Promise<string[]> | string[],
): Promise<string[]> {
  const open = async ({ server, home, now }: Home) => ({
    first: async (words: readonly string[]) => {
      const { code, stderr } = await herm(words, { server, home, now });
      if (code !== 0 && code !== 9) throw new Error(`herm ${words.join(" ")}: ${code} ${stderr}`);
    },
    close: async () => undefined,
  });
  return inPlace(trial, open, async (world) => {
    const known = new Map(filesOf(world.home));
    const cell: Cell = {
      ...world,
      trial,
      words: trial.argv(world.place),
      elsewhere: (id, fields) => change(world.server, id, fields),
      written: () =>
        filesOf(world.home)
          .map(([path, text]) => text.slice(known.get(path)?.length ?? 0))
          .join(""),
    };
    const before = await readTruth(world.server);
    const changes = new Set(changesOf(world).map(({ id }) => id));
    const befalling = befall(cell);
    const {
      words,
      plan = () => undefined,
      before: between,
      over,
      isHistoryLost,
      isShared: _,
      ...options
    } = befalling;
    const road = new Road({ server: world.server, plan, seed: 1 });
    const { sleep, monotonic, timer, random } = road;
    const fetch = between?.(road.fetch) ?? road.fetch;
    const { server, home, now } = world;
    const all = { server, home, now, fetch, sleep, monotonic, timer, random, ...options };
    const claim = await herm(words ?? cell.words, all).finally(over);
    await road.arrive();
    const after = await readTruth(server);
    const items = (isHistoryLost ? [] : changesOf(world))
      .filter(({ id }) => !changes.has(id))
      .flatMap((change) => change.items);
    const outcome = { ...claim, before, after, items, passages: road.passages };
    return [...everywhere(cell, outcome, befalling), ...(await check(outcome, cell))].map(
      (problem) =>
        `${problem}\n  exit ${claim.code}\n  ${claim.stdout.slice(0, 800)}\n  ${claim.stderr.slice(-800)}`,
    );
  });
}

/** Calls the command again, without a fault. */
export function callAgain({ server, home, now, words }: Cell, more: HermOptions = {}): Promise<HermResult> {
  return herm(words, { server, home, now, ...more });
}

export const unless = (isSo: boolean, problem: string): string[] => (isSo ? [] : [problem]);

const documented = [0, 1, 4, 6, 7, 8, 12, 130, 143];

/** The rules for every call of every command, whatever the fault. */
function everywhere(cell: Cell, outcome: Outcome, { words, isHistoryLost, isShared }: Befalling): string[] {
  const { code, stdout, stderr, items, before, after, passages } = outcome;
  const { trial, place } = cell;
  // Work in progress at Ctrl-C is finished, and shown.
  const isShown = code === 130 && trial.changes?.kind !== "rows" && stdout !== "";
  const claim = isShown ? { ...outcome, code: 0 } : outcome;
  const story = { place, before, after, claim, passages, reference: undefined };
  const isSilent =
    code !== 0 && stdout === "" && !/hint: |"hint":|herm |interrupted|tried \d times/.test(stderr);
  return [
    ...((words ?? cell.words).includes("--json") && !isShared
      ? storyProblems({ ...trial, codes: documented }, story)
      : []),
    ...(/a bug in herm|unexpected:/.test(stderr) ? ["is a bug in herm"] : []),
    ...(isSilent ? ["doesn't say what to do next"] : []),
    ...(isShared ? [] : items.flatMap((item) => recordProblems(item, before, after))),
    ...(isHistoryLost ? [] : unrecorded(items, before, after, outcome)),
  ];
}

/** Items for which the history and the server differ. */
function recordProblems(item: ChangeItem, before: Truth, after: Truth): string[] {
  const wasSo = isSo(item, before, before);
  const about = `${item.act} of ${item.name} is ${item.result} in the history`;
  if (item.result === "done" && !isSo(item, before, after)) return [`${about}, and isn't so`];
  if (item.result === "done" && wasSo) return [`${about}, and was so already`];
  const was = before.automations.find(({ automation_id }) => automation_id === item.automation_id);
  const { updated_at: _, ...read } = item.before ?? {};
  if (
    item.result === "done" &&
    was &&
    Object.entries(read).some(([field, value]) => Reflect.get(was, field) !== value)
  )
    return [`${about}, and was other than it says`];
  const isRefused = item.result === "failed" || item.result === "skipped";
  return isRefused && !wasSo && isSo(item, before, after) ? [`${about}, and took effect`] : [];
}

function isSo(
  { act, automation_id, name, after: sent = {}, message, run_id }: ChangeItem,
  before: Truth,
  now: Truth,
) {
  const found = now.automations.find((each) => each.automation_id === automation_id);
  switch (act) {
    case "create":
      return now.automations.some((each) => each.name === name && !before.automations.some(isSame(each)));
    case "delete":
      return found === undefined;
    case "trigger":
      return run_id !== undefined && now.runs.includes(run_id);
    case "answer":
      return now.said.includes(message ?? "");
    default:
      return (
        found !== undefined &&
        Object.entries(sent).every(([field, value]) => Reflect.get(found, field) === value)
      );
  }
}

/** Automations that changed, without a trace in the history. */
function unrecorded(
  items: readonly ChangeItem[],
  before: Truth,
  after: Truth,
  { stderr }: HermResult,
): string[] {
  if (items.length === 0 && /the history can't be written/.test(stderr)) return [];
  const changed = [...before.automations, ...after.automations].filter(
    (each) => [before, after].filter(({ automations }) => automations.some(isEqual(each))).length === 1,
  );
  return changed
    .filter(
      ({ automation_id, name }) =>
        !items.some((item) => item.automation_id === automation_id || item.name === name),
    )
    .map(({ name }) => `${name} changed, and isn't in the history`);
}

const isSame =
  ({ automation_id }: Automation) =>
  (other: Automation) =>
    other.automation_id === automation_id;
const isEqual = (one: Automation) => (other: Automation) => essentials(one) === essentials(other);

export function essentials({ automation_id, name, schedule, instructions, enabled }: Automation): string {
  return JSON.stringify([automation_id, name, schedule, instructions, enabled]);
}

function changesOf({ home }: Pick<Home, "home">): Change[] {
  const dataDir = dataFolder(home);
  return existsSync(join(dataDir, "history"))
    ? [...readChanges({ files: createPrivateFiles(self), dataDir })]
    : [];
}

export function dataFolder(home: string): string {
  return join(home, ".local", "share", "herm");
}

function filesOf(home: string): [path: string, text: string][] {
  const folder = join(dataFolder(home), "history");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((at) => at.isFile());
  return files
    .map((file) => join(file.parentPath, file.name))
    .map((path) => [path, readFileSync(path, "utf8")]);
}
