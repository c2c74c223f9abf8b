import { describe, expect, it, onTestFinished } from "vitest";
import { ServerClock } from "../../src/dev-server/clock.js";

function open(realTime: () => number, offsetMs = 0) {
  const kept: number[] = [];
  const clock = new ServerClock({ realTime, offsetMs, keepOffset: (ms) => void kept.push(ms) });
  onTestFinished(() => clock.close());
  return { clock, kept };
}

const atOnce = async () => {};

describe("the server's clock", () => {
  it("is real time plus an offset, and never runs backwards", () => {
    let real = 1_000.7;
    const { clock } = open(() => real, 500);
    expect(clock.now()).toBe(1_500);
    real = 400;
    expect(clock.now()).toBe(1_500);
    real = 2_000;
    expect(clock.now()).toBe(2_500);
  });

  it("runs its alarms in order, each at its own time", async () => {
    const { clock, kept } = open(() => 0);
    const rung: [string, number][] = [];
    clock.at(300, () => {
      rung.push(["c", clock.now()]);
      clock.at(350, () => rung.push(["d", clock.now()]));
    });
    clock.at(100, () => rung.push(["a", clock.now()]));
    clock.at(100, () => rung.push(["b", clock.now()]));
    clock.at(200, () => rung.push(["never", clock.now()]))();
    clock.at(401, () => rung.push(["later", clock.now()]));
    await clock.moveTo(400, atOnce);
    expect(rung).toEqual([
      ["a", 100],
      ["b", 100],
      ["c", 300],
      ["d", 350],
    ]);
    expect(clock.now()).toBe(400);
    expect(kept.at(-1)).toBe(400);
  });

  it("finishes an alarm's effects before it continues", async () => {
    const { clock } = open(() => 0);
    const times: number[] = [];
    let work = Promise.resolve();
    clock.at(10, () => {
      work = new Promise((resolve) => setTimeout(resolve, 20)).then(() => void times.push(clock.now()));
    });
    clock.at(20, () => times.push(clock.now()));
    await clock.moveTo(30, () => work);
    expect(times).toEqual([10, 20]);
  });

  it("ends a sleep in real time, even if the clock isn't moved", async () => {
    const { clock } = open(Date.now);
    const started = Date.now();
    await clock.sleep(30, new AbortController().signal);
    expect(Date.now() - started).toBeGreaterThanOrEqual(29);
  });

  it("ends a cancelled wait with the reason", async () => {
    const { clock } = open(() => 0);
    const stop = new AbortController();
    const sleeping = clock.sleep(1000, stop.signal);
    stop.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
    await expect(clock.sleep(1000, stop.signal)).rejects.toThrow("enough");
  });
});
