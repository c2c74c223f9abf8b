import { fakeApi } from "../support/fake-api.js";
import type { HermResult } from "../support/harness.js";
import { show } from "../support/terminal.js";
import type { Trial } from "./matrix.js";
import { tryCommand } from "./try.js";

export const sinks = ["terminal", "pipe", "json", "actions"] as const;
export type Sink = (typeof sinks)[number];

const live = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]|\p{Bidi_Control}|\p{Surrogate}/u;
const columns = 9000;

/** A harmless text with the same lines and tabs, so that what is printed has the same shape. */
export function maskOf(text: string): string {
  return text.replaceAll(/[^\n\t]+/g, "mask");
}

export interface Judgement {
  faults: string[];
  /** What came with the harmless text. */
  plain: HermResult;
}

export interface JudgeOptions {
  sink: Sink;
  home(): string;
  /** The texts stand in ids, times and statuses too: the shape of the output can't be compared. */
  everywhere?: boolean;
}

/** Runs a trial with the text and with its mask, and tells what the text did that the mask didn't. */
export async function judge(
  trial: Trial,
  text: string,
  { sink, home, everywhere = false }: JudgeOptions,
): Promise<Judgement> {
  const run = async (shown: string, isEverywhere: boolean) => {
    const folder = home();
    const result = await tryCommand(trial, {
      text: shown,
      home: folder,
      key: "key-of-environment",
      fetch: fakeApi({ text: shown, everywhere: isEverywhere, runStatus: trial.runStatus }),
      tty: sink === "terminal",
      columns,
      more: sink === "json" ? ["-o", "json"] : [],
      env: sink === "actions" ? { GITHUB_ACTIONS: "true" } : {},
    });
    return {
      code: result.code,
      stdout: result.stdout.replaceAll(folder, "/home"),
      stderr: result.stderr.replaceAll(folder, "/home"),
    };
  };
  const plain = await run(maskOf(text), false);
  const hostile = await run(text, everywhere);
  const faults: string[] = [];
  for (const stream of ["stdout", "stderr"] as const) {
    const found = await faultsOf({ hostile: hostile[stream], plain: plain[stream] }, { sink, everywhere });
    faults.push(...found.map((fault) => `${stream}: ${fault}`));
  }
  if (!everywhere && hostile.code !== plain.code) faults.push(`exit ${hostile.code}, not ${plain.code}`);
  if (sink === "json" && !everywhere && plain.code === 0) {
    const back = lossless(hostile.stdout, plain.stdout, text);
    if (!back) faults.push("stdout: JSON doesn't give the text back");
  }
  return { faults, plain };
}

interface Pair {
  hostile: string;
  plain: string;
}

async function faultsOf(
  { hostile, plain }: Pair,
  { sink, everywhere }: { sink: Sink; everywhere: boolean },
): Promise<string[]> {
  if (sink === "terminal") return terminalFaults({ hostile, plain }, everywhere);
  const faults: string[] = [];
  const found = live.exec(hostile);
  if (found !== null) faults.push(`a live U+${found[0].codePointAt(0)?.toString(16)}`);
  if (sink === "actions" && commands(hostile) > commands(plain)) faults.push("a workflow command");
  if (!everywhere && shapeOf(hostile) !== shapeOf(plain)) {
    faults.push(`rows ${shapeOf(hostile)}, not ${shapeOf(plain)}`);
  }
  return faults;
}

async function terminalFaults({ hostile, plain }: Pair, everywhere: boolean): Promise<string[]> {
  const size = { columns, rows: 60 };
  const [acted, asked] = [await show(hostile, size), await show(plain, size)];
  const faults = acted.effects.filter((effect) => !asked.effects.includes(effect));
  if (!everywhere && acted.rows !== asked.rows) {
    faults.push(`${acted.rows} rows, not ${asked.rows}`);
  }
  return faults;
}

/** How many lines, and how many tabs in each. */
function shapeOf(text: string): string {
  return text
    .split("\n")
    .map((line) => line.split("\t").length - 1)
    .join();
}

function commands(text: string): number {
  return text.match(/##\[|^[^\S\r\n]*::/gm)?.length ?? 0;
}

/** The text comes back out of the JSON to the letter, wherever the mask stands without it. */
function lossless(hostile: string, plain: string, text: string): boolean {
  const inJson = (value: string) => JSON.stringify(value).slice(1, -1);
  const back = JSON.stringify(JSON.parse(hostile));
  return back.replaceAll(inJson(text), inJson(maskOf(text))) === JSON.stringify(JSON.parse(plain));
}
