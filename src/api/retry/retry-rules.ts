import type { RequestOptions } from "../request-options.js";
import type { OpenRequests } from "./open-requests.js";
import type { OutageRetry } from "./outage-retry.js";
import type { Hold, RequestKind, RetryBudget } from "./retry.js";

/** The state that all requests of one client share. */
export interface Pace {
  retryBudget: RetryBudget;
  hold: Hold;
  openRequests: OpenRequests;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  monotonic(): number;
  random(): number;
}

export interface RetryRules {
  pace: Pace;
  kind: RequestKind;
  path: string;
  maxAttempts: number;
  timeoutMs: number;
  maxWaitMs: number;
  /** Replaces `maxAttempts`, `maxWaitMs` from the second attempt on, and the budget. */
  outageRetry: OutageRetry | undefined;
  signal: AbortSignal | undefined;
  /** Ends waits and prevents further attempts; the one under way continues. */
  stopSignal: AbortSignal | undefined;
  beforeResend: RequestOptions["beforeResend"];
  /** Called after each attempt; `delayMs` is there if another follows. */
  onAttempt: ((attempt: Attempt) => void) | undefined;
}

interface Attempt {
  number: number;
  durationMs: number;
  failure?: unknown;
  delayMs?: number | undefined;
}
