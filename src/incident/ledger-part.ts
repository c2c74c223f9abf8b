import type { PrivateFiles } from "../files/private-files.js";
import type { LedgerPlace } from "./ledger.js";
import { type LedgerLine, parseLine } from "./ledger-lines.js";

/** A line that is longer was written by nobody. */
const longestLine = 8 * 1024 * 1024;

/** Every whole line of a ledger that this herm reads, in order; what isn't one is passed over. */
export function readEveryLine(files: PrivateFiles, { path, isBeside }: LedgerPlace): LedgerLine[] {
  const lines: LedgerLine[] = [];
  const take = (text: string) => {
    const line = parseLine(text);
    if (line !== undefined) lines.push(line);
  };
  let rest = "";
  files.readPieces(path, { isShared: isBeside }, (piece) => {
    const texts = (rest + piece).split("\n");
    rest = texts.pop() ?? "";
    for (const text of texts) take(text);
    return rest.length <= longestLine;
  });
  if (rest.length <= longestLine) take(rest);
  return lines;
}
