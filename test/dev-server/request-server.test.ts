import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { requestServer } from "../../src/dev-server/server-status.js";

/** A request that a server has received, but hasn't answered. */
async function unanswered() {
  const server = createServer();
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const arrival = once(server, "request");
  const response = requestServer("GET", `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {});
  const [, outgoing] = (await arrival) as [unknown, ServerResponse];
  return { response, outgoing };
}

describe("a small request to a local server", () => {
  it("waits nine seconds for a busy machine", async () => {
    const { response, outgoing } = await unanswered();
    vi.advanceTimersByTime(9_000);
    outgoing.end("late");
    expect(await response).toMatchObject({ status: 200, text: "late" });
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(["before the headers", "within the body"])("gives up after ten seconds %s", async (place) => {
    const { response, outgoing } = await unanswered();
    if (place === "within the body") {
      outgoing.write("half");
      await vi.waitFor(() => expect(outgoing.writableLength).toBe(0));
    }
    vi.advanceTimersByTime(10_000);
    expect(await response).toBeUndefined();
  });
});
