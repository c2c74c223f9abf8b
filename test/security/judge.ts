import { existsSync, readFileSync } from "node:fs";
import { type FakeApiOptions, fakeApi } from "../support/fake-api.js";
import type { HermResult } from "../support/harness.js";
import { type Screen, show } from "../support/terminal.js";
import { inOneLine, type Trial } from "./matrix.js";
import { summaryFile, tryCommand } from "./try.js";

export const sinks = ["terminal", "pipe", "json", "actions"] as const;
export type Sink = (typeof sinks)[number];

const live = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]|\p{Bidi_Control}|\p{Surrogate}/u;
/** So wide that nothing is cut. */
const columns = 20_000;

/** A harmless text with the same lines and tabs, so that what is printed has the same shape. */
export function maskOf(text: string): string {
  return text.replaceAll(/[^\n\t]+/g, "mask");
}

interface Printed extends HermResult {
  sent: Set<string>;
  /** The step's summary under GitHub Actions; else empty. */
  summary: string;
}

export interface Judgement {
  faults: string[];
  /** The methods of the requests that were sent. */
  sent: Set<string>;
  /** What came with the harmless text. */
  plain: Printed;
}

export interface JudgeOptions {
  sink: Sink;
  home(): string;
  /** The texts stand in ids, times and statuses too: the shape of the output can't be compared. */
  everywhere?: boolean;
  /** Which requests the API refuses, with the text as its reason. */
  refuses?: FakeApiOptions["refuses"];
}

/** Runs a trial with the text and with its mask, and tells what the text did that the mask didn't. */
export async function judge(
  trial: Trial,
  text: string,
  { sink, home, everywhere = false, refuses }: JudgeOptions,
): Promise<Judgement> {
  const plain = await runPlain(trial, text, { sink, home, refuses });
  const hostile = await run(trial, { text, sink, home, everywhere, refuses });
  const faults: string[] = [];
  for (const stream of ["stdout", "stderr", "summary"] as const) {
    const found = await faultsOf(
      { hostile: hostile[stream], plain: plain[stream] },
      { sink, isFree: everywhere || trial.hasOwnShape === stream || trial.hasOwnShape === "both" },
    );
    faults.push(...found.map((fault) => `${stream}: ${fault}`));
  }
  if (!everywhere && trial.hasOwnShape !== "both" && markupOf(hostile.summary) !== markupOf(plain.summary)) {
    faults.push("summary: live Markdown");
  }
  if (!everywhere && hostile.code !== plain.code) faults.push(`exit ${hostile.code}, not ${plain.code}`);
  if (sink === "json" && !everywhere && (plain.code === 0 || plain.code === 9)) {
    const back = lossless(hostile.stdout, plain.stdout, text);
    if (!back) faults.push("stdout: JSON doesn't give the text back");
  }
  return { faults, plain, sent: new Set([...hostile.sent, ...plain.sent]) };
}

async function run(
  trial: Trial,
  { text, sink, home, everywhere, refuses }: JudgeOptions & { text: string },
): Promise<Printed> {
  const folder = home();
  const sent = new Set<string>();
  const api = fakeApi({ ...trial.api, text, everywhere, ...(refuses === undefined ? {} : { refuses }) });
  const result = await tryCommand(trial, {
    text,
    home: folder,
    key: "key-of-environment",
    fetch: (url, init) => {
      sent.add(init.method);
      return api(url, init);
    },
    tty: sink === "terminal",
    columns,
    more: sink === "json" ? ["-o", "json"] : [],
    env: sink === "actions" ? { GITHUB_ACTIONS: "true" } : {},
  });
  return {
    sent,
    code: result.code,
    stdout: result.stdout.replaceAll(folder, "/home"),
    stderr: result.stderr.replaceAll(folder, "/home"),
    summary: existsSync(summaryFile(folder)) ? readFileSync(summaryFile(folder), "utf8") : "",
  };
}

