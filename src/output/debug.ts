import type { AttemptInfo } from "../api/request.js";
import type { Io } from "../context/context.js";
import type { ProxyChoice } from "../settings/proxy.js";
import { formatDuration } from "./duration.js";
import { safe } from "./safe.js";
import { sinkOf } from "./sink.js";

export function createDebugLog(
  stderr: Io["stderr"],
  proxy: ProxyChoice | undefined,
  redact: (text: string) => string,
): (attempt: AttemptInfo) => void {
  const through = proxy && `through the proxy ${proxy.url.host} (${proxy.source})`;
  return (attempt) => {
    const came = attempt.status === undefined ? failureText(attempt.failure) : String(attempt.status);
    const parts = [
      `debug: ${attempt.method} ${attempt.url}`,
      came,
      formatDuration(attempt.durationMs),
      through,
      attempt.requestId === undefined ? undefined : `request ${attempt.requestId}`,
      attempt.attempt === 1 ? undefined : `attempt ${attempt.attempt}`,
      attempt.delayMs === undefined
        ? undefined
        : `next in ${formatDuration(attempt.delayMs)}: ${failureText(attempt.failure)}`,
    ];
    const line = parts.filter((part) => part !== undefined).join(" · ");
    void sinkOf(stderr).write(`${safe(redact(line), "cell")}\n`);
  };
}

function failureText(failure: unknown): string {
  return failure instanceof Error ? failure.message : failure === undefined ? "no answer" : String(failure);
}
