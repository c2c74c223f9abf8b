/**
 * The shapes in src/api/README.md. Fields that the server adds are kept: any object may contain more than its type
 * names. Optional fields may be absent or null (src/api/README.md, "Access").
 */
interface Unknowns {
  [field: string]: unknown;
}

export type DeploymentStatus = "provisioning" | "ready" | "error";

export interface DeploymentSummary extends Unknowns {
  deployment_id: string;
  customer_id?: string | null;
  name?: string | null;
  runtime?: string | null;
  status?: DeploymentStatus | null;
  model?: string | null;
  created_at?: string | null;
}

export interface Deployment extends DeploymentSummary {
  thread_id?: string | null;
  filesystem?: { workspace_path: string; persistent: boolean } | null;
  events?: { transport: string; url: string } | null;
}

export interface DeploymentFields extends Unknowns {
  customer_id: string;
  name: string;
  system_prompt: string;
  model?: string;
}

export interface DeploymentListQuery extends PageQuery {
  customer_id?: string;
  status?: DeploymentStatus;
}

export interface AutomationFields {
  name: string;
  /** Five-field UTC cron expression, or words that the platform understands. */
  schedule: string;
  instructions: string;
  thread_id?: string;
  enabled?: boolean;
}

export type RunStatus = "running" | "waiting_on_human" | "completed" | "error";

export interface Run extends Unknowns {
  run_id: string;
  thread_id?: string | null;
  status?: RunStatus | null;
  /** `schedule` or `manual`. */
  trigger?: string | null;
  started_at?: string | null;
  completed_at?: string | null;
  error?: string | null;
}

/** An automation in any deployment. */
export interface AutomationRef {
  deployment_id: string;
  automation_id: string;
}

/** The response to create, list and update; not every call returns every field. */
export interface Automation extends Unknowns {
  automation_id: string;
  deployment_id?: string | null;
  name?: string | null;
  schedule?: string | null;
  /** Unknown if missing: neither paused nor enabled. */
  enabled?: boolean | null;
  next_run_at?: string | null;
  created_at?: string | null;
  updated_at?: string | null;
  last_run_at?: string | null;
  last_run_status?: RunStatus | null;
  instructions?: string | null;
  thread_id?: string | null;
}

/** The response to get. `recent_runs` is newest first; the client fills it from `runs` if the API uses that name. */
export interface AutomationDetail extends Automation {
  recent_runs: Run[];
}

export interface Message extends Unknowns {
  role?: "user" | "agent" | null;
  content?: string | null;
  run_id?: string | null;
  created_at?: string | null;
}

export interface ThreadSummary extends Unknowns {
  thread_id: string;
  title?: string | null;
  status?: string | null;
  message_count?: number | null;
  last_activity_at?: string | null;
}

export interface Thread extends Unknowns {
  thread_id: string;
  title?: string | null;
  status?: string | null;
  messages: Message[];
}

export interface MessageFields {
  content: string;
  /** The thread's id; absent: the default thread; `new`: a fresh one. */
  thread_id?: string;
  attachments?: unknown[];
}

export interface MessageAnswer extends Unknowns {
  run_id: string;
  thread_id?: string | null;
  status?: RunStatus | null;
}

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
  /** Entries that no call can refer to, such as null or one without an id, as received. Absent if there are none. */
  invalid?: readonly unknown[];
  repeated?: readonly T[];
}

export interface PageQuery {
  limit?: number;
  cursor?: string;
}

export interface ListedPage<T> extends Page<T> {
  hasNextPage(): boolean;
  /** Rejects if there is none. */
  getNextPage(): Promise<ListedPage<T>>;
}

/** Awaited: the first page. Iterated: every item of every page, read as needed. */
export interface List<T> extends Promise<ListedPage<T>>, AsyncIterable<T> {
  /** `prefetch`: requests the next page before the current one is processed; reads at most one unneeded page. */
  pages(options?: { prefetch?: boolean }): AsyncIterable<Page<T>>;
}

/** The outcome of a run: how it ended, or the question that it is waiting with. */
export interface RunOutcome {
  run_id: string;
  status: Exclude<RunStatus, "running">;
  error?: string;
  question?: string;
}

/** One block of the stream: `data` is the text as received, lines joined with LF. */
export interface RawEvent {
  event: string;
  id: string;
  data: string;
}

interface EventHead<Type extends string> {
  type: Type;
  id: string;
  run_id: string;
  thread_id?: string;
}

export interface TokenEvent extends EventHead<"token"> {
  /** The next piece of the agent's text. */
  delta: string;
}

export interface ToolCallEvent extends EventHead<"tool_call"> {
  tool: string;
  arguments: unknown;
}

export interface ToolResultEvent extends EventHead<"tool_result"> {
  tool: string;
  result: unknown;
}

/** The run is paused until it gets an answer. */
export interface SteeringRequestEvent extends EventHead<"steering_request"> {
  summary: string;
}

export interface RunStatusEvent extends EventHead<"run_status"> {
  status: RunStatus;
  error?: string | null;
  message?: string | null;
}

export interface FilesystemEvent extends Omit<EventHead<"filesystem">, "run_id"> {
  run_id?: string;
  change: string;
  path: string;
}

/** The SDK's flat event: the object's fields, `type` and `id`. */
export type HermEvent =
  | TokenEvent
  | ToolCallEvent
  | ToolResultEvent
  | SteeringRequestEvent
  | RunStatusEvent
  | FilesystemEvent;

/** An event of an unknown type, as received. */
export interface UnknownEvent extends RawEvent {
  type?: undefined;
  run_id?: undefined;
  thread_id?: undefined;
}

export interface EventQuery {
  run_id?: string;
  thread_id?: string;
}
