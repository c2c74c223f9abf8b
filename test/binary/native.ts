import { closeSync, existsSync, openSync, readSync } from "node:fs";

/** The first bytes of programs that no other program runs: ELF, Mach-O of 64 bits, Windows. */
const beginnings = ["7f454c46", "cffaedfe", "4d5a"];

/** Whether a file is a program of its own, rather than a script for Node. */
export function isNative(file: string): boolean {
  if (!existsSync(file)) return false;
  const bytes = Buffer.alloc(4);
  const opened = openSync(file, "r");
  readSync(opened, bytes);
  closeSync(opened);
  return beginnings.some((each) => bytes.toString("hex").startsWith(each));
}
