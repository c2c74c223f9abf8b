import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Mistakes } from "../../src/manifest/mistake.js";
import {
  AutomationRecord,
  fingerprintOf,
  keyOfName,
  recordText,
} from "../../src/manifest/record/automation-record.js";
import { looksLikeRecord, readRecord } from "../../src/manifest/record/read.js";
import { reconcileRecord } from "../../src/manifest/record/reconcile.js";
import { actual, desired } from "./desired-items.js";
import { mistakesOf } from "./reading.js";

const head = 'record: 1\napi: "https://api.example.com"\nmade:\n';

function read(text: string) {
  const mistakes = new Mistakes();
  const reading = readRecord({ file: "r", text }, mistakes);
  mistakes.throwIfAny();
  return reading;
}

const wrong = (text: string) => mistakesOf((async () => read(text))());

const recordOf = (...lines: string[]) => {
  const { record } = read(head + lines.map((line) => `  dep_1/${line}\n`).join(""));
  if (record === undefined) throw new Error("nothing was read");
  return record;
};

describe("a record", () => {
  it("is read back as written, and sorted, whatever its content", () => {
    const id = (prefix: string) => fc.stringMatching(/^\w{1,12}$/).map((text) => `${prefix}_${text}`);
    const name = fc.string({ unit: "binary", minLength: 1 }).filter((text) => text.trim() !== "");
    const itemId = fc.stringMatching(/^[A-Za-z0-9-]{1,12}$/);
    const key = fc.oneof(name.map(keyOfName), itemId);
    const mark = fc.constantFrom("paused" as const, "initial" as const, undefined);
    const entry = fc.record({ deployment_id: id("dep"), automation_id: id("auto"), key, mark });
    const called = { id: fc.option(itemId, { nil: undefined }), name };
    const create = fc.record({
      deployment_id: id("dep"),
      ...called,
      fingerprint: fc.stringMatching(/^[0-9a-f]{16}$/),
    });
    const whole = fc.record({
      api: fc.record({ origin: fc.string(), store_id: fc.option(fc.string(), { nil: undefined }) }),
      entries: fc.array(entry),
      pendingCreates: fc.array(create),
      deletions: fc.array(entry, { maxLength: 2 }),
      isForeignForm: fc.boolean(),
    });
    fc.assert(
      fc.property(
        whole,
        ({ api: { origin, store_id }, entries, pendingCreates, deletions, isForeignForm }) => {
          const record = new AutomationRecord(store_id === undefined ? { origin } : { origin, store_id });
          for (const each of entries) record.add(each);
          for (const each of pendingCreates) record.addPendingCreate(each);
          for (const each of deletions) record.addPendingDeletion(each);
          const text = recordText(record);
          expect(looksLikeRecord(text)).toBe(true);
          const reading = read(isForeignForm ? text.replaceAll("\n", "\r\n") : text);
          expect(reading.record && recordText(reading.record)).toBe(text);
          expect(reading.needsRewrite).toBe(pendingCreates.length + deletions.length > 0);
        },
      ),
    );
  });

  it.each([
    ["nothing", ""],
    ["blank lines and a comment", "\n# herm.lock.yaml\n\n"],
  ])("is empty if its file contains %s", (_, text) => {
    expect(read(text)).toEqual({ record: undefined, needsRewrite: false });
  });

  it("merges two lines for one automation: initial wins, paused needs both", () => {
    const marked = 'auto_1: "A" # paused';
    expect(recordText(recordOf(marked, marked))).toContain(`/${marked}\n`);
    for (const lines of [
      [marked, 'auto_1: "A"'],
      ['auto_1: "A"', marked],
    ])
      expect(recordOf(...lines).entries).toEqual([
        { deployment_id: "dep_1", automation_id: "auto_1", key: '"A"', mark: undefined },
      ]);
    expect(recordOf("auto_1: weekly # paused").entries).toMatchObject([{ key: "weekly", mark: "paused" }]);
    for (const other of ['auto_1: "A"', marked])
      for (const lines of [
        [other, 'auto_1: "A" # initial'],
        ['auto_1: "A" # initial', other],
      ])
        expect(recordOf(...lines).entries).toMatchObject([{ mark: "initial" }]);
    expect(recordOf('auto_1: "a # paused"').entries).toMatchObject([{ key: '"a # paused"' }]);
  });

  it("can be read with single quotes, comments, and a cut-off intent", () => {
    const { record, needsRewrite } = read(
      `# a\n${head}  dep_1/auto_2: 'it''s'\n\n  dep_1/deleting-auto_3: "cut`,
    );
    expect(record?.entries).toMatchObject([
      { deployment_id: "dep_1", automation_id: "auto_2", key: '"it\'s"' },
    ]);
    expect(needsRewrite).toBe(true);
    const intent = '  dep_1/making-0123456789abcdef: "B"\n';
    expect(read(`${head}${intent}  dep_1/auto_3: "cu`).record?.pendingCreates).toHaveLength(1);
  });

  it("is rejected if an entry is cut off", async () => {
    expect(await wrong(`${head}  dep_1/auto_2: "A"\n  dep_1/auto_3: "cu`)).toEqual([
      "r:5:1: cut off (restore it from git)",
    ]);
  });

  it("counts lines with the same key once, even if formatted differently", () => {
    const { entries } = recordOf(
      'auto_1: "A"',
      'auto_1:  "A"',
      "auto_1: 'A'",
      'auto_2: "B:  C"',
      'auto_2: "B: C"',
    );
    expect(entries.map(({ key }) => key)).toEqual(['"A"', '"B:  C"', '"B: C"']);
  });

  it("reports unsorted lines at its end", () => {
    expect(read(`${head}  dep_1/auto_2: "B"\n  dep_1/auto_1: "A"\n`).needsRewrite).toBe(true);
    expect(read(`${head}  dep_1/auto_1: "A"\n  dep_1/auto_2: "B"\n`).needsRewrite).toBe(false);
  });

  it.each([
    ["record: 1\n", ["r:1:1: a record needs api (restore…", "r:1:1: a record needs made (restore…"]],
    [`record: 2\n${head.slice(10)}`, ["r:1:1: a newer herm wrote this record"]],
    [`record: 10\n${head.slice(10)}`, ["r:1:1: a newer herm wrote this record"]],
    [`record: 0\n${head.slice(10)}`, ["r:1:1: not a line of a record (restore…"]],
    [`${head}api: "x"\n`, ["r:4:1: not a line of a record (…"]],
    [`${head}mode: 1\n`, ["r:4:1: not a line of a record (restore it from git)"]],
    [`${head}made: 1\n`, ["r:4:1: not a line of a record (…"]],
    [`${head}  __proto__: "x"\n`, ["r:4:1: not a line of a record (…"]],
    [
      `${head}  dep_1/../auto_1: "A"\n  x/auto_1: "A"\n`,
      ["r:4:1: 2 lines aren't as herm wrote them (reformatted: restore it from git)"],
    ],
    [`${head}  dep_1/deleting-auto_1: "A" # paused\n`, ["r:4:1: not a line of a record (…"]],
    [`${head}  dep_1/auto_1: A B\n`, ["r:4:1: not a line of a record (…"]],
    [`${head}  dep_1/auto_1: " "\n`, ["r:4:1: not a line of a record (…"]],
    [`${head}  dep_1/auto_1: ["A"]\n`, ["r:4:1: not a line of a record (…"]],
    [`${head}    dep_1/auto_1: "A"\n\t- x\n`, ["r:4:1: 2 lines aren't as herm wrote them (…"]],
    [`  dep_1/auto_1: "A"\n${head}`, ["r:1:1: not a line of a record (…"]],
    [
      `${head}${[1, 2, 3].map((at) => `<<<<<<< HEAD\n  bad\n=======\n  worse\n>>>>>>> other\n  dep_1/auto_${at}: "A"\n`).join("")}`,
      ["r:4:1: git couldn't merge this and 2 more like it (…"],
    ],
    [`${head}<<<<<<< HEAD\n  bad\n=======\n  worse\n>>>>>>> other\n`, ["r:4:1: git couldn't merge this (…"]],
    ["automations:\n  - name: A\n", ["r:1:1: this isn't a record"]],
    ['{\n"a": 1\n}\n', ["r:1:1: this isn't a record"]],
    [`${head}=======\n`, ["r:4:1: not a line of a record (…"]],
  ])("is rejected, with all its mistakes listed: %j", async (text, says) => {
    const said = await wrong(text);
    expect(said).toHaveLength(says.length);
    said.forEach((each, at) => {
      const expected = says[at] ?? "";
      if (expected.endsWith("…")) expect(each.startsWith(expected.slice(0, -1))).toBe(true);
      else expect(each).toBe(expected);
    });
  });
});

