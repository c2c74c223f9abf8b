import type { Agent, AgentStep, AgentTask } from "./agent.js";

const longestQuery = 60;

/**
 * The agent that needs no model: it repeats its instructions word by word, calls a tool and is done. Lines in the
 * instructions direct it, in their order: `@dev ask <question>` pauses for a human, `@dev wait <seconds>` takes its
 * time, `@dev fail [reason]` ends in error.
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

/** A line that begins with `@dev` but says nothing we know is text like any other. */
export function readDirective(line: string): AgentStep | undefined {
  const [, verb, rest = ""] = /^\s*@dev\s+(\w+)\b\s*(.*?)\s*$/.exec(line) ?? [];
  if (verb === "fail") return { type: "fail", reason: rest || "the instructions say so" };
  if (verb === "ask" && rest !== "") return { type: "ask", summary: rest };
  if (verb === "wait" && /^\d{1,6}(\.\d{1,3})?$/.test(rest)) return { type: "wait", seconds: Number(rest) };
  return undefined;
}
