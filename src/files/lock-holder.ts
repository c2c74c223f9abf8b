import { hostname } from "node:os";
import { NotPossibleError } from "../errors.js";

/** The holder of a lock and since when, as that one wrote it; empty where it didn't. */
export interface HolderSignature {
  user: string;
  host: string;
  since: string;
}

/** `another herm (ada on night)`: the user and, if it isn't this one, the machine, as far as they are known. */
export function holderName({ user, host }: HolderSignature): string {
  const where = host === "" || host === hostname() ? "" : `on ${host}`;
  const known = [user, where].filter((part) => part !== "").join(" ");
  return known === "" ? "another herm" : `another herm (${known})`;
}

export function lockedError(what: string, signature: HolderSignature): NotPossibleError {
  const since = new Date(signature.since);
  const when = Number.isNaN(since.getTime()) ? "" : ` since ${clockText(since)}`;
  return new NotPossibleError(`${what} is locked by ${holderName(signature)}${when}`, {
    hint: "run it again when that one has ended; a killed herm frees its lock after a minute",
  });
}

/** `10:41` on this machine, with the date where that isn't today. */
function clockText(at: Date): string {
  const [day = "", clock = ""] = localParts(at);
  return day === localParts(new Date())[0] ? clock : `${day} ${clock}`;
}

function localParts(at: Date): string[] {
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16).split("T");
}