describe("the completion of a record", () => {
  const fingerprint = fingerprintOf({ name: "A", schedule: "every day at 9am", instructions: "do it" });
  const state = (...actuals: ReturnType<typeof actual>[]) => [
    {
      target: { deployment_id: "dep_1", name: "One", isNamed: true },
      desired: desired([]),
      actual: actuals,
    },
  ];

  it("accepts the automation of a create, however its schedule is written", () => {
    const record = recordOf(`making-${fingerprint}: "A"`);
    expect(
      reconcileRecord(record, state(actual("1", "A"), actual("2", "A", { instructions: "other" }))),
    ).toEqual([]);
    expect(record.entries).toEqual([{ deployment_id: "dep_1", automation_id: "auto_1", key: '"A"' }]);
    expect(record.pendingCreates).toEqual([]);
  });

  it("accepts no automation without a create, or if several match", () => {
    const none = recordOf(`making-${fingerprint}: "A"`);
    expect(reconcileRecord(none, state(actual("2", "A", { instructions: "other" })))).toEqual([]);
    const two = recordOf(`making-${fingerprint}: "A"`);
    expect(reconcileRecord(two, state(actual("1", "A"), actual("2", "A")))).toMatchObject([
      { name: "A", ids: ["auto_1", "auto_2"] },
    ]);
    expect([none.entries, none.pendingCreates, two.entries, two.pendingCreates]).toEqual([[], [], [], []]);
  });

  it("leaves creates open in unreadable deployments", () => {
    const record = recordOf(`making-${fingerprint}: "A"`, 'deleting-auto_1: "B"', 'auto_1: "B"');
    reconcileRecord(
      record,
      state().map((each) => ({ ...each, error: new Error("no") })),
    );
    reconcileRecord(record, []);
    expect([record.pendingCreates.length, record.pendingDeletions.length]).toEqual([1, 1]);
  });

  it("leaves deletions of unknown automations open", () => {
    const record = recordOf('auto_1: "A"', 'deleting-auto_1: "A"');
    const unknown = new Map([["auto_1", new Error("500")]]);
    reconcileRecord(
      record,
      state().map((each) => ({ ...each, unknown })),
    );
    expect([record.entries.length, record.pendingDeletions.length]).toEqual([1, 1]);
  });

  it("drops deleted automations, and keeps others", () => {
    const lines = ['auto_1: "A"', 'auto_2: "B"', 'deleting-auto_1: "A"', 'deleting-auto_2: "B"'];
    const record = recordOf(...lines);
    reconcileRecord(record, state(actual("2", "B")));
    expect(record.entries.map(({ key }) => key)).toEqual(['"B"']);
    expect(record.pendingDeletions).toEqual([]);
  });
});
