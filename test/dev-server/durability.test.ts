import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { type Caller, openCaller } from "./caller.js";
import { spawnServer } from "./processes.js";

const base = "/v1/deployments/dep_local";

describe("a server that is killed under load", () => {
  it("keeps every confirmed write after a restart, and duplicates no event or run", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const answered: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const { child, call } = await spawnServer(dataFile);
      const write = async (writer: number) => {
        for (let index = 0; ; index += 1) {
          const name = `${round}/${writer}/${index}`;
          const { status } = await call("POST", `${base}/automations`, {
            name,
            schedule: "* * * * *",
            instructions: "x",
          });
          if (status === 201) answered.push(name);
          if (answered.length === (round + 1) * 50) child.kill("SIGKILL");
        }
      };
      const writers = [1, 2, 3, 4].map((writer) => write(writer).catch(() => undefined));
      await Promise.all(writers);
    }
    const { call } = await spawnServer(dataFile);
    const kept = new Map<string, number>();
    for (let cursor = ""; ; ) {
      const { body } = await call("GET", `${base}/automations?limit=100${cursor && `&cursor=${cursor}`}`);
      const page = body as { data: { name: string }[]; next_cursor: string | null };
      for (const { name } of page.data) kept.set(name, (kept.get(name) ?? 0) + 1);
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(answered.length).toBeGreaterThanOrEqual(100);
    expect(answered.filter((name) => kept.get(name) !== 1)).toEqual([]);
    expect(kept.size).toBeLessThanOrEqual(answered.length + 2 * 4);
  });

  it("runs each schedule once, whenever the kill comes", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const first = await spawnServer(dataFile);
    const { body: created } = await first.call("POST", `${base}/automations`, {
      name: "x",
      schedule: "* * * * *",
      instructions: "x",
    });
    const { automation_id } = created as { automation_id: string };
    const move = first.call("POST", "/_dev/clock", { advance_s: 900 * 60 }).catch(() => undefined);
    const runs = async () => {
      const { body } = await first.call("GET", `${base}/automations/${automation_id}`);
      return (body as { recent_runs: unknown[] }).recent_runs.length;
    };
    await expect.poll(runs, { interval: 5 }).toBeGreaterThan(5);
    first.child.kill("SIGKILL");
    await move;
    const second = await spawnServer(dataFile);
    const { body: clock } = await second.call("GET", "/_dev/clock");
    const { body: detail } = await second.call("GET", `${base}/automations/${automation_id}`);
    const { recent_runs } = detail as { recent_runs: { started_at: string }[] };
    const minutes = recent_runs.map(({ started_at }) => started_at.slice(0, 16));
    expect(minutes.length).toBeGreaterThan(5);
    expect(new Set(minutes).size).toBe(minutes.length);
    expect((clock as { now: string }).now >= (recent_runs[0]?.started_at ?? "")).toBe(true);
  });
});

describe("a restart", () => {
  async function open(dataFile: string): Promise<Caller> {
    const caller = await openCaller("in process", { dataFile });
    onTestFinished(() => caller.close().catch(() => undefined));
    return caller;
  }

  it("keeps all data: deployments, automations, runs, threads, events, the clock and the store's id", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const read = async (caller: Caller) => {
      const paths = [
        "/v1/deployments",
        `${base}/automations`,
        `${base}/threads`,
        "/_dev/clock",
        "/_dev/store",
      ];
      const answers = await Promise.all(paths.map((path) => caller.call("GET", path)));
      const stream = await caller.send("GET", `${base}/events`, { headers: { "last-event-id": "evt_0" } });
      const reader = stream.body?.getReader();
      await reader?.read();
      const events = new TextDecoder().decode((await reader?.read())?.value);
      await reader?.cancel();
      return { answers: answers.map(({ body }) => body), events };
    };
    const before = await open(dataFile);
    await before.call("POST", "/v1/deployments", { customer_id: "c", name: "n", system_prompt: "" });
    await before.call("POST", `${base}/automations`, { name: "x", schedule: "0 * * * *", instructions: "x" });
    await before.server.advance(3700);
    const then = await read(before);
    await before.close();
    const after = await open(dataFile);
    expect(await read(after)).toEqual(then);
    expect(then.events).toContain('"status":"completed"');
  });

  it("marks current runs as interrupted, keeps their text, and lets waiting ones wait", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const before = await open(dataFile);
    const send = async (content: string) => {
      const { body } = await before.call("POST", `${base}/messages`, { content, thread_id: "new" });
      return body as { run_id: string; thread_id: string };
    };
    const interrupted = await send("Look around.\n@dev wait 60");
    const waiting = await send("@dev ask Go on?");
    await before.settle();
    await before.close();
    const after = await open(dataFile);
    const thread = async (id: string) => (await after.call("GET", `${base}/threads/${id}`)).body;
    expect(await thread(interrupted.thread_id)).toMatchObject({
      status: "idle",
      messages: [{ role: "user" }, { role: "agent", content: "Working on: Look around.\n" }],
    });
    const stream = await after.send("GET", `${base}/events?run_id=${interrupted.run_id}`, {
      headers: { "last-event-id": "evt_0" },
    });
    const reader = stream.body?.getReader();
    await reader?.read();
    const events = new TextDecoder().decode((await reader?.read())?.value);
    expect(events).toMatch(/data: \{"run_id":"run_\w+","status":"error","error":"interrupted"\}\n\n$/);
    await reader?.cancel();
    expect(await thread(waiting.thread_id)).toMatchObject({ status: "waiting_on_human" });
    const { body } = await after.call("POST", `${base}/messages`, {
      content: "yes",
      thread_id: waiting.thread_id,
    });
    expect(body).toEqual({ ...waiting, status: "running" });
    await after.settle();
    expect(await thread(waiting.thread_id)).toMatchObject({
      messages: { 4: { content: "Answered: yes\nDone." } },
    });
  });

  it("is refused while another server uses the data, even in this process", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const caller = await open(dataFile);
    await expect(openCaller("in process", { dataFile })).rejects.toThrow(
      `another process has ${dataFile} open`,
    );
    expect((await caller.call("GET", base)).status).toBe(200);
  });
});
