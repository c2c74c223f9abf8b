import { describe, expect, it } from "vitest";
import { createProgress } from "../../src/operations/rows/progress.js";
import { show } from "../support/terminal.js";

const state = { verb: "Pausing", total: 371, over: 143, failed: 0, isStopping: false };

/** The progress on a terminal when this much is done. */
function drawn({ verb, total, over, failed, isStopping }: typeof state, columns: number): string {
  let shown = "";
  let nowMs = 0;
  const progress = createProgress({
    verb,
    total,
    kind: "bar",
    columns,
    write: (text) => {
      shown = text;
    },
    monotonic: () => {
      nowMs += 1000;
      return nowMs;
    },
  });
  for (let at = 0; at < over; at += 1) progress.item(at < failed);
  if (isStopping) progress.stopping();
  return shown.slice(1).trimEnd();
}

describe("the progress bar", () => {
  it.each([
    [state, 80, `Pausing ${"█".repeat(11)}${"░".repeat(19)} 143/371`],
    [
      { ...state, failed: 2, isStopping: true },
      100,
      `Pausing ${"█".repeat(11)}${"░".repeat(19)} 143/371 · 2 failed · stopping: finishing requests in flight`,
    ],
    [{ ...state, over: 371 }, 80, `Pausing ${"█".repeat(30)} 371/371`],
    [{ ...state, total: 0, over: 0 }, 80, `Pausing ${"█".repeat(30)} 0/0`],
    [state, 28, `Pausing ${"█".repeat(4)}${"░".repeat(7)} 143/371`],
    [state, 20, "Pausing 143/371"],
    [state, 10, "Pausing 1"],
  ])("fits %j into %d columns", (given, columns, line) => {
    expect(drawn(given, columns)).toBe(line);
  });
});

function record() {
  let text = "";
  let now = 0;
  const wait = (ms: number) => {
    now += ms;
  };
  let fire = () => {};
  const progress = createProgress({
    verb: "Pausing",
    total: 3,
    timer: (ms, call) => {
      fire = () => {
        now += ms;
        call();
      };
      return () => {
        fire = () => {};
      };
    },
    kind: "bar",
    columns: 60,
    write: (more) => {
      text += more;
    },
    monotonic: () => now,
  });
  return { progress, text: () => text, wait, later: () => fire() };
}

describe("createProgress", () => {
  it("redraws one line on a terminal, and finally removes it", async () => {
    const { progress, text, wait } = record();
    progress.item(false);
    wait(100);
    progress.item(true);
    const half = await show(text(), { columns: 60 });
    expect(half.lines).toEqual([`Pausing ${"█".repeat(20)}${"░".repeat(10)} 2/3 · 1 failed`]);
    expect(half.effects).toEqual([]);
    progress.stopping();
    progress.item(false);
    const whole = await show(text(), { columns: 60 });
    expect(whole.lines).toHaveLength(1);
    expect(whole.lines[0]).toContain("3/3 · 1 failed · stopping");
    progress.finish();
    progress.finish();
    const after = await show(`${text()}done\n`, { columns: 60 });
    expect(after.lines.map((line) => line.trimEnd())).toEqual(["done"]);
  });

  it("raises the total when more items are known", async () => {
    const { progress, text, wait } = record();
    progress.item(false);
    progress.more(5);
    wait(100);
    progress.item(false);
    expect((await show(text(), { columns: 60 })).lines[0]).toContain(" 2/8");
  });

  it("skips redraws for many quick items", () => {
    const { progress, text } = record();
    const before = text().length;
    progress.item(false);
    expect(text().length).toBe(before);
  });

  it("draws the count of quick items while the last one is slow", async () => {
    const { progress, text, later } = record();
    progress.item(false);
    progress.item(false);
    later();
    expect((await show(text(), { columns: 60 })).lines[0]).toContain(" 2/3");
    progress.item(false);
    progress.finish();
    const before = text();
    later();
    expect(text()).toBe(before);
  });
});

describe("progress on an output that can't redraw", () => {
  it("is reported every few seconds in whole lines", () => {
    let text = "";
    let now = 0;
    const progress = createProgress({
      verb: "Pausing",
      total: 40,
      kind: "now and then",
      columns: 80,
      write: (more) => {
        text += more;
      },
      monotonic: () => now,
    });
    for (let at = 0; at < 30; at += 1) {
      now += 400;
      progress.item(at === 3);
    }
    progress.beside(() => {
      text += "warning: slow\n";
    });
    progress.stopping();
    progress.finish();
    expect(text).toBe(
      "Pausing: 13 of 40, 1 failed\nPausing: 26 of 40, 1 failed\nwarning: slow\nstopping: finishing requests in flight, starting nothing new\n",
    );
  });
});
