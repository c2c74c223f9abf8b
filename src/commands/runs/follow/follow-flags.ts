import { advanced, duration, negatableFlag } from "../../../command/flags.js";
import type { Context } from "../../../context/context.js";
import type { Printer } from "../../../output/printer.js";

const defaultTimeoutMs = 30 * 60_000;

export const followTimeoutFlag = {
  followTimeout: duration("stop following after this long (default: never on a terminal, 30m elsewhere)"),
};

export const followFlags = {
  follow: negatableFlag("show the run as it happens (default on a terminal)", "don't wait for the run"),
  followTimeout: advanced(followTimeoutFlag.followTimeout),
};

/** Follows by default only if a user is watching. */
export function isFollowed(
  { isForPerson }: Pick<Printer, "isForPerson">,
  { follow }: { follow: boolean | undefined },
): boolean {
  return follow ?? isForPerson;
}

/** Milliseconds; undefined for no limit. */
export function followTimeoutMs(
  { io }: Pick<Context, "io">,
  { followTimeout }: { followTimeout: number | undefined },
): number | undefined {
  return followTimeout ?? (io.stdoutIsTty ? undefined : defaultTimeoutMs);
}
