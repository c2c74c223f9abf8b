import { describe, expect, it } from "vitest";
import { type Column, renderTable } from "../../src/output/render-table.js";
import { loadStyle, plainStyle } from "../../src/output/style.js";
import { ChangeTracker } from "../../src/output/terminal/watch-screen.js";

describe("the marks of changes", () => {
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

  it("are absent at first, then show new, changed and removed rows", async () => {
    const marks = new ChangeTracker(columns, (row) => row.id);
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
