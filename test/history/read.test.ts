import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { type ChangeHead, fieldsBefore, type ItemOutcome, type NewItem } from "../../src/history/change.js";
import { ChangeFile } from "../../src/history/change-file.js";
import { listStored } from "../../src/history/folder.js";
import { parseChange } from "../../src/history/parse.js";
import { readChange, readChanges } from "../../src/history/read.js";
import { freshPlaces } from "../settings/places.js";
import { self } from "../settings/self.js";

const files = createPrivateFiles(self);
const freshPlace = () => ({ files, dataDir: join(freshPlaces().home, "data") });
const later = new Date("2026-10-04T10:12:00Z");

const head: ChangeHead = {
  id: "c_7f3kq9",
  at: "2026-10-04T10:11:12.123Z",
  by: { user: "ada", host: "night" },
  command: "herm apply",
  target: { origin: "https://api.example", profile: "prod" },
  reason: "the launch",
  undoes: "c_aaaaaa",
};

const anyText = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom("Do it.", "Zeile\n€ \u2028", ""));
const anyFields = fc.record(
  { name: anyText, instructions: anyText, schedule: anyText, enabled: fc.boolean() },
  { requiredKeys: [] },
);
const anyItem: fc.Arbitrary<NewItem> = fc.record({
  act: fc.constantFrom("create" as const, "update" as const, "delete" as const),
  deployment_id: fc.constantFrom("dep_1", "dep_2"),
  automation_id: fc.option(fc.constantFrom("auto_1", "auto_2")),
  name: fc.option(anyText),
  before: anyFields,
  after: anyFields,
});
const anyOutcome: fc.Arbitrary<ItemOutcome> = fc.record(
  {
    result: fc.constantFrom("done" as const, "failed" as const, "unknown" as const),
    updated_at: anyText,
    error: anyText,
  },
  { requiredKeys: ["result"] },
);
const anySteps = fc.array(
  fc.record({ item: anyItem, isSent: fc.boolean(), outcome: fc.option(anyOutcome, { nil: undefined }) }),
  { minLength: 1, maxLength: 6 },
);
const anyLock = fc.constantFrom("held" as const, "left" as const, "none" as const);

type Steps = readonly { item: NewItem; isSent?: boolean; outcome: ItemOutcome | undefined }[];

/** Writes a change; returns its text. */
async function textOf(steps: Steps, { isClosed }: { isClosed: boolean }): Promise<string> {
  const place = freshPlace();
  const file = new ChangeFile(place, head);
  const numbers = await file.add(steps.map(({ item }) => item));
  for (const [at, { isSent, outcome }] of steps.entries()) {
    if (isSent) file.sending({ sending: numbers[at] ?? 0, at: later.toISOString() });
    if (outcome !== undefined) file.outcome(numbers[at] ?? 0, later, outcome);
  }
  if (isClosed) file.close(later);
  return readFileSync(listStored(place)[0]?.path ?? "", "utf8");
}

