import { CronExpressionParser } from "cron-parser";
import fc from "fast-check";
import { nextTimes } from "../../src/schedule/cron-times.js";
import { describeSchedule } from "../../src/schedule/describe.js";
import { readSchedule } from "../../src/schedule/read.js";
import { anyCron, anyInstant } from "../schedule/crons.js";
import { refused, understood } from "../schedule/phrases.js";
import { anySentence } from "../schedule/sentences.js";
import { anyText } from "../schedule/texts.js";
import { anyTrial, tryConversion } from "../schedule/zone-trials.js";
import { seed } from "../support/seed.js";

interface Claim {
  measure: string;
  ours: string;
  cases: number;
  ok: boolean;
}

/** The claims about schedules, in the claimed counts. */
export async function soak(): Promise<Claim[]> {
  return [await libraries(), await phrases(), await sentences(), texts(), await zones()];
}

const pairs = 100_000;

/** Every next time as we compute it, from the text as typed and from the normal form, and by cron-parser. */
async function libraries(): Promise<Claim> {
  let compared = 0;
  let different = 0;
  while (compared < pairs) {
    const given = { numRuns: 10_000, seed: seed() + compared };
    for (const [{ text, cron }, from] of fc.sample(fc.tuple(anyCron, anyInstant), given)) {
      compared += 1;
      const other = CronExpressionParser.parse(cron, { tz: "UTC", currentDate: from });
      const expected = [other.next(), other.next()].map((time) => time.toDate().getTime()).join();
      const ours = [cron, text].map((each) =>
        nextTimes(each, from, 2)
          .map((time) => time.getTime())
          .join(),
      );
      if (ours.some((times) => times !== expected)) different += 1;
    }
  }
  return {
    measure: "next times that differ from cron-parser's (expression × instant)",
    ours: String(different),
    cases: compared,
    ok: different === 0,
  };
}

async function phrases(): Promise<Claim> {
  let wrong = 0;
  for (const [text, cron] of understood) {
    const reading = readSchedule(text);
    const again = readSchedule(await describeSchedule(cron));
    if (!reading.ok || reading.cron !== cron || !again.ok || again.cron !== cron) wrong += 1;
  }
  for (const [text, reason] of refused) {
    const reading = readSchedule(text);
    if (reading.ok || reading.reason !== reason) wrong += 1;
  }
  return {
    measure: `phrases misread, of ${understood.length} understood (also their descriptions) and ${refused.length} refused`,
    ours: String(wrong),
    cases: understood.length + refused.length,
    ok: wrong === 0,
  };
}

/** Words to cron, to words, to cron. */
async function sentences(): Promise<Claim> {
  const cases = 20_000;
  let wrong = 0;
  for (const { text, cron } of fc.sample(anySentence, cases)) {
    const reading = readSchedule(text);
    const again = readSchedule(await describeSchedule(cron));
    if (!reading.ok || reading.cron !== cron || !again.ok || again.cron !== cron) wrong += 1;
  }
  return {
    measure: "generated phrases whose cron is wrong, or whose description has another cron",
    ours: String(wrong),
    cases,
    ok: wrong === 0,
  };
}

function texts(): Claim {
  const cases = 50_000;
  let thrown = 0;
  let slowestMs = 0;
  const measure = (text: string) => {
    const start = performance.now();
    readSchedule(text);
    return performance.now() - start;
  };
  for (const text of fc.sample(anyText, cases)) {
    try {
      // The shorter of two, because the machine's own pauses are longer than any read.
      slowestMs = Math.max(slowestMs, Math.min(measure(text), measure(text)));
    } catch {
      thrown += 1;
    }
  }
  return {
    measure: "any text up to 1 KiB: thrown, and the slowest reading",
    ours: `${thrown}, ${slowestMs.toFixed(1)} ms`,
    cases,
    ok: thrown === 0 && slowestMs < 50,
  };
}

async function zones(): Promise<Claim> {
  const cases = 3000;
  const failures = fc.sample(anyTrial, cases).map((trial) => tryConversion(trial));
  const wrong = failures.filter((failure) => failure !== undefined).length;
  return {
    measure: "schedules with a zone that are not due by that zone's clock, over years",
    ours: String(wrong),
    cases,
    ok: wrong === 0,
  };
}
