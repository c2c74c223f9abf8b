import { sha256 } from "../../src/files/sha256.js";

/** The text of a plan's file as somebody leaves it who changes it and makes its sum right. */
export function resealed(plan: string): string {
  const [brace, version, , ...lines] = plan.split("\n");
  return [brace, version, `"sha256": "${sha256(lines.join("\n"))}",`, ...lines].join("\n");
}
