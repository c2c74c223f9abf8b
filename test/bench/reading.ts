import { readSchedule } from "../../src/schedule/read.js";
import { median } from "./pairs.js";

const count = 5_000;
const words = [
  "every",
  "day",
  "at",
  "9am",
  ",",
  "and",
  "1",
  "*/",
  "-",
  "mon",
  "between",
  "the",
  "1st",
  "é",
  "\u0000",
  " ",
];

/**
 * The time to read any text of 1 KiB as a schedule: the shorter of two reads of texts that differ only at the end, so
 * that a pause of the machine isn't counted as ours.
 */
export function benchReading(): string {
  const times: number[] = [];
  let seed = 1;
  for (let reading = 0; reading < count; reading += 1) {
    let text = "";
    while (text.length < 1_000) {
      seed = (seed * 48_271) % 2_147_483_647;
      text += `${words[seed % words.length]} `;
    }
    times.push(Math.min(msOf(text), msOf(`${text}x`)));
  }
  return `Reading a schedule of 1 KiB: median ${median(times).toFixed(3)} ms, slowest of ${count} ${Math.max(...times).toFixed(2)} ms.`;
}

function msOf(text: string): number {
  const startedMs = performance.now();
  readSchedule(text);
  return performance.now() - startedMs;
}
