import type { RequestOptions } from "../request-options.js";
import type { OpenRequests } from "./open-requests.js";
import type { OutageRetry } from "./outage-retry.js";
import type { Hold, RequestKind, RetryBudget } from "./retry.js";

/** What all requests of one client share. */
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
  /** Such as `/v1/deployments/dep_1`. */
  path: string;
  maxAttempts: number;
  /** One attempt, where `maxWaitMs` leaves it so much. */
  timeoutMs: number;
  /** All attempts of one request, the waits between them included. */
  maxWaitMs: number;
  /** Takes the place of `maxAttempts`, of `maxWaitMs` from the second attempt on, and of the budget. */
  outageRetry: OutageRetry | undefined;
  signal: AbortSignal | undefined;
  /** Ends waits and keeps further attempts from being made; the one under way goes on. */
  stopSignal: AbortSignal | undefined;
  /** See RequestOptions. */
  beforeResend: RequestOptions["beforeResend"];
  /** After each attempt; `delayMs` is there if another follows. */
  onAttempt: ((attempt: Attempt) => void) | undefined;
}

interface Attempt {
  /** The first is 1. */
  number: number;
  durationMs: number;
  failure?: unknown;
  delayMs?: number | undefined;
}
