import type { HermResult } from "../support/harness.js";
import type { ClaimedChange, FaultTrial, Row } from "./matrix.js";
import type { Passage } from "./road.js";
import type { Place, Truth } from "./truth.js";

/** The state that a command found, its requests, the state afterwards, and its claims. */
export interface Story {
  place: Place;
  before: Truth;
  after: Truth;
  passages: readonly Passage[];
  claim: HermResult;
  /** Its claims without faults, if it only reads. */
  reference: HermResult | undefined;
}

const unchanged = 1;
const unreachable = 7;
const unknown = 12;

/** Finds claims of a command (its exit code, its output) that differ from what the server did. */
export function storyProblems(trial: FaultTrial, story: Story): string[] {
  const { claim } = story;
  const expected = trial.code ?? 0;
  const allowed = [
    expected,
    unreachable,
    ...(trial.changes === undefined ? [] : [unknown, unchanged]),
    ...(trial.codes ?? []),
  ];
  return [
    ...(allowed.includes(claim.code) ? [] : [`ended with ${claim.code}`]),
    ...(claim.stderr.includes("unexpected:") ? ["says that something unexpected happened"] : []),
    ...(claim.code === unknown && !/\bherm /.test(claim.stderr) ? ["doesn't say how to look"] : []),
    ...(trial.changes === undefined ? readingProblems(trial, story) : changeProblems(trial.changes, story)),
  ];
}

function withNull(json: string, field: string): string {
  return `${JSON.stringify({ ...JSON.parse(json), [field]: null }, null, 2)}\n`;
}

function readingProblems(
  { isReport, mayBeNull, code = 0 }: FaultTrial,
  { claim, reference, passages }: Story,
): string[] {
  const sent = passages.filter(({ method }) => method !== "GET");
  const isSame =
    claim.stdout === reference?.stdout ||
    (mayBeNull !== undefined && claim.stdout === withNull(reference?.stdout ?? "", mayBeNull));
  const isOther = claim.code === code && isReport !== true && !isSame;
  return [
    ...(reference?.code === code ? [] : [`ends with ${reference?.code} without faults`]),
    ...(sent.length > 0 ? ["a command that reads sent something else than GET"] : []),
    ...(isOther
      ? [`claims to be whole, and isn't as without faults: ${reference?.stdout.slice(0, 600)}`]
      : []),
  ];
}

function changeProblems(change: ClaimedChange, story: Story): string[] {
  switch (change.kind) {
    case "once":
      return onceProblems(change, story);
    case "fixed":
      return fixedProblems(change.isDone(story.after, story.place), story.claim.code);
    case "rows":
      return rowsProblems(change, story);
  }
}

/** Faults that prove that nothing arrived, so that a request may be sent again. */
const provenNotArrived = ["refused", "429 with Retry-After"];

function onceProblems(change: Extract<ClaimedChange, { kind: "once" }>, story: Story): string[] {
  const { before, after, place, claim, passages } = story;
  const posts = passages.filter(
    ({ method, fault = "" }) => method === "POST" && !provenNotArrived.includes(fault),
  );
  const made = change.count(after, place) - change.count(before, place);
  const problems = fixedProblems(made > 0, claim.code);
  if (posts.length > 1) problems.push(`sent ${posts.length} times`);
  if (made > 1) problems.push(`there are ${made}`);
  if (claim.code === 0) {
    const id = change.idIn(JSON.parse(claim.stdout));
    if (!change.idOf(after, place).includes(String(id))) problems.push(`names ${id}, which isn't it`);
  }
  return problems;
}

/**
 * 0 means that it took effect, 12 that it may have, any other code that it didn't; the codes for a followed run's end
 * mean that it did.
 */
function fixedProblems(isDone: boolean, code: number): string[] {
  if (code === 0 && !isDone) return ["claimed and not so"];
  if (code !== 0 && code !== unknown && isDone) return ["took effect, and is reported as failed"];
  return [];
}

function rowsProblems(change: Extract<ClaimedChange, { kind: "rows" }>, story: Story): string[] {
  const { before, after, claim } = story;
  const rows = rowsOf(claim.stdout);
  const problems = rows.flatMap((row) => {
    const isDone = change.isDone(row, after);
    const isNew = isDone && !change.isDone(row, before);
    const isClaimed = change.words.includes(row.result ?? "");
    if (isClaimed && !isDone) return [`${row.name}: claimed and not so`];
    const isUndecided = isClaimed || row.result === "unknown" || row.result === undefined;
    return isNew && !isUndecided ? [`${row.name}: took effect, and is reported as ${row.result}`] : [];
  });
  if (rows.length === 0 && claim.code === 0) problems.push("says nothing of what it did");
  if (rows.some(({ result }) => result === "failed") && claim.code === 0)
    problems.push("ends with 0 where some failed");
  if (rows.some(({ result }) => result === "unknown") && ![unknown].includes(claim.code))
    problems.push(`ends with ${claim.code} where some are unknown`);
  const most = change.most?.(after) ?? 0;
  if (most > 1) problems.push(`there are ${most} of one thing`);
  return problems;
}

/** The objects in the printed array; none if the command ended before printing it. */
function rowsOf(stdout: string): Row[] {
  if (stdout.trim() === "") return [];
  const rows: Row[] = JSON.parse(stdout);
  return rows;
}