/** As JSON stores it, without undefined fields. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe("a change read from its file", () => {
  it("equals the change as written", async () => {
    await fc.assert(
      fc.asyncProperty(anySteps, fc.boolean(), anyLock, async (steps, isClosed, lock) => {
        const change = parseChange(await textOf(steps, { isClosed }), lock);
        // Only for a change that was closed, or killed since this machine started, is it known which items were never
        // sent.
        const unsent = { result: isClosed || lock === "left" ? "skipped" : "unknown" };
        const items = steps.map(({ item, isSent, outcome }) => ({
          ...item,
          ...(isSent ? { sent_at: later.toISOString(), result: "unknown" } : unsent),
          ...(outcome && { ...outcome, at: later.toISOString() }),
        }));
        const is_over = isClosed || lock !== "held";
        const was_killed = is_over && !isClosed ? true : undefined;
        expect(plain(change)).toEqual(plain({ ...head, items, is_over, was_killed }));
      }),
      { numRuns: 50 },
    );
  });

  it("contains its complete lines, wherever the file was cut off", async () => {
    const steps: Steps = [
      { item: { ...item("auto_1"), after: { instructions: "Do it. €" } }, outcome: { result: "done" } },
      { item: { ...item("auto_2"), after: { instructions: "Do it. €" } }, outcome: { result: "failed" } },
      { item: item("auto_3"), outcome: undefined },
    ];
    const bytes = Buffer.from(await textOf(steps, { isClosed: true }));
    const whole = parseChange(bytes.toString());
    let count = 0;
    for (let length = 0; length <= bytes.length; length += 1) {
      const cut = parseChange(bytes.subarray(0, length).toString());
      const items = cut?.items ?? [];
      expect(items.length).toBeGreaterThanOrEqual(count);
      count = items.length;
      for (const [at, each] of items.entries()) {
        const { result, at: _at, ...told } = each;
        const { result: end, at: _wholeAt, ...wholly } = whole?.items[at] ?? { result: "unknown" };
        expect(told).toEqual(wholly);
        // Never a wrong outcome, only none yet.
        expect(cut?.is_over ? [end] : ["unknown", end]).toContain(result);
      }
    }
    expect(count).toBe(3);
  });

  it("skips damaged lines", async () => {
    const text = await textOf([{ item: item("auto_1"), outcome: { result: "done" } }], { isClosed: true });
    const [first, ...others] = text.split("\n");
    const damaged = [first, "{", '{"item":"one"}', '{"text":1}', "null", "[]", ...others].join("\n");
    expect(parseChange(damaged)?.items).toMatchObject([{ automation_id: "auto_1", result: "done" }]);
    expect(parseChange(others.join("\n"))).toBeUndefined();
    expect(parseChange(text.replace('"version":1', '"version":2'))).toBeUndefined();
  });

  it.each([["\n"], ["x\n"]])(
    "skips a million lines of %j, which aren't objects, without parsing them",
    async (line) => {
      const text = await textOf([{ item: item("auto_1"), outcome: { result: "done" } }], { isClosed: true });
      const parse = vi.spyOn(JSON, "parse");
      expect(parseChange(text + line.repeat(1_000_000))?.items).toHaveLength(1);
      expect(parse.mock.calls.length).toBeLessThan(10);
      parse.mockRestore();
    },
  );

  it("contains no text that doesn't match its hash", async () => {
    const steps = ["auto_1", "auto_2"].map((id) => ({
      item: { ...item(id), before: { instructions: `of ${id}` }, after: { instructions: "Do it" } },
      outcome: { result: "done" as const },
    }));
    const text = await textOf(steps, { isClosed: true });
    const items = (from: string, to: string) => parseChange(text.replace(from, to))?.items ?? [];
    expect(items("x", "x").map(({ is_damaged }) => is_damaged)).toEqual([undefined, undefined]);
    const [first, second] = items("of auto_1", "of mallory");
    expect([first?.is_damaged, first?.before, second?.is_damaged]).toEqual([
      true,
      { instructions: undefined },
      undefined,
    ]);
    expect(items("Do it", "Do more").map(({ is_damaged }) => is_damaged)).toEqual([true, true]);
  });

  function item(automation_id: string): NewItem {
    return { act: "update", deployment_id: "dep_1", automation_id, name: "Weekly" };
  }
});

describe("the history", () => {
  async function store(place: ReturnType<typeof freshPlace>, own: Partial<ChangeHead>): Promise<void> {
    const file = new ChangeFile(place, { ...head, ...own });
    await file.add([{ act: "trigger", deployment_id: "dep_1", automation_id: "auto_1", name: "Weekly" }]);
    file.close(later);
  }

  it("returns changes since a time, newest first, and lists unreadable ones", async () => {
    const place = freshPlace();
    await store(place, { id: "c_aaaaaa", at: "2026-08-31T00:00:00Z" });
    await store(place, { id: "c_bbbbbb", at: "2026-09-01T00:00:00Z" });
    await store(place, { id: "c_cccccc", at: "2026-10-01T00:00:00Z" });
    const broken: string[] = [];
    const ids = (since?: Date) =>
      [...readChanges(place, { since, onBroken: (path) => broken.push(path) })].map(({ id }) => id);
    expect(ids()).toEqual(["c_cccccc", "c_bbbbbb", "c_aaaaaa"]);
    expect(ids(new Date("2026-09-01T00:00:00Z"))).toEqual(["c_cccccc", "c_bbbbbb"]);
    expect(readChange(place, "c_bbbbbb")).toMatchObject({ at: "2026-09-01T00:00:00Z", is_over: true });
    expect(readChange(place, "c_dddddd")).toBeUndefined();
    writeFileSync(listStored(place)[1]?.path ?? "", "torn");
    expect(ids()).toEqual(["c_cccccc", "c_aaaaaa"]);
    expect(broken).toHaveLength(1);
    expect(readChange(place, "c_bbbbbb")).toBeUndefined();
  });

  it("contains the old values of sent fields, and every field of deleted automations", () => {
    const read = {
      name: "A",
      schedule: "@daily",
      instructions: "x",
      enabled: true,
      updated_at: "t",
      more: 1,
    };
    expect(plain(fieldsBefore(read, { schedule: "@hourly" }))).toEqual({
      schedule: "@daily",
      updated_at: "t",
    });
    const { more: _more, ...all } = read;
    expect(plain(fieldsBefore(read))).toEqual(all);
  });
});
