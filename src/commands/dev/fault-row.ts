import { formatDuration } from "../../output/duration.js";
import { safe } from "../../output/safe.js";

export interface ShownFault {
  fault_id: string;
  method?: string;
  path?: string;
  /** Null until it is cleared. */
  count: number | null;
  action: { type: string; status?: number; ms?: number };
}

export function faultRow({ fault_id, method, path, count, action }: ShownFault): string[] {
  const { type, status, ms } = action;
  const what = [
    type.replace("commit_then_cut", "commit"),
    status,
    ms === undefined ? undefined : formatDuration(ms),
  ];
  return [
    what.filter((part) => part !== undefined).join(" "),
    [method, path].filter((part) => part !== undefined).join(" ") || "all requests",
    String(count ?? "all"),
    fault_id,
  ].map((cell) => safe(cell, "cell"));
}
