import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isExecutable } from "../support/command-file.js";
import { type Block, isFinal, readBlocks } from "./blocks.js";
import { type Caller, openCaller, transports } from "./caller.js";
import { itUnpaced } from "./unpaced.js";

const base = "/v1/deployments/dep_local";

describe.each(transports)("event streams, %s", (transport) => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await openCaller(transport, isExecutable ? {} : { heartbeatMs: 20 });
  });
  afterEach(() => caller.close());

  const open = async (query = "", headers: Record<string, string> = {}) =>
    readBlocks(await caller.send("GET", `${base}/events${query}`, { headers }));

  async function say(content: string, thread_id?: string) {
    const { body } = await caller.call("POST", `${base}/messages`, { content, thread_id });
    return body as { run_id: string; thread_id: string };
  }

  itUnpaced("start with only the newest id, then deliver a run's events in order", async () => {
    const stream = await open();
    expect(await stream.take(1)).toEqual([{ id: "evt_0" }]);
    const { run_id, thread_id } = await say("Make five.");
    const data = (rest: object) => ({ run_id, ...rest });
    expect(await stream.until((block) => block.id !== "evt_1" && isFinal(block))).toEqual([
      { event: "run_status", id: "evt_1", data: data({ status: "running" }) },
      { event: "token", id: "evt_2", data: data({ thread_id, delta: "Working " }) },
      { event: "token", id: "evt_3", data: data({ thread_id, delta: "on: " }) },
      { event: "token", id: "evt_4", data: data({ thread_id, delta: "Make " }) },
      { event: "token", id: "evt_5", data: data({ thread_id, delta: "five.\n" }) },
      { event: "tool_call", id: "evt_6", data: data({ tool: "search", arguments: { query: "Make five." } }) },
      { event: "tool_result", id: "evt_7", data: data({ tool: "search", result: "3 results" }) },
      { event: "token", id: "evt_8", data: data({ thread_id, delta: "Done." }) },
      { event: "run_status", id: "evt_9", data: data({ status: "completed" }) },
    ]);
    const later = await open();
    expect(await later.take(1)).toEqual([{ id: "evt_9" }]);
  });

  itUnpaced("report that a run asks, waits and continues, and why it failed", async () => {
    const stream = await open();
    const { run_id, thread_id } = await say("@dev ask Go?\n@dev fail no");
    const about = ({ event, data }: Block) => [event, data];
    const isWord = ({ event }: Block) => event === "run_status" || event === "steering_request";
    expect((await stream.until(isFinal)).filter(isWord).map(about)).toEqual([
      ["run_status", { run_id, status: "running" }],
      ["steering_request", { run_id, summary: "Go?" }],
      ["run_status", { run_id, status: "waiting_on_human" }],
    ]);
    await say("yes", thread_id);
    expect((await stream.until(isFinal)).filter(isWord).map(about)).toEqual([
      ["run_status", { run_id, status: "running" }],
      ["run_status", { run_id, status: "error", error: "no" }],
    ]);
  });

  itUnpaced("deliver the events of only one run or thread on request", async () => {
    const first = await say("First.", "new");
    await caller.settle();
    const [byThread, byRun] = [
      await open(`?thread_id=${first.thread_id}`),
      await open(`?run_id=${first.run_id}`, { "last-event-id": "evt_0" }),
    ];
    const second = await say("Second.", "new");
    const third = await say("Third.", first.thread_id);
    await caller.settle();
    const runIds = (blocks: Block[]) =>
      new Set(blocks.flatMap(({ data }) => (data as { run_id: string })?.run_id ?? []));
    expect(runIds(await byThread.until(isFinal))).toEqual(new Set([third.run_id]));
    expect(runIds(await byRun.until(isFinal))).toEqual(new Set([first.run_id]));
    const all = await open("", { "last-event-id": "evt_0" });
    expect(runIds(await all.take(24))).toEqual(new Set([first.run_id, second.run_id, third.run_id]));
    const none = await open(`?run_id=${first.run_id}&thread_id=${second.thread_id}`, {
      "last-event-id": "evt_0",
    });
    await say("Fourth.", first.thread_id);
    await caller.settle();
    caller.server.close();
    expect(await none.rest()).toEqual([]);
  });

  itUnpaced("continue after the last id seen, and deliver each event once", async () => {
    await say(Array.from({ length: 100 }, (_, index) => `word${index}`).join(" "));
    await caller.settle();
    const whole = await (await open("", { "last-event-id": "evt_0" })).until(
      (block) => block.id !== "evt_1" && isFinal(block),
    );
    expect(whole.map(({ id }) => id)).toEqual(whole.map((_, index) => `evt_${index + 1}`));
    for (const seen of [1, 31, 32, 33, 64, whole.length - 1]) {
      const rest = await open("", { "last-event-id": `evt_${seen}` });
      expect(await rest.take(whole.length - seen)).toEqual(whole.slice(seen));
      await rest.close();
    }
  });

  itUnpaced("reach two readers alike, and a third that joins during a run", async () => {
    const [one, two] = [await open(), await open()];
    await say("Look around.\n@dev wait 60");
    await caller.settle();
    const late = await open("", { "last-event-id": "evt_3" });
    await caller.server.advance(60);
    const blocks = await one.until((block) => JSON.stringify(block.data)?.includes("completed") === true);
    expect(await two.take(blocks.length)).toEqual(blocks);
    expect(await late.take(blocks.length - 4)).toEqual(blocks.slice(4));
  });

  // The executable sends a comment every 15 s.
  it.skipIf(isExecutable)("are kept alive by comments", async () => {
    const response = await caller.send("GET", `${base}/events`);
    const reader = response.body?.getReader();
    let text = "";
    while (text.split(": still here\n\n").length < 4)
      text += new TextDecoder().decode((await reader?.read())?.value);
    expect(text).toBe("id: evt_0\n\n: still here\n\n: still here\n\n: still here\n\n");
    await reader?.cancel();
  });

  it.each([
    ["?run_id=run_other", {}, 404, "no such run"],
    ["?thread_id=thr_other", {}, 404, "no such thread"],
    ["?since=evt_1", {}, 400, "unknown query parameter: since"],
    ["", { "last-event-id": "banana" }, 400, "Last-Event-ID is not the id of an event in this stream"],
    ["", { "last-event-id": "evt_1" }, 400, "Last-Event-ID is not the id of an event in this stream"],
  ])("can't be opened with %s %o", async (query, headers, status, message) => {
    expect(await caller.call("GET", `${base}/events${query}`, undefined, headers)).toMatchObject({
      status,
      body: { message },
    });
  });

  it("are limited to 32, and free their slot when they end", async () => {
    const streams = await Promise.all(Array.from({ length: 32 }, () => open()));
    const refused = await caller.call("GET", `${base}/events`);
    expect(refused).toMatchObject({ status: 429, body: { error: "rate_limited" } });
    expect(refused.headers.get("retry-after")).toBe("1");
    await streams[0]?.close();
    await expect
      .poll(async () => {
        const response = await caller.send("GET", `${base}/events`);
        await response.body?.cancel();
        return response.status;
      })
      .toBe(200);
    expect((await caller.call("GET", base)).status).toBe(200);
  });

  it("end when the server closes", async () => {
    const stream = await open();
    await stream.take(1);
    const rest = stream.rest();
    await caller.close();
    expect(await rest).toEqual([]);
  });

  itUnpaced("drop only a reader that falls a MiB behind, which can then resume", async () => {
    const stalled = await caller.send("GET", `${base}/events`);
    const attentive = await open();
    // More than the sockets between them can buffer.
    const words = transport === "in process" ? 15_000 : 60_000;
    await say(Array.from({ length: words }, (_, index) => `w${index}`).join(" "));
    const blocks = await attentive.until(
      (block) => JSON.stringify(block.data)?.includes("completed") === true,
    );
    const seen = new Set(blocks.map(({ id }) => id));
    expect(seen.size).toBeGreaterThan(words);
    // Data in the sockets still arrives; then the stream breaks, and the next one delivers the rest.
    const first: Block[] = [];
    const reader = readBlocks(stalled);
    const broken = reader.until((block) => void first.push(block) === undefined && false);
    await expect(broken).rejects.toThrow();
    const last = first.at(-1)?.id ?? "evt_0";
    const rest = await (await open("", { "last-event-id": last })).until(
      (block) => JSON.stringify(block.data)?.includes("completed") === true,
    );
    const idOf = ({ id }: Block) => id;
    expect([...first.filter(({ event }) => event), ...rest].map(idOf)).toEqual(blocks.slice(1).map(idOf));
  });
});
