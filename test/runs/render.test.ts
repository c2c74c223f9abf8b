import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RawEvent } from "../../src/api/types.js";
import { plainStyle } from "../../src/output/style.js";
import { displayWidth } from "../../src/output/width.js";
import { finishRun, readEvent, reduce, startRun } from "../../src/runs/reduce.js";
import { nothingRendered, render } from "../../src/runs/render.js";
import { question, result, status, token, tool } from "./events.js";

const options = { columns: 40, style: plainStyle, now: 0 };

/** Renders after every batch; returns the text printed for good on the way, and the live text at the end. */
function rendered(batches: RawEvent[][], more: Partial<typeof options & { waitingSince: number }> = {}) {
  let state = startRun("run_1");
  let done = nothingRendered;
  const permanent: string[] = [];
  let live: string[] = [];
  for (const batch of batches) {
    state = batch.map(readEvent).reduce(reduce, state);
    const rendering = render(state, done, { ...options, ...more });
    permanent.push(...rendering.permanent);
    live = rendering.live;
    done = rendering.next;
  }
  return { permanent, live, last: render(finishRun(state), done, { ...options, ...more }).permanent };
}

describe("a run on a terminal", () => {
  it("wraps text, keeps the growing row live and finishes full rows", () => {
    expect(rendered([[token("The best video of last week was about a "), token("brown dog")]])).toEqual({
      permanent: ["The best video of last week was about a"],
      live: ["brown dog"],
      last: ["brown dog"],
    });
  });

  it("continues in a live row when its line ends", () => {
    const batches = [[token("The best video of last week was about a brown")], [token(" dog.\nNext")]];

    expect(rendered(batches)).toEqual({
      permanent: ["The best video of last week was about a", "brown dog."],
      live: ["Next"],
      last: ["Next"],
    });
  });

  it("shows a call while it runs, and completes it in place", () => {
    const call = tool("search", { query: "top influencer video" });

    expect(rendered([[token("Looking"), call]])).toEqual({
      permanent: ["Looking"],
      live: ['⠋ search {"query":"top influencer vide…'],
      last: ['– search {"query":"top influencer vide…'],
    });
    expect(rendered([[token("Looking"), call], [result("search", "3 results")]])).toEqual({
      permanent: ["Looking", '✓ search {"query":"top inf… → 3 results'],
      live: [],
      last: [],
    });
    expect(rendered([[tool("a", "x"), result("a", null)]]).permanent).toEqual(["✓ a x"]);
    expect(rendered([[result("a", "x".repeat(100))]]).permanent).toEqual([`✓ a → ${"x".repeat(32)}…`]);
  });

  it("keeps few lines live, however many calls there are", () => {
    const calls = Array.from({ length: 30 }, (_, at) => tool("fetch", at));

    expect(rendered([calls]).live).toEqual([
      "  26 more calls running",
      "⠋ fetch 26",
      "⠋ fetch 27",
      "⠋ fetch 28",
      "⠋ fetch 29",
    ]);
  });

  it("highlights a question, and shows no spinner until it is answered", () => {
    const { permanent, live } = rendered(
      [[token("So."), question("Publish all five videos\nto the main channel?")]],
      {
        now: 5_000,
        waitingSince: 0,
      },
    );

    expect(permanent).toEqual(["So.", "", "? Publish all five videos", "  to the main channel?", ""]);
    expect(live).toEqual([]);
  });

  it("says if a question is unreadable", () => {
    expect(rendered([[question("")]]).permanent).toEqual(["", "? the agent's question can't be read", ""]);
  });

  it("shows a spinner below the text only after a pause", () => {
    const text = [[token("Thinking")]];

    expect(rendered(text, { now: 300, waitingSince: 0 }).live).toEqual(["Thinking"]);
    expect(rendered(text, { now: 400, waitingSince: 0 }).live).toEqual(["Thinking", "⠴ working"]);
    expect(rendered(text, { now: 480, waitingSince: 0 }).live).toEqual(["Thinking", "⠦ working"]);
    expect(rendered([[status("completed")]], { now: 9_000, waitingSince: 0 }).live).toEqual([]);
  });

  it("keeps empty lines, indentation and tabs", () => {
    expect(rendered([[token("a\n\n  - b\n\tc\n")]]).permanent).toEqual(["a", "", "  - b", "    c"]);
  });

  it.each([1, 5, 20, 80, 120])("never exceeds a terminal of %i columns, or ten if narrower", (columns) => {
    const events = [
      token("word ".repeat(50)),
      token("x".repeat(500)),
      tool("tool".repeat(60), { a: "b".repeat(200) }),
      result("other", "漢字".repeat(99)),
      question("Why? ".repeat(40)),
      token("漢字".repeat(99)),
      tool("open", "y".repeat(200)),
    ];
    const { permanent, live, last } = rendered(
      events.map((event) => [event]),
      { columns },
    );

    for (const line of [...permanent, ...live, ...last]) {
      expect(displayWidth(line)).toBeLessThan(Math.max(10, columns));
    }
  });

  it("shows every character once, however the text was cut", () => {
    const unit = fc.constantFrom("a", "b", " ", "\n", "\t", "-", "字", "👍", "é", "\u001b", "longer-word ");
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit, maxLength: 60 })),
        fc.integer({ min: 10, max: 50 }),
        (deltas, columns) => {
          const { permanent, last } = rendered(
            deltas.map((delta) => [token(delta)]),
            { columns },
          );
          const whole = rendered([[token(deltas.join(""))]], { columns });
          const shown = (lines: string[]) => lines.join("").replaceAll(" ", "");

          expect(shown([...permanent, ...last])).toBe(shown([...whole.permanent, ...whole.last]));
          expect(shown([...permanent, ...last])).toBe(
            deltas
              .join("")
              .replaceAll(/[ \n\t]/g, "")
              .replaceAll("\u001b", "^["),
          );
        },
      ),
    );
  });

  it("handles a line of 2 MB in 20,000 chunks", () => {
    const piece = readEvent(token(`${"word ".repeat(20)}`));
    let state = startRun("run_1");
    let done = nothingRendered;
    let rows = 0;
    for (let at = 0; at < 20_000; at += 1) {
      state = reduce(state, piece);
      if (at % 20 !== 0) continue;
      const rendering = render(state, done, options);
      done = rendering.next;
      rows += rendering.permanent.length;
      expect(rendering.live.length).toBeLessThan(2);
    }

    expect(rows).toBeGreaterThan(49_000);
  });
});
