import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { limitLines } from "../../output/count.js";
import { messageOf } from "../../report.js";
import type { Names } from "./names.js";

const mostUnread = 20;

/** A line for each deployment that couldn't be read. Plain text. */
export function unreadableLines(
  unreadable: readonly DeploymentReading[],
  names: Names,
  most = mostUnread,
): string[] {
  const lines = unreadable.map(
    ({ deployment, error }) =>
      `can't be read: ${names.deployment(deployment.deployment_id)}: ${messageOf(error)}`,
  );
  return limitLines(lines, most);
}
