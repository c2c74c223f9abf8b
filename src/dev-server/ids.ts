import { randomBytes } from "node:crypto";

export type IdPrefix = "dep" | "auto" | "run" | "thr" | "store" | "req" | "fault";

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

export function newId(prefix: IdPrefix): string {
  let id = `${prefix}_`;
  for (const byte of randomBytes(12)) id += alphabet[byte % alphabet.length];
  return id;
}
