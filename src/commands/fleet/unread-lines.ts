import { flagWords } from "../../command-line/next-command.js";
import { quoteForShells } from "../../command-line/shell-quote.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { firstOf } from "../../output/count.js";
import { messageOf } from "../../report.js";
import type { Names } from "./names.js";

const mostUnread = 20;

/** What couldn't be read, and so isn't in what is told, a line a deployment. Plain text. */
export function unreadLines(
  unreadable: readonly DeploymentReading[],
  names: Names,
  most = mostUnread,
): string[] {
  const lines = unreadable.map(
    ({ deployment, error }) =>
      `can't be read: ${names.deployment(deployment.deployment_id)}: ${messageOf(error)}`,
  );
  return firstOf(lines, most);
}

const mostSkipped = 3;

/** `--except Bolt skips it`: how to go without deployments of these names. Plain text, which can be pasted. */
export function howToSkip(names: readonly string[]): string {
  const flags = names
    .slice(0, mostSkipped)
    .flatMap((name) => flagWords("--except", name).map(quoteForShells));
  if (names.length === 1) return `${flags.join(" ")} skips it`;
  return `${flags.join(" ")}${names.length > mostSkipped ? " …" : ""} skip them`;
}
