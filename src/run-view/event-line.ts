import { isJsonObject, writeJson } from "../api/json.js";
import type { RawEvent } from "../api/types.js";
import { escapeLive, type JsonOptions } from "../output/json.js";
import { readEvent } from "./event.js";

/**
 * Prints events as JSON lines (src/output/README.md, "JSON"). A JSON object on one line goes through as it came, long
 * numbers included: writing it anew is a quarter of the time of a fast stream.
 */
export function rawEventLines(
  events: readonly RawEvent[],
  { deployment, ...options }: JsonOptions & { deployment?: { id: string; name: string } | undefined },
): string {
  const deploymentFields =
    deployment === undefined
      ? ""
      : `,"deployment_id":${JSON.stringify(deployment.id)},"deployment_name":${JSON.stringify(deployment.name)}`;
  let lines = "";
  for (const raw of events) {
    const isAsItCame = isJsonObject(raw.data) && !raw.data.includes("\n");
    const text = isAsItCame ? raw.data : writeJson(readEvent(raw).data);
    lines += `{"event":${JSON.stringify(raw.event)},"id":${JSON.stringify(raw.id)},"data":${text}${deploymentFields}}\n`;
  }
  return escapeLive(lines, options);
}
