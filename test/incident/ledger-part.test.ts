import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { formatLedgerLines, type HeadLine, type LedgerLine } from "../../src/incident/ledger-lines.js";
import { readEveryLine } from "../../src/incident/ledger-part.js";
import { freshPlaces } from "../settings/places.js";
import { self } from "../settings/self.js";

const files = createPrivateFiles(self);
const at = "2026-01-05T03:00:00.000Z";
const head: HeadLine = {
  type: "incident",
  version: 1,
  incident: "INC-1",
  reason: null,
  created_at: at,
  target: { origin: "https://api.prismagents.com", profile: "default", key_last4: null },
  by: { user: "ada", host: "night" },
};

function linesOf(deployment_id: string, automation_id: string, name = "Weekly €"): LedgerLine[] {
  const ids = { deployment_id, automation_id };
  return [
    { type: "item", at, ...ids, customer_id: "cus_1", name, schedule: "0 9 * * 1", was_enabled: true },
    { type: "sent", change: "pause", ...ids },
    { type: "outcome", at, change: "pause", ...ids, result: "done", updated_at: at },
  ];
}

function ledgerOf(text: string) {
  const path = join(freshPlaces().home, "data", "incidents", "inc-1.jsonl");
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
  return { path, isBeside: false };
}

const others = (count: number) =>
  Array.from({ length: count }, (_, number) => linesOf(`dep_${number % 100}`, `auto_${number}`)).flat();

describe("the lines of a ledger", () => {
  it("are the same across the pieces in which it is read, without what isn't one", () => {
    const lines: LedgerLine[] = [
      head,
      ...others(10_000),
      ...linesOf("dep_x", "auto_x", `"deployment_id":"dep_1" 🙂`.repeat(50)),
      { type: "closed", at, why: "given up" },
    ];
    expect(readEveryLine(files, ledgerOf(`${formatLedgerLines(lines)}nonsense`))).toEqual(lines);
    expect(readEveryLine(files, ledgerOf(""))).toEqual([]);
  });
});
