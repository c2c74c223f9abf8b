import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainStyle } from "../../src/output/style.js";
import type { RunEvent } from "../../src/run-view/event.js";
import { MultiRun } from "../../src/run-view/multi-run.js";

const paper = { columns: 40, style: plainStyle };

function event(name: string, data: RunEvent["data"]): RunEvent {
  return { event: name, id: "", data };
}

const token = (run_id: string, delta: string) => event("token", { run_id, delta });
const status = (run_id: string, word: string, more = {}) =>
  event("run_status", { run_id, status: word, ...more });

/** A view of many runs, and all that it gave for good so far. */
function flowing({ columns = 40 } = {}) {
  const view = new MultiRun();
  const permanent: string[] = [];
  let now = 0;
  const frame = () => {
    const next = view.frame({ ...paper, columns, now });
    permanent.push(...next.permanent);
    return next.live;
  };
  return {
    permanent,
    frame,
    /** Time passes, and frames with it. */
    wait(ms: number) {
      now += ms;
      frame();
    },
    add(...events: RunEvent[]) {
      for (const each of events) {
        const run_id = typeof each.data === "string" ? "" : String(each.data.run_id ?? "");
        const title = `09:00 Acme/${run_id.toUpperCase()}`;
        const head = { title, run_id, answer: `herm runs answer dep_1/${run_id}` };
        view.add({ event: each, deployment: "Acme", key: `dep_1/${run_id}`, head, now });
      }
    },
    /** For good, and what grows below. */
    shown: () => {
      const live = frame();
      return [...permanent, ...live];
    },
    last: () => [...permanent, ...view.lastFrame({ ...paper, columns, now }).permanent],
  };
}

