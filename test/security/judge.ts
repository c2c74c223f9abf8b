import { existsSync, readFileSync } from "node:fs";
import { type FakeApiOptions, fakeApi } from "../support/fake-api.js";
import type { HermResult } from "../support/harness.js";
import { type Screen, show } from "../support/terminal.js";
import { inOneLine, type Trial } from "./matrix.js";
import { summaryFile, tryCommand } from "./try.js";

export const sinks = ["terminal", "pipe", "json", "actions"] as const;
export type Sink = (typeof sinks)[number];

const live = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]|\p{Bidi_Control}|\p{Surrogate}/u;
/** Wide enough that nothing is cut. */
const columns = 20_000;

/** A harmless text with the same lines and tabs, so that the output has the same shape. */
export function maskOf(text: string): string {
  return text.replaceAll(/[^\n\t]+/g, "mask");
}

interface Printed extends HermResult {
  sent: Set<string>;
  /** The step's summary under GitHub Actions; otherwise empty. */
  summary: string;
}

export interface Judgement {
  faults: string[];
  /** The methods of the sent requests. */
  sent: Set<string>;
  /** The results with the harmless text. */
  plain: Printed;
}

export interface JudgeOptions {
  sink: Sink;
  home(): string;
  /** The texts are in ids, times and statuses too, so the shape of the output can't be compared. */
  everywhere?: boolean;
  /** The requests that the API refuses, with the text as the reason. */
  refuses?: FakeApiOptions["refuses"];
}

/** Runs a trial with the text and with its mask; returns effects of the text that the mask didn't have. */
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

/** Runs a trial with the text's mask, but each such run only once. */
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

/** No line wraps; the emulator's time grows with its size. */
function columnsOf(text: string): number {
  return 80 + 2 * Math.max(...text.split("\n").map(({ length }) => length));
}

/** Enough rows for all of its lines, up to a screen; the emulator's time grows with them. */
function rowsOf(text: string): number {
  return Math.min(60, text.split("\n").length);
}

/** The effect of a text on a terminal, cached because much output repeats. */
function showOnce(text: string): Promise<Screen> {
  const screen = screens.get(text) ?? show(text, { columns: columnsOf(text), rows: rowsOf(text) });
  if (screens.size > 500) screens.clear();
  screens.set(text, screen);
  return screen;
}

/** The number of lines, and of tabs in each. */
function shapeOf(text: string): string {
  return text
    .split("\n")
    .map((line) => line.split("\t").length - 1)
    .join();
}

/**
 * Characters with a meaning in Markdown and HTML; none is used in place of another character. In a code fence they have
 * none, and text that closes a fence too early is outside of it.
 */
function markupOf(text: string): string {
  const outsideFences = text.replaceAll(/^(`{3,})[a-z]*\n(?:.*\n)*? {0,3}\1`*[^\S\n]*$/gm, "");
  const read = /[`*[\]|~<@\\]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:\/\//g;
  return outsideFences.match(read)?.join("") ?? "";
}

/** Workflow commands except herm's own annotations, which no attack resembles. */
function commands(text: string): number {
  return text.match(/##\[|^(?!::(?:error|warning)(?: file=[^:\n]*)?::(?!owned))[^\S\r\n]*::/gm)?.length ?? 0;
}

/** The text can be read from the JSON exactly, wherever the mask is in the masked run. */
function lossless(hostile: string, plain: string, text: string): boolean {
  const inJson = (value: string) => JSON.stringify(value).slice(1, -1);
  const back = JSON.stringify(JSON.parse(hostile));
  const masked = [text, inOneLine(text)].reduce(
    (json, each) => json.replaceAll(inJson(each), inJson(maskOf(each))),
    back,
  );
  return masked === JSON.stringify(JSON.parse(plain));
}
