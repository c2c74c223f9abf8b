import { describe, expect, it } from "vitest";
import { Ticker } from "../../src/output/terminal/ticker.js";

/** A ticker whose seconds pass on request, and whose reader may be slow. */
function startTicker() {
  const written: string[] = [];
  const timers = new Set<() => void>();
  let take = () => {};
  let isSlow = false;
  const ticker = new Ticker({
    write: (text) => {
      written.push(text);
      return isSlow
        ? new Promise((resolve) => {
            take = resolve;
          })
        : Promise.resolve();
    },
    startTimer: (_ms, fire) => {
      timers.add(fire);
      return () => void timers.delete(fire);
    },
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    ticker,
    timers,
    turn,
    lines: async () => {
      await turn();
      return written.join("").split("\n").slice(0, -1);
    },
    second: async () => {
      await turn();
      for (const fire of [...timers]) {
        timers.delete(fire);
        fire();
      }
      await turn();
    },
    slow: () => {
      isSlow = true;
    },
    takeAll: async () => {
      isSlow = false;
      take();
      await turn();
    },
  };
}

const say = (ticker: Ticker, count: number, kind = "fired", made: number[] = []) => {
  for (let index = 1; index <= count; index += 1)
    ticker.say(kind, () => {
      made.push(index);
      return `${kind} ${index}\n`;
    });
};

describe("the ticker of events", () => {
  it("prints a line for each event, and stops when there are none", async () => {
    const { ticker, lines, second, timers } = startTicker();
    ticker.open();
    say(ticker, 2);
    expect(await lines()).toEqual(["fired 1", "fired 2"]);
    await second();
    await second();
    expect(timers.size).toBe(0);
    say(ticker, 1, "created");
    expect(await lines()).toEqual(["fired 1", "fired 2", "created 1"]);
  });

  it("counts events from the 21st in a second on, without formatting them", async () => {
    const { ticker, lines, second } = startTicker();
    ticker.open();
    const made: number[] = [];
    say(ticker, 16_000, "fired", made);
    say(ticker, 3, "created", made);
    expect(made).toHaveLength(20);
    expect(await lines()).toHaveLength(20);
    await second();
    expect((await lines()).slice(20)).toEqual(["… and 15983 more: 15980 fired, 3 created"]);
    say(ticker, 1, "deleted");
    expect((await lines()).at(-1)).toBe("deleted 1");
  });

  it("prints a count each second during a burst", async () => {
    const { ticker, lines, second } = startTicker();
    ticker.open();
    for (let passed = 0; passed < 3; passed += 1) {
      say(ticker, 100);
      await second();
    }
    const all = await lines();
    expect(all.filter((line) => line.startsWith("…"))).toEqual([
      "… and 80 more: 80 fired",
      "… and 81 more: 81 fired",
      "… and 81 more: 81 fired",
    ]);
    expect(all).toHaveLength(20 + 1 + 19 + 1 + 19 + 1);
  });

  it("waits, within bounds, for a slow reader, then continues", async () => {
    const { ticker, lines, second, slow, takeAll } = startTicker();
    ticker.open();
    slow();
    say(ticker, 1);
    for (let passed = 0; passed < 50; passed += 1) {
      say(ticker, 1_000);
      await second();
    }
    expect(await lines()).toEqual(["fired 1"]);
    await takeAll();
    await second();
    const all = await lines();
    expect(all.at(-1)).toBe("… and 49981 more: 49981 fired");
    expect(all).toHaveLength(21);
  });

  it("starts after the first messages", async () => {
    const { ticker, lines } = startTicker();
    say(ticker, 2);
    expect(await lines()).toEqual([]);
    ticker.open();
    expect(await lines()).toEqual(["fired 1", "fired 2"]);
  });

  it("prints its count when it ends, and nothing later", async () => {
    const { ticker, lines, timers } = startTicker();
    ticker.open();
    say(ticker, 22);
    ticker.close();
    say(ticker, 1, "late");
    expect((await lines()).slice(20)).toEqual(["… and 2 more: 2 fired"]);
    expect(timers.size).toBe(0);
  });
});
