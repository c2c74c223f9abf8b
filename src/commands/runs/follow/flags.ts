import type { Command } from "commander";
import { readDuration } from "../../../command-line/flag-values.js";
import type { Context } from "../../../context.js";

export interface FollowFlags {
  follow?: boolean;
  followTimeout?: string;
}

const defaultTimeoutMs = 30 * 60_000;

/** Adds `--follow`, `--no-follow` and `--follow-timeout`; read them with `isFollowed` and `followTimeoutMs`. */
export function addFollowFlags(command: Command): Command {
  return addFollowTimeout(
    command
      .option("--follow", "show the run as it happens (default: on a terminal)")
      .option("--no-follow", "only say that it was sent"),
  );
}

export function addFollowTimeout(command: Command): Command {
  return command.option(
    "--follow-timeout <duration>",
    "stop following after so long (default: never on a terminal, 30m elsewhere)",
  );
}

/** Follows by default only where a person reads along: format table, stdout a terminal. */
export function isFollowed({ io, settings }: Pick<Context, "io" | "settings">, flags: FollowFlags): boolean {
  return flags.follow ?? (settings.output === "table" && io.stdoutIsTty);
}

/** In ms; undefined: as long as it takes. Throws UsageError for what isn't a duration. */
export function followTimeoutMs({ io }: Pick<Context, "io">, flags: FollowFlags): number | undefined {
  const { followTimeout: text } = flags;
  if (text === undefined) return io.stdoutIsTty ? undefined : defaultTimeoutMs;
  return readDuration("--follow-timeout", text);
}
