import { safe } from "../output/safe.js";
import type { Style } from "../output/style.js";
import { valueText } from "../output/value-text.js";
import { type RunEvent, textOf } from "./event.js";

/** An event on one line for a terminal: event, run, what it says. */
export function eventText(event: RunEvent, style: Style): string {
  const name = safe(event.event, "cell").padEnd(16);
  const run = safe(textOf(event.data, "run_id") ?? "–", "cell");
  return `${colourOf(event.event, style)(name)}  ${style.dim(run)}  ${safe(sayingOf(event), "cell")}`.trimEnd();
}

/** The same for a pipe: event id, event, run id, what it says, separated by tabs. */
export function eventRow(event: RunEvent): string {
  const cells = [event.id, event.event, textOf(event.data, "run_id") ?? "", sayingOf(event)];
  return cells.map((cell) => safe(cell, "cell")).join("\t");
}

/** What an event says, in the fields that src/api/README.md gives it; of others all of their data. */
function sayingOf({ event, data }: RunEvent): string {
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

function colourOf(event: string, style: Style): (text: string) => string {
  switch (event) {
    case "steering_request":
      return style.yellow;
    case "run_status":
      return style.cyan;
    case "token":
      return (text) => text;
    default:
      return style.dim;
  }
}
