import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Caller, openCaller, transports } from "./caller.js";

const base = "/v1/deployments/dep_local";

/** The number of streams, of 32, that can be opened. */
async function freePlaces(caller: Caller): Promise<number> {
  const responses = await Promise.all(Array.from({ length: 32 }, () => caller.send("GET", `${base}/events`)));
  await Promise.all(responses.map((response) => response.body?.cancel()));
  return responses.filter(({ status }) => status === 200).length;
}

describe.each(transports)("a client that hangs up before its stream is open, %s", (transport) => {
  it.each(["delay", "commit_then_delay"])("takes no slot during a fault: %s", async (type) => {
    const caller = await openCaller(transport);
    onTestFinished(() => caller.close());
    await caller.call("POST", "/_dev/faults", { count: 6, action: { type, ms: 60 } });
    const left = new AbortController();
    const opening = Array.from({ length: 5 }, () =>
      caller.send("GET", `${base}/events`, { signal: left.signal }),
    );
    const outcomes = Promise.allSettled(opening);
    await expect
      .poll(async () => (await caller.call("GET", "/_dev/faults")).body)
      .toMatchObject([{ count: 1 }]);
    left.abort();
    await outcomes;
    // With the same delay, and after them.
    expect((await caller.call("GET", base)).status).toBe(200);
    expect(await freePlaces(caller)).toBe(32);
  });
});

describe("a client that opens streams one after another", () => {
  it("frees every slot when it hangs up", async () => {
    const caller = await openCaller("over a socket");
    onTestFinished(() => caller.close());
    const host = (await caller.server.listen()).url.slice("http://".length);
    const [address = "", port] = host.split(":");
    const socket = connect(Number(port), address);
    const key = `Authorization: Bearer ${caller.server.apiKey}`;
    socket.write(`GET ${base}/events HTTP/1.1\r\nHost: ${host}\r\n${key}\r\n\r\n`.repeat(5));
    await once(socket, "data");
    socket.destroy();
    await expect.poll(() => freePlaces(caller)).toBe(32);
  });
});
