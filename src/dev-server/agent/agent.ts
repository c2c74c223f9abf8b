export type AgentStep =
  | { type: "say"; text: string }
  | { type: "call"; tool: string; arguments: Record<string, unknown> }
  | { type: "result"; tool: string; result: string }
  /** Does nothing for so long, on the server's clock. */
  | { type: "wait"; seconds: number }
  /** Pauses for a human; nothing comes after it. */
  | { type: "ask"; summary: string }
  /** Ends in error; nothing comes after it. */
  | { type: "fail"; reason: string };

export interface AgentTask {
  instructions: string;
  /** The answer to the run's last question, when it goes on after one. */
  answer?: { text: string; questions: number };
  signal: AbortSignal;
}

/** Works on a task. Ending without `ask` or `fail` is success. */
export interface Agent {
  work(task: AgentTask): Iterable<AgentStep> | AsyncIterable<AgentStep>;
  /** Its steps take real time of their own: the server's clock doesn't wait for it. */
  isExternal: boolean;
  /** The most tasks at once; more wait in their order. One that waits for the clock isn't counted. */
  mostAtOnce: number;
}
