import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors/cli-errors.js";
import { printList, selectColumns, sortRows } from "../../src/output/print-list.js";
import type { Column } from "../../src/output/render-table.js";
import { openPrinter } from "../support/open-printer.js";
import { Captured } from "../support/streams.js";

interface Row {
  id: string;
  name: string;
  runs?: number;
}

const columns: Column<Row>[] = [
  { key: "name", title: "NAME", cell: (row) => row.name },
  { key: "runs", title: "RUNS", cell: (row) => `${row.runs ?? ""}`, order: (row) => row.runs },
  { key: "id", title: "ID", cell: (row) => row.id },
];
const rows: Row[] = [
  { id: "auto_1", name: "report", runs: 10 },
  { id: "auto_2", name: "évil\u202e" },
  { id: "auto_3", name: "backup", runs: 9 },
];

async function* failing(): AsyncGenerator<Row> {
  yield* rows.slice(0, 2);
  throw new Error("server went away");
}

interface Given {
  isTty?: boolean;
  quiet?: boolean;
  stdout?: Writable;
  items?: Iterable<Row> | AsyncIterable<Row>;
}

async function print(output: string, given: Given = {}) {
  const stdout = new Captured();
  const stderr = new Captured();
  const printer = await openPrinter({
    io: {
      stdout: given.stdout ?? stdout,
      stderr,
      stdoutIsTty: given.isTty ?? false,
      stderrIsTty: given.isTty ?? false,
      colour: { stdout: false, stderr: false },
      columns: 80,
    },
    output,
    quiet: given.quiet ?? false,
    githubActions: false,
  });
  const outcome = await printList(printer, {
    items: given.items ?? rows,
    columns,
    json: (row) => ({ automation_id: row.id, name: row.name }),
    name: (row) => row.id,
    empty: "no automations yet: herm automations create",
    total: (count) => `${count} automations`,
  }).catch((error: unknown) => error);
  return { stdout: stdout.text, stderr: stderr.text, writes: stdout.writes, outcome };
}

describe("printList", () => {
  it.each([
    ["table", "report\t10\tauto_1\névil<U+202E>\t\tauto_2\nbackup\t9\tauto_3\n"],
    ["name", "auto_1\nauto_2\nauto_3\n"],
    [
      "jsonl",
      '{"automation_id":"auto_1","name":"report"}\n{"automation_id":"auto_2","name":"évil\\u202e"}\n{"automation_id":"auto_3","name":"backup"}\n',
    ],
  ] as const)("prints lines as %s in a pipe", async (format, stdout) => {
    expect(await print(format)).toMatchObject({ stdout, stderr: "", outcome: 3, writes: 1 });
  });

  it("prints the same json array as JSON.stringify", async () => {
    const { stdout, stderr } = await print("json");
    const items = rows.map((row) => ({ automation_id: row.id, name: row.name }));
    expect(stdout).toBe(`${JSON.stringify(items, null, 2).replace("\u202e", "\\u202e")}\n`);
    expect(stderr).toBe("");
  });

  it.each(["json", "jsonl", "name"] as const)("prints %s on a terminal just as in a pipe", async (format) => {
    expect((await print(format, { isTty: true })).stdout).toBe((await print(format)).stdout);
  });

  it("converts a long array in parts, with the same result", async () => {
    const items = Array.from({ length: 1_203 }, (_, at) => ({ id: `auto_${at}`, name: "x".repeat(100) }));
    const written: string[] = [];
    const stdout = new Writable({
      write: (chunk, _encoding, done) => {
        written.push(String(chunk));
        done();
      },
    });
    await print("json", { items, stdout });
    const whole = items.map(({ id, name }) => ({ automation_id: id, name }));
    expect(written.join("")).toBe(`${JSON.stringify(whole, null, 2)}\n`);
    expect(Math.max(...written.map(({ length }) => length))).toBeLessThan(written.join("").length / 2);
  });

  it("prints a header for a table, and a total on stderr", async () => {
    expect(await print("table", { isTty: true })).toMatchObject({
      stdout:
        "NAME          RUNS  ID\nreport        10    auto_1\névil<U+202E>        auto_2\nbackup        9     auto_3\n",
      stderr: "3 automations\n",
    });
    expect((await print("table", { isTty: true, quiet: true })).stderr).toBe("");
  });

  it.each([
    ["table", "", "no automations yet: herm automations create\n"],
    ["json", "[]\n", ""],
    ["jsonl", "", ""],
    ["name", "", ""],
  ] as const)("prints an empty list as %s in the usual form", async (format, stdout, stderr) => {
    expect(await print(format, { items: [] })).toMatchObject({ stdout, stderr, outcome: 0 });
  });

  it.each([
    ["table", "report\t10\tauto_1\névil<U+202E>\t\tauto_2\n"],
    ["name", "auto_1\nauto_2\n"],
    [
      "json",
      '[\n  {\n    "automation_id": "auto_1",\n    "name": "report"\n  },\n  {\n    "automation_id": "auto_2",\n    "name": "évil\\u202e"\n  }',
    ],
  ] as const)("prints items before a failure as %s, but never a complete array", async (format, stdout) => {
    const printed = await print(format, { items: failing() });
    expect(printed.outcome).toEqual(new Error("server went away"));
    expect(printed.stdout).toBe(stdout);
  });

  it.each(["table", "json", "jsonl", "name"] as const)(
    "stops reading as %s when its output pipe closes",
    async (format) => {
      let served = 0;
      let isReleased = false;
      async function* endless(): AsyncGenerator<Row> {
        try {
          for (;;) {
            served += 1;
            yield { id: `auto_${served}`, name: "x".repeat(1000) };
          }
        } finally {
          isReleased = true;
        }
      }
      const stdout = new Writable({
        write: (_chunk, _encoding, callback) =>
          callback(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
      });
      const printed = await print(format, { stdout, items: endless() });
      expect(printed.stderr).toBe("");
      expect(served).toBeLessThan(10_000);
      expect(isReleased).toBe(true);
    },
  );
});

describe("the selection of columns", () => {
  it("keeps the given order", () => {
    expect(selectColumns(columns, ["id", "name"]).map(({ key }) => key)).toEqual(["id", "name"]);
    expect(selectColumns(columns, undefined)).toEqual(columns);
  });

  it("rejects unknown columns", () => {
    const refused = (key: string, hint: string) =>
      expect(() => selectColumns(columns, [key])).toThrow(
        new UsageError(`--columns: there is no column "${key}"`, { hint }),
      );
    refused("nam", "did you mean name?");
    refused("owner", "the columns are name, runs, id");
    expect(() => sortRows(rows, columns, "x")).toThrow('--sort: there is no column "x"');
  });

  it.each([
    ["name", ["auto_3", "auto_1", "auto_2"]],
    ["runs", ["auto_3", "auto_1", "auto_2"]],
    ["id", ["auto_1", "auto_2", "auto_3"]],
  ])("allows sorting by %s", (key, ids) => {
    expect(sortRows(rows, columns, key).map(({ id }) => id)).toEqual(ids);
  });
});
