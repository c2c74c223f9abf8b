import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { readLedger } from "../../src/incident/ledger.js";
import { formatLedgerLines, type HeadLine, type LedgerLine } from "../../src/incident/ledger-lines.js";
import { readHead, readPart } from "../../src/incident/ledger-part.js";
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

describe("a part of a ledger", () => {
  it("says of its deployments what the whole says, also across the pieces in which it is read", () => {
    const place = ledgerOf(
      formatLedgerLines([
        head,
        ...others(10_000),
        ...linesOf("dep_x", "auto_x", `"deployment_id":"dep_1" 🙂`.repeat(50)),
        { type: "closed", at, why: "given up" },
        { type: "reopened", at },
      ]),
    );
    const whole = readLedger(files, place);
    const wanted = new Set(["dep_x", "dep_7"]);
    const part = readPart(files, place, wanted);
    expect([...(part?.items ?? [])]).toEqual(
      [...(whole?.items ?? [])].filter(([, { line }]) => wanted.has(line.deployment_id)),
    );
    expect(part?.items.size).toBe(101);
    expect(part).toMatchObject({ head, closed: undefined });
    expect(readHead(files, place)).toEqual(head);
  });

  it.each([
    ["isn't there", ""],
    ["is none", "nonsense\n"],
    ["is of a newer herm", formatLedgerLines([{ ...head, version: 2 }, ...linesOf("dep_x", "auto_x")])],
    ["has two heads", formatLedgerLines([head, head, ...linesOf("dep_x", "auto_x")])],
  ])("of what %s is nothing", (_, text) => {
    expect(readPart(files, ledgerOf(text), new Set(["dep_x"]))).toBeUndefined();
  });
});
