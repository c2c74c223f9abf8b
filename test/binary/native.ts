import { closeSync, existsSync, openSync, readSync } from "node:fs";

/** The first bytes of native programs: ELF, 64-bit Mach-O, Windows. */
const beginnings = ["7f454c46", "cffaedfe", "4d5a"];

/** True for a native program rather than a script for Node. */
export function isNative(file: string): boolean {
  if (!existsSync(file)) return false;
  const bytes = Buffer.alloc(4);
  const opened = openSync(file, "r");
  readSync(opened, bytes);
  closeSync(opened);
  return beginnings.some((each) => bytes.toString("hex").startsWith(each));
}
