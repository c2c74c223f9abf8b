import { hostname } from "node:os";
import { NotPossibleError } from "../errors/cli-errors.js";

/** A lock's holder and start, as recorded in the lock file; empty, or 0, if they are missing there. */
export interface HolderSignature {
  pid: number;
  note: string;
  user: string;
  host: string;
  since: string;
}

export interface HolderWords {
  note: string;
  /**
   * `another herm process (ada on night, pid 4711)`: the user, the machine if not this one, and the process, if known.
   */
  who: string;
}

/** Describes a lock's holder: `incident INC-1 is locked by another herm (ada, pid 4711) since 10:41`. */
export function textOfHolder(
  { note, since, ...signature }: HolderSignature,
  {
    what = "one of herm's files",
    textOf = ({ who }) => `${what} is locked by ${who}`,
  }: { what?: string; textOf?(holder: HolderWords): string },
): string {
  const at = new Date(since);
  const when = Number.isNaN(at.getTime()) ? "" : ` since ${clockText(at)}`;
  return textOf({ note, who: holderName(signature) }) + when;
}

function holderName({ user, host, pid }: Pick<HolderSignature, "user" | "host" | "pid">): string {
  const where = host === "" || host === hostname() ? "" : `on ${host}`;
  const whose = [user, where].filter((part) => part !== "").join(" ");
  const known = [whose, pid === 0 ? "" : `pid ${pid}`].filter((part) => part !== "").join(", ");
  return known === "" ? "another herm process" : `another herm process (${known})`;
}

/** `path`: the lock's path, set if a killed holder can't be distinguished from a live one. */
export function lockedError(
  text: string,
  { path, waitHint }: { path: string | undefined; waitHint: string | undefined },
): NotPossibleError {
  const hints = [
    "run it again when that process ends",
    ...(path === undefined ? [] : [`if it was killed, its lock, ${path}, expires after a minute`]),
    ...(waitHint === undefined ? [] : [waitHint]),
  ];
  return new NotPossibleError(text, { hint: hints.join("; ") });
}

/** Formats a time as `10:41`, in local time, with the date unless it is today. */
function clockText(at: Date): string {
  const [day = "", clock = ""] = localParts(at);
  return day === localParts(new Date())[0] ? clock : `${day} ${clock}`;
}

function localParts(at: Date): string[] {
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16).split("T");
}
