import { describe, expect, it } from "vitest";
import { type Answerer, json, scriptedServer, testClient, text } from "./scripted-server.js";
import { settle, VirtualTime } from "./virtual-time.js";

const paused = { automation_id: "auto_1", name: "Weekly", schedule: "0 9 * * 1", enabled: false };
const stopped = new Error("stopped");

/** It has its own clock, so that a test can stop the client while it waits. */
function stoppable(url: string) {
  const time = new VirtualTime();
  const controller = new AbortController();
  const { herm } = testClient(url, { sleep: time.sleep, now: time.now, monotonic: time.monotonic });
  const work = () =>
    herm.automations.update("dep_1", "auto_1", { enabled: false }, { stopSignal: controller.signal }).then(
      (automation) => automation,
      (error: unknown) => error,
    );
  return { time, work, stop: () => controller.abort(stopped) };
}

/** Lets the requests on the real socket arrive. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await settle();
}

describe("a stop signal", () => {
  it("lets the current attempt finish", async () => {
    const held: (() => void)[] = [];
    const slow: Answerer = (response, request) => void held.push(() => json(200, paused)(response, request));
    const server = await scriptedServer(slow);
    const { work, stop } = stoppable(server.url);
    const update = work();
    await until(() => held.length === 1);
    stop();
    held[0]?.();
    expect(await update).toMatchObject(paused);
  });

  it("ends the wait for a retry, after which one GET determines the outcome", async () => {
    const server = await scriptedServer(text(503, ""), json(200, paused));
    const { time, work, stop } = stoppable(server.url);
    const update = work();
    await until(() => time.waiting === 1);
    stop();
    expect(await update).toMatchObject(paused);
    expect(server.seen.map(({ method }) => method)).toEqual(["PATCH", "GET"]);
  });

  it("prevents a retry, and the outcome is unknown unless a GET proves it", async () => {
    const server = await scriptedServer(text(503, ""), json(200, { ...paused, enabled: true }));
    const { time, work, stop } = stoppable(server.url);
    const update = work();
    await until(() => time.waiting === 1);
    stop();
    expect(await update).toMatchObject({ name: "AmbiguousError", cause: { status: 503 } });
    expect(server.seen).toHaveLength(2);
  });

  it("ends the pause for 429s, and unsent requests fail with the signal's reason", async () => {
    const server = await scriptedServer(text(429, "", { "retry-after": "20" }));
    const { time, work, stop } = stoppable(server.url);
    const asked = [work(), work(), work()];
    await until(() => time.waiting === 3);
    const held = work();
    await until(() => time.waiting === 4);
    stop();
    for (const each of asked) expect(await each).toMatchObject({ name: "RateLimitError" });
    expect(await held).toBe(stopped);
    expect(server.seen).toHaveLength(3);
  });
});
