import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Caller, field, openCaller, transports } from "./caller.js";
import { itUnpaced } from "./unpaced.js";

const base = "/v1/deployments/dep_local";
const at = "2026-03-02T10:00:00.000Z";

describe.each(transports)("runs and threads, %s", (transport) => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await openCaller(transport);
  });
  afterEach(() => caller.close());

  /** Creates an automation with these instructions and triggers it. */
  async function trigger(instructions: string) {
    const fields = { name: "Weekly", schedule: "0 9 * * 1", instructions };
    const automation = `${base}/automations/${field(await caller.call("POST", `${base}/automations`, fields), "automation_id")}`;
    const run_id = field(await caller.call("POST", `${automation}/trigger`), "run_id");
    const thread_id = field(await caller.call("GET", automation), "thread_id");
    await caller.settle();
    return { automation, run_id, thread_id };
  }

  const runsOf = async (automation: string) =>
    ((await caller.call("GET", automation)).body as { recent_runs: unknown }).recent_runs;
  const thread = async (thread_id: string) => (await caller.call("GET", `${base}/threads/${thread_id}`)).body;

  itUnpaced("store the instructions and the answer in the automation's own thread", async () => {
    const { run_id, thread_id } = await trigger("Make five.");
    expect(await thread(thread_id)).toEqual({
      thread_id,
      title: "Weekly",
      status: "idle",
      messages: [
        { role: "user", content: "Make five.", run_id, created_at: at },
        { role: "agent", content: "Working on: Make five.\nDone.", run_id, created_at: at },
      ],
    });
  });

  itUnpaced("fail when the instructions say so, and report the reason", async () => {
    const { automation, run_id, thread_id } = await trigger("Make five.\n@dev fail out of luck");
    expect(await runsOf(automation)).toEqual([
      {
        run_id,
        thread_id,
        status: "error",
        trigger: "manual",
        started_at: at,
        completed_at: at,
        error: "out of luck",
      },
    ]);
    expect(await thread(thread_id)).toMatchObject({
      messages: [{ role: "user" }, { role: "agent", content: "Working on: Make five.\n" }],
    });
  });

  itUnpaced("ask in their thread, wait for a human, and continue with the answer", async () => {
    const { automation, run_id, thread_id } = await trigger(
      "Tidy up.\n@dev ask Delete 3 files?\n@dev ask Really?",
    );
    const asked = { run_id, status: "waiting_on_human", completed_at: null };
    expect(await runsOf(automation)).toMatchObject([asked]);
    expect(await thread(thread_id)).toMatchObject({
      status: "waiting_on_human",
      messages: [
        { role: "user" },
        { content: "Working on: Tidy up.\n" },
        { role: "agent", content: "Delete 3 files?" },
      ],
    });
    const answer = await caller.call("POST", `${base}/messages`, { content: "yes", thread_id });
    expect(answer).toMatchObject({
      status: 200,
      body: { run_id, thread_id, status: "running" },
    });
    await caller.settle();
    expect(await runsOf(automation)).toMatchObject([asked]);
    await caller.call("POST", `${base}/messages`, { content: "of course", thread_id });
    await caller.settle();
    expect(await runsOf(automation)).toMatchObject([{ run_id, status: "completed", completed_at: at }]);
    const { messages } = (await thread(thread_id)) as {
      messages: { role: string; content: string; run_id: string }[];
    };
    expect(messages.map(({ role, content }) => [role, content])).toEqual([
      ["user", "Tidy up.\n@dev ask Delete 3 files?\n@dev ask Really?"],
      ["agent", "Working on: Tidy up.\n"],
      ["agent", "Delete 3 files?"],
      ["user", "yes"],
      ["agent", "Answered: yes\n"],
      ["agent", "Really?"],
      ["user", "of course"],
      ["agent", "Answered: of course\nDone."],
    ]);
    expect(new Set(messages.map((message) => message.run_id))).toEqual(new Set([run_id]));
  });

  itUnpaced("take time by the server's clock, and show their output so far", async () => {
    const { automation, thread_id } = await trigger("Look around.\n@dev wait 90");
    expect(await runsOf(automation)).toMatchObject([{ status: "running", completed_at: null }]);
    expect(await thread(thread_id)).toMatchObject({
      status: "running",
      messages: [{ role: "user" }, { role: "agent", content: "Working on: Look around.\n" }],
    });
    await caller.server.advance(89);
    expect(await runsOf(automation)).toMatchObject([{ status: "running" }]);
    await caller.server.advance(1);
    expect(await runsOf(automation)).toMatchObject([
      { status: "completed", started_at: at, completed_at: "2026-03-02T10:01:30.000Z" },
    ]);
  });

  itUnpaced("can be steered by a message while they run", async () => {
    const { automation, run_id, thread_id } = await trigger("Look around.\n@dev wait 90");
    const steered = await caller.call("POST", `${base}/messages`, {
      content: "Hurry up",
      thread_id,
    });
    expect(steered.body).toEqual({ run_id, thread_id, status: "running" });
    await caller.server.advance(90);
    expect(await runsOf(automation)).toMatchObject([{ run_id, status: "completed" }]);
    expect(await thread(thread_id)).toMatchObject({
      messages: [
        { role: "user", run_id },
        { role: "agent", content: "Working on: Look around.\n" },
        { role: "user", content: "Hurry up", run_id },
        { role: "agent", content: "Done." },
      ],
    });
  });

  itUnpaced("start on a message to an idle thread, and belong to no automation", async () => {
    const { automation, run_id, thread_id } = await trigger("Make five.");
    const sent = await caller.call("POST", `${base}/messages`, {
      content: "And a sixth",
      thread_id,
    });
    expect(sent.body).toEqual({
      run_id: expect.not.stringMatching(run_id),
      thread_id,
      status: "running",
    });
    await caller.settle();
    expect(await runsOf(automation)).toMatchObject([{ run_id }]);
    expect(await thread(thread_id)).toMatchObject({
      messages: { length: 4, 3: { content: "Working on: And a sixth\nDone." } },
    });
  });

  itUnpaced("use the default thread or a new one, as the message says", async () => {
    const { thread_id: main } = (await caller.call("GET", base)).body as { thread_id: string };
    const plain = await caller.call("POST", `${base}/messages`, { content: "Hello" });
    expect(plain.body).toMatchObject({ thread_id: main });
    const attachments = [{ name: "a.txt" }];
    const fresh = await caller.call("POST", `${base}/messages`, {
      content: "Hello again",
      thread_id: "new",
      attachments,
    });
    await caller.settle();
    expect((await caller.call("GET", `${base}/threads`)).body).toEqual({
      data: [
        {
          thread_id: field(fresh, "thread_id"),
          title: "Hello again",
          status: "idle",
          message_count: 2,
          last_activity_at: at,
        },
        { thread_id: main, title: "Local", status: "idle", message_count: 2, last_activity_at: at },
      ],
      next_cursor: null,
    });
  });

  it.each([
    ["no content", {}, 400, "content is required"],
    ["empty content", { content: " " }, 400, "content must not be empty"],
    ["an unknown field", { content: "x", role: "agent" }, 400, "unknown field: role"],
    [
      "attachments that aren't a list",
      { content: "x", attachments: {} },
      400,
      "attachments must be an array",
    ],
    ["an unknown thread", { content: "x", thread_id: "thr_other" }, 404, "no such thread"],
  ])("reject a message with %s", async (_, body, status, message) => {
    expect(await caller.call("POST", `${base}/messages`, body)).toMatchObject({ status, body: { message } });
    expect((await caller.call("GET", `${base}/threads`)).body).toMatchObject({
      data: [{ message_count: 0 }],
    });
  });

  it("return 404 for an unknown thread, or another deployment's", async () => {
    const other = await caller.call("POST", "/v1/deployments", {
      customer_id: "c",
      name: "n",
      system_prompt: "",
    });
    const gone = { status: 404, body: { error: "not_found", message: "no such thread" } };
    expect(await caller.call("GET", `${base}/threads/thr_other`)).toMatchObject(gone);
    expect(await caller.call("GET", `${base}/threads/${field(other, "thread_id")}`)).toMatchObject(gone);
  });
});