const plainRuns = new WeakMap<Trial, Map<string, Promise<Printed>>>();

/** Runs a trial with the text's mask. The same run isn't made twice. */
export function runPlain(trial: Trial, hostile: string, options: JudgeOptions): Promise<Printed> {
  const text = maskOf(hostile);
  const known = plainRuns.get(trial) ?? new Map<string, Promise<Printed>>();
  plainRuns.set(trial, known);
  const name = `${options.sink} ${options.refuses} ${text}`;
  const result = known.get(name) ?? run(trial, { ...options, text });
  known.set(name, result);
  return result;
}

interface Pair {
  hostile: string;
  plain: string;
}

async function faultsOf(
  { hostile, plain }: Pair,
  { sink, isFree }: { sink: Sink; isFree: boolean },
): Promise<string[]> {
  if (sink === "terminal") return terminalFaults({ hostile, plain }, isFree);
  const faults: string[] = [];
  const found = live.exec(hostile);
  if (found !== null) faults.push(`a live U+${found[0].codePointAt(0)?.toString(16)}`);
  if (sink === "actions" && commands(hostile) > commands(plain)) faults.push("a workflow command");
  if (!isFree && shapeOf(hostile) !== shapeOf(plain)) {
    faults.push(`rows ${shapeOf(hostile)}, not ${shapeOf(plain)}`);
  }
  return faults;
}

async function terminalFaults({ hostile, plain }: Pair, isFree: boolean): Promise<string[]> {
  const [acted, asked] = [await showOnce(hostile), await showOnce(plain)];
  const faults = acted.effects.filter((effect) => !asked.effects.includes(effect));
  if (!isFree && acted.rows !== asked.rows) {
    faults.push(`${acted.rows} rows, not ${asked.rows}`);
  }
  return faults;
}

const screens = new Map<string, Promise<Screen>>();

/** No line wraps; the emulator's time goes with its size. */
function columnsOf(text: string): number {
  return 80 + 2 * Math.max(...text.split("\n").map(({ length }) => length));
}

/** Room for all of its lines, up to a screen; the emulator's time goes with it. */
function rowsOf(text: string): number {
  return Math.min(60, text.split("\n").length);
}

/** What a terminal makes of a text; much is printed in the same way again and again. */
function showOnce(text: string): Promise<Screen> {
  const screen = screens.get(text) ?? show(text, { columns: columnsOf(text), rows: rowsOf(text) });
  if (screens.size > 500) screens.clear();
  screens.set(text, screen);
  return screen;
}

/** How many lines, and how many tabs in each. */
function shapeOf(text: string): string {
  return text
    .split("\n")
    .map((line) => line.split("\t").length - 1)
    .join();
}

/**
 * What Markdown and HTML act on; none of it is in what stands for a character. In a fence they act on nothing, and what
 * closes one too early stands outside of it.
 */
function markupOf(text: string): string {
  const outsideFences = text.replaceAll(/^(`{3,})[a-z]*\n(?:.*\n)*? {0,3}\1`*[^\S\n]*$/gm, "");
  const read = /[`*[\]|~<@\\]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:\/\//g;
  return outsideFences.match(read)?.join("") ?? "";
}

/** Workflow commands but herm's own annotations, which no attack looks like. */
function commands(text: string): number {
  return text.match(/##\[|^(?!::(?:error|warning)(?: file=[^:\n]*)?::(?!owned))[^\S\r\n]*::/gm)?.length ?? 0;
}

/** The text comes back out of the JSON to the letter, wherever the mask stands without it. */
function lossless(hostile: string, plain: string, text: string): boolean {
  const inJson = (value: string) => JSON.stringify(value).slice(1, -1);
  const back = JSON.stringify(JSON.parse(hostile));
  const masked = [text, inOneLine(text)].reduce(
    (json, each) => json.replaceAll(inJson(each), inJson(maskOf(each))),
    back,
  );
  return masked === JSON.stringify(JSON.parse(plain));
}
