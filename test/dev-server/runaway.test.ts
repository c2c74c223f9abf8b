import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openStore } from "../../src/dev-server/store/store.js";
import { temporaryFolder } from "../support/harness.js";
import { isFinal, readBlocks } from "./blocks.js";
import { type Caller, monday, openCaller } from "./caller.js";

const base = "/v1/deployments/dep_local";
const mebibyte = 1024 * 1024;

async function open(options: Parameters<typeof openCaller>[1]): Promise<Caller> {
  const caller = await openCaller("in process", options);
  onTestFinished(() => caller.close());
  return caller;
}

async function agentTexts(caller: Caller, thread_id: string): Promise<string[]> {
  const { body } = await caller.call("GET", `${base}/threads/${thread_id}`);
  const { messages } = body as { messages: { role: string; content: string }[] };
  return messages.filter(({ role }) => role === "agent").map(({ content }) => content);
}

describe("an agent that never stops writing", () => {
  it("is stopped at 4 MiB with an error, and its output so far is kept", async () => {
    const caller = await open({ agentCommand: "yes" });
    const stream = readBlocks(await caller.send("GET", `${base}/events`));
    const { body } = await caller.call("POST", `${base}/messages`, { content: "x", thread_id: "new" });
    const end = (await stream.until(isFinal)).at(-1);
    expect(end?.data).toMatchObject({ status: "error", error: "it wrote more than 4 MiB" });
    const [text = ""] = await agentTexts(caller, (body as { thread_id: string }).thread_id);
    expect(text.length).toBeLessThanOrEqual(4 * mebibyte);
    expect(text.length).toBeGreaterThan(4 * mebibyte - 10_000);
  });

  it("is measured by all of a run's output, before and after its questions", async () => {
    const caller = await open({});
    const questions = "@dev ask Go on?\n".repeat(9);
    const { body } = await caller.call("POST", `${base}/messages`, { content: questions, thread_id: "new" });
    const { thread_id } = body as { thread_id: string };
    const statuses: string[] = [];
    for (let answered = 0; answered < 6; answered += 1) {
      await caller.settle();
      const { body: thread } = await caller.call("GET", `${base}/threads/${thread_id}`);
      statuses.push((thread as { status: string }).status);
      if (statuses.at(-1) === "idle") break;
      await caller.call("POST", `${base}/messages`, { content: "y".repeat(900 * 1024), thread_id });
    }
    expect(statuses).toEqual([...new Array(5).fill("waiting_on_human"), "idle"]);
  });
});

it("a data file with many unfinished runs opens, and each is marked as interrupted", async () => {
  const dataFile = join(temporaryFolder(), "dev.db");
  const first = await openCaller("in process", { dataFile });
  await first.close();
  const store = await openStore(dataFile);
  store.transaction(() => {
    for (let index = 0; index < 250; index += 1) {
      const ids = { deployment_id: "dep_local", run_id: `run_${index}`, thread_id: `thr_${index}` };
      store.threads.insert({ ...ids, title: "x", last_activity_at: monday });
      store.runs.insert({
        ...ids,
        automation_id: null,
        origin: "message",
        instructions: "x",
        status: "running",
        started_at: monday,
      });
      store.threads.addMessage({ ...ids, role: "agent", content: null, after_event: 0, created_at: monday });
    }
  });
  store.close();
  const caller = await open({ dataFile });
  const stream = readBlocks(
    await caller.send("GET", `${base}/events`, { headers: { "last-event-id": "evt_0" } }),
  );
  const ends = await stream.take(250);
  expect(new Set(ends.map(({ data }) => (data as { run_id: string }).run_id)).size).toBe(250);
  expect(ends.every(({ data }) => (data as { error: string }).error === "interrupted")).toBe(true);
});
