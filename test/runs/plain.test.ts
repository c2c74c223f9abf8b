import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RawEvent } from "../../src/api/types.js";
import { jsonlView, plainView, silentView } from "../../src/runs/live-view.js";
import { readEvent, reduce, startRun } from "../../src/runs/reduce.js";
import { openPrinter } from "../support/open-printer.js";
import { Captured } from "../support/streams.js";
import { terminalTexts } from "../support/terminal-texts.js";
import { question, result, status, token, tool } from "./events.js";

/** The text that a pipe gets if events arrive in these batches. */
async function piped(batches: RawEvent[][], view: typeof plainView = plainView) {
  const stdout = new Captured();
  const stderr = new Captured();
  const printer = await openPrinter({
    io: {
      stdout,
      stderr,
      stdoutIsTty: false,
      stderrIsTty: false,
      colour: { stdout: false, stderr: false },
      columns: 80,
    },
    quiet: false,
    githubActions: false,
  });
  const shown = view(printer);
  let state = startRun("run_1");
  for (const batch of batches) {
    const events = batch.map(readEvent);
    state = events.reduce(reduce, state);
    await shown.show(events, state);
  }
  await shown.note("a word");
  await shown.end(state, "closing");
  await shown.close();
  return { stdout: stdout.text, stderr: stderr.text, writes: stdout.writes };
}

describe("a run in a pipe", () => {
  it("consists of plain lines in the order of the events", async () => {
    const { stdout, stderr } = await piped([
      [status("running"), token("Looking at "), token("videos.\nFound")],
      [tool("search", { query: "top\nvideo" }), result("search", "3 results\nmore")],
      [tool("crop", null), result("crop", null)],
      [question("Publish all five?\nIt costs 3 credits.")],
      [token("Publishing"), tool("publish", {})],
      [status("completed")],
    ]);

    expect(stdout).toBe(
      [
        "Looking at videos.",
        "Found",
        '→ search {"query":"top\\nvideo"}',
        "← search 3 results\\nmore",
        "→ crop",
        "← crop",
        "? Publish all five?",
        "  It costs 3 credits.",
        "Publishing",
        "→ publish {}",
        "← publish (no result)",
        "closing",
        "",
      ].join("\n"),
    );
    expect(stderr).toBe("a word\n");
  });

  it("buffers a line until the line or the run ends", async () => {
    expect((await piped([[token("no line feed")]])).stdout).toBe("no line feed\nclosing\n");
    expect((await piped([[token("a\n\nb\n")]])).stdout).toBe("a\n\nb\nclosing\n");
    expect((await piped([[token("dos\r")], [token("\nline")]])).stdout).toBe("dos\nline\nclosing\n");
  });

  it("writes once for events that arrive together", async () => {
    const many = Array.from({ length: 10_000 }, (_, at) => token(`line ${at}\n`));

    expect((await piped([many])).writes).toBe(2);
  });

  it("is the same, however the text is split into chunks", async () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom("\n", " ", "\r", "\u001b", "字", "👍"), fc.string()),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 12 }), fc.nat(), async (deltas, cut) => {
        const tokens = deltas.map((delta) => token(delta));
        const at = tokens.length === 0 ? 0 : cut % tokens.length;
        const whole = await piped([[token(deltas.join(""))]]);

        expect((await piped([tokens.slice(0, at), tokens.slice(at)])).stdout).toBe(whole.stdout);
        expect((await piped(tokens.map((one) => [one]))).stdout).toBe(whole.stdout);
      }),
      { numRuns: 60 },
    );
  });

  it.each(terminalTexts.attacks)("escapes $name wherever a server puts it", async ({ text }) => {
    const { stdout } = await piped([
      [token(text), tool(text, text), result(text, { text }), question(text), status("error")],
    ]);

    expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  });
});

describe("a run as JSON lines", () => {
  it("contains each event unchanged", async () => {
    const unknown = { event: "new_thing", id: "", data: "not JSON" };
    const { stdout } = await piped([[{ ...token("a\u009b"), id: "evt_9" }, unknown]], jsonlView);

    expect(stdout).toBe(
      '{"event":"token","id":"evt_9","data":{"run_id":"run_1","thread_id":"thr_1","delta":"a\\u009b"}}\n' +
        '{"event":"new_thing","id":"","data":"not JSON"}\n',
    );
  });
});

describe("a run in other formats", () => {
  it("prints only at its end", async () => {
    expect(await piped([[token("text\n")]], silentView)).toEqual({
      stdout: "",
      stderr: "a word\n",
      writes: 0,
    });
  });
});
