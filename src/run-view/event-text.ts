import { safe } from "../output/safe.js";
import { valueText } from "../output/value-text.js";
import { type RunEvent, runOf } from "./event.js";

/** The cells of an event in a pipe, with several deployments the deployment's id first. */
export function eventRow(event: RunEvent, deployment_id?: string): string {
  const cells = [deployment_id ?? [], event.id, event.event, runOf(event) ?? "", eventSummary(event)].flat();
  return cells.map((cell) => safe(cell, "cell")).join("\t");
}

/** The text of an event by the fields that src/api/README.md gives it; of unknown events all data. */
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
