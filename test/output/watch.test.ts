import { Writable } from "node:stream";
import xterm from "@xterm/headless";
import { describe, expect, it } from "vitest";
import { loadStyle, plainStyle } from "../../src/output/style.js";
import { type Column, renderTable } from "../../src/output/table.js";
import { ChangeMarks, WatchScreen } from "../../src/output/watch.js";

class Terminal extends Writable {
  readonly rows = 5;
  readonly emulator = new xterm.Terminal({ cols: 40, rows: 5, allowProposedApi: true, logLevel: "off" });

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.emulator.write(chunk, callback);
  }

  get screen(): string[] {
    const { active } = this.emulator.buffer;
    return Array.from(
      { length: 5 },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "",
    );
  }
}

describe("a watch screen", () => {
  it("redraws in place and gives the person's own screen back", async () => {
    const stdout = new Terminal();
    stdout.write("$ herm automations list --watch\r\n");
    const screen = new WatchScreen({ stdout });
    await screen.show("NAME  ID\nreport  auto_1\nbackup  auto_2\n");
    expect(stdout.screen).toEqual(["NAME  ID", "report  auto_1", "backup  auto_2", "", ""]);
    await screen.show("NAME\nrep\n");
    expect(stdout.screen).toEqual(["NAME", "rep", "", "", ""]);
    await screen.show("1\n2\n3\n4\n5\n6\n7\n");
    expect(stdout.screen).toEqual(["1", "2", "3", "4", "… 3 more"]);
    await screen.close();
    await screen.close();
    expect(stdout.screen).toEqual(["$ herm automations list --watch", "", "", "", ""]);
    expect(stdout.emulator.buffer.active.type).toBe("normal");
  });

  it("leaves a terminal alone on which nothing was shown", async () => {
    const stdout = new Terminal();
    await new WatchScreen({ stdout }).close();
    expect(stdout.screen).toEqual(["", "", "", "", ""]);
  });
});

describe("change marks", () => {
  interface Row {
    id: string;
    status: string;
    last: string;
    ago: string;
  }
  const columns: Column<Row>[] = [
    {
      key: "status",
      title: "STATUS",
      cell: (row) => row.status,
      style: (text, _row, style) => style.fine(text),
    },
    { key: "last", title: "LAST RUN", cell: (row) => row.ago, piped: (row) => row.last },
    { key: "id", title: "ID", cell: (row) => row.id },
  ];
  const first = [
    { id: "auto_1", status: "ok", last: "09:00", ago: "3 h ago" },
    { id: "auto_2", status: "ok", last: "10:00", ago: "2 h ago" },
    { id: "auto_3", status: "ok", last: "11:00", ago: "1 h ago" },
  ];
  const second = [
    { id: "auto_1", status: "ok", last: "09:00", ago: "4 h ago" },
    { id: "auto_2", status: "error", last: "10:00", ago: "3 h ago" },
    { id: "auto_4", status: "ok", last: "13:00", ago: "now" },
  ];

  it("show nothing at first, then what is new, changed and gone", async () => {
    const marks = new ChangeMarks(columns, (row) => row.id);
    const before = marks.next(first);
    expect(before.gone).toBe(0);
    expect(await renderTable(first, before.columns, { width: 80, style: plainStyle })).toBe(
      "   STATUS  LAST RUN  ID\n   ok      3 h ago   auto_1\n   ok      2 h ago   auto_2\n   ok      1 h ago   auto_3\n",
    );
    const after = marks.next(second);
    expect(after.gone).toBe(1);
    expect(await renderTable(second, after.columns, { width: 80, style: plainStyle })).toBe(
      "   STATUS  LAST RUN  ID\n   ok      4 h ago   auto_1\n*  error   3 h ago   auto_2\n+  ok      now       auto_4\n",
    );
    const bold = await renderTable(second, after.columns, {
      width: 80,
      style: await loadStyle({ colour: { stdout: true, stderr: true } }, "stdout"),
    });
    expect(bold).toContain("\x1b[1merror\x1b[22m");
  });
});
