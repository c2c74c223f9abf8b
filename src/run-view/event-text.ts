import { safe } from "../output/safe.js";
import { valueText } from "../output/value-text.js";
import { type RunEvent, runOf } from "./event.js";

/** An event for a pipe: event id, event, run id, what it says, separated by tabs; with several deployments its deployment's id first. */
export function eventRow(event: RunEvent, deployment_id?: string): string {
  const cells = [deployment_id ?? [], event.id, event.event, runOf(event) ?? "", eventSummary(event)].flat();
  return cells.map((cell) => safe(cell, "cell")).join("\t");
}

/** What an event says, in the fields that src/api/README.md gives it; of others all of their data. */
export function eventSummary({ event, data }: RunEvent): string {
  if (typeof data === "string") return data;
  switch (event) {
    case "token":
      return valueText(data.delta);
    case "tool_call":
      return joined(data.tool, data.arguments);
    case "tool_result":
      return joined(data.tool, data.result);
    case "steering_request":
      return valueText(data.summary);
    case "run_status":
      return joined(data.status, data.error ?? data.message);
    case "filesystem":
      return joined(data.change, data.path);
    default:
      return valueText(data);
  }
}

function joined(...parts: unknown[]): string {
  return parts
    .filter((part) => part !== undefined && part !== null)
    .map(valueText)
    .join(" ");
}