describe("text that flows", () => {
  it("stands below a head for its run, and ends with how the run ended", () => {
    const { add, shown } = flowing();
    add(status("run_1", "running"), token("run_1", "Look"), token("run_1", "ing.\nFo"));
    expect(shown()).toEqual(["09:00 Acme/RUN_1 · run_1", "Looking.", "Fo"]);
    add(token("run_1", "und it."), status("run_1", "completed"));
    expect(shown()).toEqual(["09:00 Acme/RUN_1 · run_1", "Looking.", "Found it.", "✓ completed"]);
  });

  it("says why a run failed", () => {
    const { add, shown } = flowing();
    add(
      token("run_1", "Hm"),
      status("run_1", "error", { error: "no paper in any of the three printers left" }),
    );
    expect(shown().slice(1)).toEqual(["Hm", "✗ failed: no paper in any of the three", "printers left"]);
  });

  it("keeps what others say until the run that has the word is over", () => {
    const { add, shown, frame } = flowing();
    add(token("run_1", "One, "));
    frame();
    add(
      token("run_2", "Two."),
      token("run_3", "Three."),
      status("run_2", "completed"),
      token("run_1", "one."),
    );
    expect(shown()).toEqual(["09:00 Acme/RUN_1 · run_1", "One, one."]);
    add(status("run_1", "completed"));
    expect(shown()).toEqual([
      "09:00 Acme/RUN_1 · run_1",
      "One, one.",
      "✓ completed",
      "",
      "09:00 Acme/RUN_2 · run_2",
      "Two.",
      "✓ completed",
      "",
      "09:00 Acme/RUN_3 · run_3",
      "Three.",
    ]);
  });

  it.each([
    ["silent for a while", 2_000, 1],
    ["long at it", 500, 30],
  ])("lets others speak where it is %s, and puts a head above the rest", (_, ms, times) => {
    const { add, shown, wait, permanent } = flowing();
    add(token("run_1", "One"));
    wait(0);
    add(token("run_2", "Two."));
    for (let time = 0; time < times; time += 1) {
      expect(permanent.join()).not.toContain("RUN_2");
      wait(ms);
      add(token("run_1", "e"));
    }
    wait(0);
    expect(permanent.slice(0, 4)).toEqual([
      "09:00 Acme/RUN_1 · run_1",
      `One${"e".repeat(times - 1)}`,
      "",
      "09:00 Acme/RUN_2 · run_2",
    ]);
    add(status("run_2", "completed"));
    expect(shown().slice(4)).toEqual(["Two.", "✓ completed", "", "09:00 Acme/RUN_1 · run_1", "e"]);
  });

  it("lets others speak where it asks", () => {
    const { add, shown } = flowing();
    add(event("steering_request", { run_id: "run_1", summary: "Publish?" }));
    shown();
    add(token("run_2", "Two."));
    expect(shown().slice(-3)).toEqual(["", "09:00 Acme/RUN_2 · run_2", "Two."]);
  });

  it("shows calls with their results on one line, also where others speak between", () => {
    const { add, shown, permanent, wait } = flowing();
    add(event("tool_call", { run_id: "run_1", tool: "search", arguments: { q: "x" } }));
    expect(shown().at(-1)).toContain('search {"q":"x"}');
    expect(permanent).toEqual(["09:00 Acme/RUN_1 · run_1"]);
    add(token("run_2", "Two."));
    wait(2_000);
    add(event("tool_result", { run_id: "run_1", tool: "search", result: "3 results" }));
    wait(2_000);
    expect(shown().slice(1)).toEqual([
      "",
      "09:00 Acme/RUN_2 · run_2",
      "Two.",
      "",
      "09:00 Acme/RUN_1 · run_1",
      '✓ search {"q":"x"} → 3 results',
    ]);
  });

  it("marks a question", () => {
    const { add, shown } = flowing();
    add(
      token("run_1", "Ready"),
      event("steering_request", { run_id: "run_1", summary: "Publish?" }),
      status("run_1", "waiting_on_human"),
      status("run_1", "running"),
      token("run_1", "Done"),
    );
    expect(shown().slice(1)).toEqual(["Ready", "", "? Publish?", "", "Done"]);
  });

  it("says how a question is answered while it is open", () => {
    const { add, shown } = flowing();
    add(
      event("steering_request", { run_id: "run_1", summary: "Publish?" }),
      status("run_1", "waiting_on_human"),
    );
    expect(shown().slice(1)).toEqual(["", "? Publish?", "", "herm runs answer dep_1/run_1"]);
    add(status("run_1", "running"), token("run_1", "Done"));
    expect(shown().at(-1)).toBe("Done");
  });

  it("says that a run waits whose question didn't come", () => {
    const { add, shown, wait } = flowing();
    add(status("run_1", "waiting_on_human"));
    expect(shown().slice(1)).toEqual([]);
    wait(1_000);
    wait(1_000);
    expect(shown().slice(1)).toEqual(["? waits for an answer"]);
  });

  it("reports on a line what belongs to no run, or isn't known", () => {
    const { add, shown } = flowing();
    add(
      token("run_1", "One"),
      event("filesystem", { change: "created", path: "/x" }),
      event("odd", "text\u001b[2J"),
    );
    expect(shown().slice(1)).toEqual(["One", "· Acme filesystem created /x", "· Acme odd text^[[2J"]);
  });

  it("gives name and id a line each where they don't fit into one", () => {
    const { add, shown } = flowing({ columns: 22 });
    add(status("run_hsbotki3mle1", "running"));
    expect(shown()).toEqual(["09:00 Acme/RUN_HSBOT…", "  run_hsbotki3mle1"]);
  });

  it("never loses or doubles a character, however runs come between", () => {
    const piece = fc.record({
      run: fc.constantFrom("a", "b", "c"),
      delta: fc.stringMatching(/^[a-z]{1,9}$/),
      wait: fc.constantFrom(undefined, 0, 700, 2_500),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (all) => {
        const { add, last, wait } = flowing({ columns: 17 });
        const expected = new Map<string, string>();
        for (const { run, delta, wait: ms } of all) {
          add(token(run, delta));
          expected.set(run, (expected.get(run) ?? "") + delta);
          if (ms !== undefined) wait(ms);
        }
        const texts = new Map<string, string>();
        let run = "";
        const lines = last();
        for (const line of lines) {
          const head = /^09:00 Acme\/([ABC])/.exec(line)?.[1];
          if (head !== undefined) run = head.toLowerCase();
          else if (!line.startsWith("  ")) texts.set(run, (texts.get(run) ?? "") + line);
        }
        expect(texts).toEqual(expected);
        expect(lines.every((line) => line.length < 17)).toBe(true);
      }),
    );
  });

  it("reports the end of each of many runs", () => {
    const { add, permanent, frame } = flowing();
    for (let run = 0; run < 2_000; run += 1) {
      add(token(`run_${run}`, "text"), status(`run_${run}`, "completed"));
      frame();
    }
    expect(permanent.filter((line) => line === "✓ completed")).toHaveLength(2_000);
  });
});
