/** The local agent: a script, or a command that replaces it. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { onAbort } from "../api/abort.js";
import { killed, withoutKeys } from "./environment.js";

export type AgentStep =
  | { type: "say"; text: string }
  | { type: "call"; tool: string; arguments: Record<string, unknown> }
  | { type: "result"; tool: string; result: string }
  /** Waits this long, by the server's clock. */
  | { type: "wait"; seconds: number }
  /** Pauses for a human; no step follows. */
  | { type: "ask"; summary: string }
  /** Ends in an error; no step follows. */
  | { type: "fail"; reason: string };

export interface AgentTask {
  instructions: string;
  /** The answer to the run's last question, if the run continues after one. */
  answer?: { text: string; questions: number };
  signal: AbortSignal;
}

/** Works on a task, with success unless it ends with `ask` or `fail`. */
export interface Agent {
  work(task: AgentTask): Iterable<AgentStep> | AsyncIterable<AgentStep>;
  /** True if its steps take real time; the server's clock doesn't wait for them. */
  isExternal: boolean;
  /** Maximum concurrent tasks; others wait in order. A task that waits for the clock doesn't count. */
  mostAtOnce: number;
}

const longestComplaint = 500;

/** Keeps tokens small, so that a stream can be filled in small steps. */
const pieces = /[\s\S]{1,8192}/gu;

/**
 * Runs any program as the agent. It reads the instructions from stdin (followed by the answer after a question); its
 * output on stdout becomes the run's text as it arrives. A non-zero exit code is an error, whose reason is the last
 * line of stderr. It runs through the shell, without our keys in its environment.
 */
export function commandAgent(command: string): Agent {
  return { work: (task) => follow(command, task), isExternal: true, mostAtOnce: 8 };
}

async function* follow(command: string, task: AgentTask): AsyncGenerator<AgentStep> {
  task.signal.throwIfAborted();
  const child = spawn(command, { shell: true, env: withoutKeys(), detached: true });
  let isClosed = false;
  child.once("close", () => {
    isClosed = true;
  });
  const stop = () => {
    if (!isClosed) end(child);
  };
  const stopListening = onAbort(task.signal, stop);
  const closed = once(child, "close").then(
    ([code, signal]: (number | string | null)[]) => (code === 0 ? undefined : `exit ${code ?? signal}`),
    (error: Error) => error.message,
  );
  try {
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-longestComplaint);
    });
    // A program may end without reading all of its instructions.
    child.stdin.on("error", () => undefined);
    child.stdin.end(task.answer ? `${task.instructions}\n${task.answer.text}\n` : task.instructions);
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      for (const text of String(chunk).match(pieces) ?? []) yield { type: "say", text };
    }
    const failure = await closed;
    const lastLine = complaint.trim().split("\n").at(-1)?.trim();
    if (failure !== undefined) yield { type: "fail", reason: lastLine || failure };
  } finally {
    stopListening();
    stop();
  }
}

/** Ends the shell and its child processes, which could otherwise outlive it. */
function end(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || !killed(-child.pid)) child.kill("SIGKILL");
}

const longestQuery = 60;

/**
 * An agent without a model. It repeats its instructions word for word, calls a tool and finishes. Lines in the
 * instructions direct it, in order: `@dev ask <question>` pauses for a human, `@dev wait <seconds>` waits, `@dev fail
 * [reason]` ends in error.
 */
export const scriptedAgent: Agent = { work: perform, isExternal: false, mostAtOnce: 16 };

function* perform(task: AgentTask): Generator<AgentStep> {
  const steps = script(task.instructions);
  if (task.answer) {
    const { text, questions } = task.answer;
    skipPast(steps, questions);
    yield* say(`Answered: ${text}\n`);
  }
  yield* steps;
}

function* script(instructions: string): Generator<AgentStep> {
  const { text, directives } = readInstructions(instructions);
  yield* say(`Working on: ${text}\n`);
  const query = text.slice(0, longestQuery);
  yield { type: "call", tool: "search", arguments: { query } };
  yield { type: "result", tool: "search", result: "3 results" };
  for (const step of directives) {
    yield step;
    if (step.type === "fail") return;
  }
  yield* say("Done.");
}

function* say(text: string): Generator<AgentStep> {
  for (const word of text.split(/(?<=\s)(?=\S)/)) yield { type: "say", text: word };
}

function skipPast(steps: Iterator<AgentStep>, questions: number): void {
  for (let asked = 0; asked < questions; ) {
    const { value, done } = steps.next();
    if (done) return;
    if (value.type === "ask") asked += 1;
  }
}

function readInstructions(instructions: string): { text: string; directives: AgentStep[] } {
  const text: string[] = [];
  const directives: AgentStep[] = [];
  for (const line of instructions.split(/\r?\n/)) {
    const directive = readDirective(line);
    if (directive) directives.push(directive);
    else text.push(line);
  }
  return { text: text.join("\n").trim(), directives };
}

/** An unknown `@dev` line is ordinary text. */
export function readDirective(line: string): AgentStep | undefined {
  const [, verb, rest = ""] = /^\s*@dev\s+(\w+)\b\s*(.*?)\s*$/.exec(line) ?? [];
  if (verb === "fail") return { type: "fail", reason: rest || "the instructions say so" };
  if (verb === "ask" && rest !== "") return { type: "ask", summary: rest };
  if (verb === "wait" && /^\d{1,6}(\.\d{1,3})?$/.test(rest)) return { type: "wait", seconds: Number(rest) };
  return undefined;
}
