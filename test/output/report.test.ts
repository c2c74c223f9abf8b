import { describe, expect, it } from "vitest";
import type { ErrorReport } from "../../src/output/formats/format.js";
import { loadFormat } from "../../src/output/formats/formats.js";
import { plainStyle } from "../../src/output/style.js";
import { foldProse } from "../../src/output/text/fold.js";

const render = async (report: ErrorReport, format: string, width?: number) =>
  (await loadFormat(format)).error(report, {
    style: plainStyle,
    githubActions: false,
    fold: (text) => (width === undefined ? text : foldProse(text, width)),
  });

describe("an error", () => {
  it.each([
    [{ message: "no automation x", code: "not_found" }, "error: no automation x\n"],
    [{ message: "a", code: "x", hint: "do b" }, "error: a\nhint: do b\n"],
    [{ message: "a", code: "x", requestId: "req_1" }, "error: a (request req_1)\n"],
    [{ message: "key\nhint: run \x1b[2J", code: "x", hint: "b" }, "error: key\n  hint: run ^[[2J\nhint: b\n"],
  ])("is shown on a terminal: %o", async (report, text) => {
    expect(await render(report, "table")).toBe(text);
    expect(await render(report, "name")).toBe(text);
  });

  it.each([
    ["the run failed: it is locked", "error: the run failed: it is\n  locked\n"],
    ["one two three four five sixteen", "error: one two three four five\n  sixteen\n"],
    [
      "short\n+ seven eight nine ten eleven twelve",
      "error: short\n  + seven eight nine ten eleven\n  twelve\n",
    ],
    ["herm automations list shows all of them", "error: herm automations list\n  shows all of them\n"],
    ["herm incidents show INC-4242 shows all", "error:\n  herm incidents show INC-4242\n  shows all\n"],
    ["your text is saved in /home/ada/kept.md", "error: your text is saved in\n  /home/ada/kept.md\n"],
    [
      "gone (see /home/ada/notes/of/a/long/week.md)",
      "error: gone (see\n  /home/ada/notes/of/a/long/week.md)\n",
    ],
    [
      "herm auth status and `herm deployments list -d 'It'\\''s, and rarely' --all`; both show it",
      "error: herm auth status and\n  `herm deployments list -d 'It'\\''s, and rarely' --all`;\n  both show it\n",
    ],
    [
      "left paused: herm incidents resume --incident INC-4242; herm status shows all",
      "error: left paused:\n  herm incidents resume --incident INC-4242;\n  herm status shows all\n",
    ],
  ])("is wrapped without breaking a word or command on a terminal: %s", async (message, text) => {
    expect(await render({ message, code: "x" }, "table", 32)).toBe(text);
  });

  it.each([
    [{ message: "a\nb\x9b", code: "not_found" }, '{"error":{"code":"not_found","message":"a\\nb\\u009b"}}\n'],
    [
      { message: "a", code: "x", status: 500, requestId: "req_1", hint: "wait" },
      '{"error":{"code":"x","message":"a","status":500,"request_id":"req_1","hint":"wait"}}\n',
    ],
  ])("is shown as JSON: %o", async (report, text) => {
    expect(await render(report, "json")).toBe(text);
    expect(await render(report, "jsonl")).toBe(text);
  });
});
