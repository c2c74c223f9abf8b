import type { Automation } from "../../../api/types.js";
import { type CliError, NothingFoundError } from "../../../errors.js";
import { counted } from "../../../output/count.js";
import { schedulesEqual } from "../../../schedule/compare.js";
import { type Conditions, hasSchedule, type UpdateRequest } from "./request.js";

/** The error where conditions match none of what was chosen (4): which condition, and the likely reason. */
export function noMatchError(
  chosen: readonly Automation[],
  { conditions, request }: { conditions: Conditions; request: UpdateRequest | undefined },
): CliError {
  if (chosen.length === 0) return noMatch("no automation is selected");
  const timely = chosen.filter(({ schedule }) => hasSchedule(schedule, conditions));
  if (timely.length === 0) return noneHasSchedule(chosen, { conditions, request });
  const texts = timely.map(({ instructions }) => instructions ?? "");
  const { replacement } = conditions;
  const none = noneOf(texts.length);
  const [missing] = [conditions.instructions, replacement?.replace].filter(
    (text) => text !== undefined && !texts.some((each) => each.includes(text)),
  );
  if (missing === undefined) return noMatch(`${none} both texts in its instructions`);
  const by = replacement?.replace === missing ? replacement.with : undefined;
  return noMatch(`${none} ${quoted(missing)} in its instructions`, whyMissing(missing, texts, by));
}

function noneHasSchedule(
  chosen: readonly Automation[],
  { conditions: { schedule }, request }: { conditions: Conditions; request: UpdateRequest | undefined },
): CliError {
  // What can't be read was perhaps meant as a schedule after all.
  if (schedule?.refusal !== undefined) return schedule.refusal;
  const { given = "", text = "" } = schedule ?? {};
  const next = request?.schedule?.text;
  const done = chosen.filter(
    (each) => next !== undefined && schedulesEqual(each.schedule ?? "", next),
  ).length;
  const read = given === text ? undefined : `in UTC that is ${text}`;
  const why = done > 0 ? `${done} of them ${done === 1 ? "already has" : "already have"} the new one` : read;
  return noMatch(`${noneOf(chosen.length)} the schedule ${quoted(given)}`, why);
}

function noneOf(count: number): string {
  return count === 1 ? "the automation doesn't have" : `none of ${counted(count, "automation")} has`;
}

function noMatch(message: string, why?: string): NothingFoundError {
  return new NothingFoundError(message, {
    hint: why === undefined ? "nothing was changed" : `nothing was changed; ${why}`,
  });
}

function whyMissing(text: string, texts: readonly string[], by: string | undefined): string | undefined {
  const done = by === undefined || by.trim() === "" ? 0 : texts.filter((each) => each.includes(by)).length;
  const lower = text.toLowerCase();
  const other = texts.find((each) => each.toLowerCase().includes(lower)) ?? "";
  const at = other.toLowerCase().indexOf(lower);
  const spelt = other.slice(at, at + text.length);
  const parts = [
    ...(done === 0 ? [] : [`${done} of them ${done === 1 ? "already has" : "already have"} the new text`]),
    ...(other === "" || spelt === by ? [] : [`capitals matter: ${quoted(spelt)} is there`]),
  ];
  return parts.length === 0 ? undefined : parts.join("; ");
}

const longestShown = 60;

function quoted(text: string): string {
  return JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);
}
