import type { PrivateFiles } from "../files/private-files.js";
import type { LedgerPlace } from "./ledger.js";
import { type HeadLine, type LedgerLine, parseLine } from "./ledger-lines.js";
import { LedgerState } from "./ledger-state.js";

/** A line that is longer was written by nobody. */
const longestLine = 8 * 1024 * 1024;

/** A ledger's first line, if it is one that this herm reads. */
export function readHead(files: PrivateFiles, place: LedgerPlace): HeadLine | undefined {
  let head: HeadLine | undefined;
  eachLine(files, place, (text) => {
    const line = parseLine(text);
    if (line?.type === "incident" && line.version === 1) head = line;
    return false;
  });
  return head;
}

/** Every whole line of a ledger that this herm reads, in order; what isn't one is passed over. */
export function readEveryLine(files: PrivateFiles, place: LedgerPlace): LedgerLine[] {
  const lines: LedgerLine[] = [];
  eachLine(files, place, (text) => {
    const line = parseLine(text);
    if (line !== undefined) lines.push(line);
    return true;
  });
  return lines;
}

/**
 * What a ledger says of some deployments' automations, and whether it is closed: it is read a piece at a time, and what
 * is about others is neither parsed nor held. Undefined for none, and for one that can't be read.
 */
export function readPart(
  files: PrivateFiles,
  place: LedgerPlace,
  deploymentIds: ReadonlySet<string>,
): LedgerState | undefined {
  let state: LedgerState | undefined;
  let isBroken = false;
  eachLine(files, place, (text) => {
    if (state !== undefined && isOfOthers(text, deploymentIds)) return true;
    const line = parseLine(text);
    // A last line that was cut off is passed over, as a broken one is: marks are a help, no more.
    if (line === undefined) return state !== undefined;
    if (line.type !== "incident") state?.add(line);
    else if (state === undefined && line.version === 1) state = new LedgerState(line);
    else isBroken = true;
    return !isBroken && state !== undefined;
  });
  return isBroken ? undefined : state;
}

const idBegins = '"deployment_id":"';

/** Told by the text alone: quotes within a value are escaped. An id that needs escapes is looked at as a whole. */
function isOfOthers(text: string, wanted: ReadonlySet<string>): boolean {
  const at = text.indexOf(idBegins);
  if (at === -1) return false;
  const begin = at + idBegins.length;
  const id = text.slice(begin, text.indexOf('"', begin));
  return !wanted.has(id) && !id.includes("\\");
}

function eachLine(
  files: PrivateFiles,
  { path, isBeside }: LedgerPlace,
  take: (text: string) => boolean,
): void {
  let rest = "";
  let goesOn = true;
  files.readPieces(path, { isShared: isBeside }, (piece) => {
    const text = rest + piece;
    let begin = 0;
    for (let end = text.indexOf("\n"); goesOn && end !== -1; end = text.indexOf("\n", begin)) {
      goesOn = take(text.slice(begin, end));
      begin = end + 1;
    }
    rest = text.slice(begin);
    goesOn &&= rest.length <= longestLine;
    return goesOn;
  });
  if (goesOn && rest !== "") take(rest);
}
