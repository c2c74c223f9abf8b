import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { watchIdleness } from "../../src/dev-server/idleness.js";

describe("a server in the background", () => {
  it("stops once it has been idle for its time, which every request and all work puts off", async () => {
    const idleness = watchIdleness(100);
    let isAtWork = true;
    let isStopped = false;
    void idleness.stopped.then(() => {
      isStopped = true;
    });
    idleness.watch(() => isAtWork);
    await pause(160);
    expect(isStopped).toBe(false);
    isAtWork = false;
    for (let request = 0; request < 4; request += 1) {
      await pause(40);
      idleness.touch();
    }
    expect(isStopped).toBe(false);
    await idleness.stopped;
    idleness.end();
  });

  it("stops when it is asked to; one that is never idle only then", async () => {
    const idleness = watchIdleness(undefined);
    idleness.watch(() => false);
    expect(await Promise.race([idleness.stopped.then(() => "stopped"), pause(30, "goes on")])).toBe(
      "goes on",
    );
    idleness.stop();
    await idleness.stopped;
    idleness.end();
  });
});
