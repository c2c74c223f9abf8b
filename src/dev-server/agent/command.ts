import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { onAbort } from "../../api/abort.js";
import { killed, withoutKeys } from "../environment.js";
import type { Agent, AgentStep, AgentTask } from "./agent.js";

const longestComplaint = 500;

/** A token stays small, so that a stream can be filled in small steps. */
const pieces = /[\s\S]{1,8192}/gu;

/**
 * Any program as the agent: it reads the instructions on stdin (after a question's answer, that below them) and
 * writes its answer to stdout, which becomes the run's text as it comes. An exit code other than 0 is an error, with
 * the last line of stderr as its reason. It runs through the shell, without our keys in its environment.
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
    // A program may end without having read its instructions.
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

/** Ends the shell and all that it started, which may outlive it. */
function end(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || !killed(-child.pid)) child.kill("SIGKILL");
}
