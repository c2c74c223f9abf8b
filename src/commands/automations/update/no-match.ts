import type { Automation } from "../../../api/types.js";
import { type CliError, NothingFoundError } from "../../../errors/cli-errors.js";
import { counted } from "../../../output/count.js";
import { schedulesEqual } from "../../../schedule/compare.js";
import { hasSchedule, type UpdateRequest } from "./update-request.js";

/** The error (4) if the conditions exclude every choice; includes the condition and the likely reason. */
export function noMatchError(chosen: readonly Automation[], request: UpdateRequest): CliError {
  if (chosen.length === 0) return noMatch("no automation is selected");
  const { ifSchedule, replacement } = request;
  const timely = chosen.filter((each) => hasSchedule(each, ifSchedule));
  const none = noneOf(timely.length || chosen.length);
  if (ifSchedule !== undefined && timely.length === 0) {
    const { given, text, refusal } = ifSchedule;
    const next = request.schedule?.text;
    const done =
      next === undefined ? 0 : chosen.filter((each) => schedulesEqual(each.schedule ?? "", next)).length;
    const read = given === text ? [] : [`in UTC that is ${text}`];
    // Unreadable text was probably meant as a schedule, so its refusal explains more.
    return (
      refusal ??
      noMatch(`${none} the schedule ${quoted(given)}`, ...(done > 0 ? [already(done, "one")] : read))
    );
  }
  const texts = timely.map(({ instructions }) => instructions ?? "");
  const { replace = "", with: by = "" } = replacement ?? {};
  return noMatch(`${none} ${quoted(replace)} in its instructions`, ...whyMissing(replace, texts, by));
}

function noneOf(count: number): string {
  return count === 1 ? "the automation doesn't have" : `none of ${counted(count, "automation")} has`;
}

function already(count: number, what: string): string {
  return `${count} of them already ${count === 1 ? "has" : "have"} the new ${what}`;
}

function noMatch(message: string, ...why: readonly string[]): NothingFoundError {
  return new NothingFoundError(message, { hint: ["nothing was changed", ...why].join("; ") });
}

function whyMissing(text: string, texts: readonly string[], by: string): string[] {
  const done = by.trim() === "" ? 0 : texts.filter((each) => each.includes(by)).length;
  const lower = text.toLowerCase();
  const other = texts.find((each) => each.toLowerCase().includes(lower)) ?? "";
  const at = other.toLowerCase().indexOf(lower);
  const spelt = other.slice(at, at + text.length);
  return [
    ...(done === 0 ? [] : [already(done, "text")]),
    ...(other === "" || spelt === by ? [] : [`case matters: did you mean ${quoted(spelt)}?`]),
  ];
}

const longestShown = 60;

function quoted(text: string): string {
  return JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);
}
