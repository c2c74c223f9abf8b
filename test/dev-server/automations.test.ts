import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isBun } from "../../src/dev-server/environment.js";
import { type Caller, field, openCaller, transports } from "./caller.js";
import { itUnpaced } from "./unpaced.js";

const base = "/v1/deployments/dep_local/automations";
const weekly = { name: "Weekly videos", schedule: "every monday at 9am", instructions: "Make five." };

describe.each(transports)("automations, %s", (transport) => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await openCaller(transport);
  });
  afterEach(() => caller.close());

  it("are created with the documented fields, and next run at their UTC time", async () => {
    const { status, body } = await caller.call("POST", base, weekly);
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        automation_id: expect.stringMatching(/^auto_\w+$/),
        deployment_id: "dep_local",
        name: "Weekly videos",
        schedule: "every monday at 9am",
        enabled: true,
        next_run_at: "2026-03-09T09:00:00.000Z",
        created_at: "2026-03-02T10:00:00.000Z",
        updated_at: "2026-03-02T10:00:00.000Z",
      },
    });
  });

  itUnpaced("are returned with instructions, thread and recent runs, newest first", async () => {
    const id = field(await caller.call("POST", base, weekly), "automation_id");
    const first = field(await caller.call("POST", `${base}/${id}/trigger`), "run_id");
    await caller.settle();
    const second = field(await caller.call("POST", `${base}/${id}/trigger`), "run_id");
    await caller.settle();
    const run = { thread_id: expect.stringMatching(/^thr_/), status: "completed", trigger: "manual" };
    const times = { started_at: "2026-03-02T10:00:00.000Z", completed_at: "2026-03-02T10:00:00.000Z" };
    expect((await caller.call("GET", `${base}/${id}`)).body).toEqual({
      automation_id: id,
      deployment_id: "dep_local",
      name: "Weekly videos",
      schedule: "every monday at 9am",
      enabled: true,
      instructions: "Make five.",
      thread_id: expect.stringMatching(/^thr_/),
      next_run_at: "2026-03-09T09:00:00.000Z",
      created_at: "2026-03-02T10:00:00.000Z",
      updated_at: "2026-03-02T10:00:00.000Z",
      last_run_at: "2026-03-02T10:00:00.000Z",
      last_run_status: "completed",
      recent_runs: [
        { run_id: second, ...run, ...times },
        { run_id: first, ...run, ...times },
      ],
    });
  });

  it("are listed newest first, page by page, until the cursor is null", async () => {
    for (const name of ["a", "b", "c", "d", "e"]) await caller.call("POST", base, { ...weekly, name });
    const names: string[][] = [];
    let cursor: string | null = "";
    for (let page = 0; cursor !== null && page < 9; page += 1) {
      const answer: { body: unknown } = await caller.call(
        "GET",
        `${base}?limit=2${cursor && `&cursor=${cursor}`}`,
      );
      const { data, next_cursor } = answer.body as { data: { name: string }[]; next_cursor: string | null };
      names.push(data.map((item) => item.name));
      cursor = next_cursor;
    }
    expect(names).toEqual([["e", "d"], ["c", "b"], ["a"]]);
  });

  itUnpaced("are listed with the status of their last run", async () => {
    const id = field(
      await caller.call("POST", base, { ...weekly, instructions: "@dev fail no luck" }),
      "automation_id",
    );
    const item = {
      automation_id: id,
      name: "Weekly videos",
      schedule: "every monday at 9am",
      enabled: true,
      next_run_at: "2026-03-09T09:00:00.000Z",
      updated_at: "2026-03-02T10:00:00.000Z",
    };
    expect((await caller.call("GET", base)).body).toEqual({
      data: [{ ...item, last_run_at: null, last_run_status: null }],
      next_cursor: null,
    });
    await caller.call("POST", `${base}/${id}/trigger`);
    await caller.settle();
    expect((await caller.call("GET", base)).body).toEqual({
      data: [{ ...item, last_run_at: "2026-03-02T10:00:00.000Z", last_run_status: "error" }],
      next_cursor: null,
    });
  });

  it("change only in the fields that a request names", async () => {
    const id = field(await caller.call("POST", base, weekly), "automation_id");
    const before = (await caller.call("GET", `${base}/${id}`)).body as Record<string, unknown>;
    await caller.server.advance(60);
    await caller.call("PATCH", `${base}/${id}`, { name: "Videos", instructions: "Make six." });
    expect((await caller.call("GET", `${base}/${id}`)).body).toEqual({
      ...before,
      name: "Videos",
      instructions: "Make six.",
      updated_at: "2026-03-02T10:01:00.000Z",
    });
  });

  it("have no next run while paused, and a future one once resumed", async () => {
    const id = field(
      await caller.call("POST", base, { ...weekly, schedule: "*/10 * * * *" }),
      "automation_id",
    );
    const paused = await caller.call("PATCH", `${base}/${id}`, { enabled: false });
    expect(paused.body).toMatchObject({ enabled: false, next_run_at: null });
    await caller.server.advance(3600);
    const resumed = await caller.call("PATCH", `${base}/${id}`, { enabled: true });
    expect(resumed.body).toMatchObject({ enabled: true, next_run_at: "2026-03-02T11:10:00.000Z" });
    expect((await caller.call("GET", `${base}/${id}`)).body).toMatchObject({ recent_runs: [] });
  });

  it("get a new updated_at on each change, even within a millisecond, and only then", async () => {
    const id = field(await caller.call("POST", base, weekly), "automation_id");
    const change = await caller.call("PATCH", `${base}/${id}`, { name: "Videos" });
    expect(change.body).toMatchObject({ updated_at: "2026-03-02T10:00:00.001Z" });
    await caller.call("POST", `${base}/${id}/trigger`);
    await caller.settle();
    await caller.server.advance(8 * 86_400);
    expect((await caller.call("GET", `${base}/${id}`)).body).toMatchObject({
      updated_at: "2026-03-02T10:00:00.001Z",
      last_run_at: "2026-03-09T09:00:00.000Z",
    });
  });

  itUnpaced("run when triggered, even while paused, and keep their schedule", async () => {
    const id = field(await caller.call("POST", base, { ...weekly, enabled: false }), "automation_id");
    const trigger = await caller.call("POST", `${base}/${id}/trigger`);
    expect(trigger).toMatchObject({ status: 200, body: { run_id: expect.stringMatching(/^run_/) } });
    await caller.settle();
    expect((await caller.call("GET", `${base}/${id}`)).body).toMatchObject({
      next_run_at: null,
      recent_runs: [{ run_id: field(trigger, "run_id"), status: "completed", trigger: "manual" }],
    });
  });

  it("disappear once deleted, but the output of their runs stays", async () => {
    const id = field(await caller.call("POST", base, weekly), "automation_id");
    await caller.call("POST", `${base}/${id}/trigger`);
    await caller.settle();
    const thread = field(await caller.call("GET", `${base}/${id}`), "thread_id");
    expect(await caller.call("DELETE", `${base}/${id}`)).toMatchObject({ status: 204, body: undefined });
    const gone = { status: 404, body: { error: "not_found", message: "no such automation" } };
    expect(await caller.call("GET", `${base}/${id}`)).toMatchObject(gone);
    expect(await caller.call("DELETE", `${base}/${id}`)).toMatchObject(gone);
    expect(await caller.call("POST", `${base}/${id}/trigger`)).toMatchObject(gone);
    await caller.server.advance(8 * 86_400);
    expect((await caller.call("GET", `/v1/deployments/dep_local/threads/${thread}`)).body).toMatchObject({
      messages: [{ role: "user" }, { role: "agent", content: "Working on: Make five.\nDone." }],
    });
  });

  itUnpaced("add their runs to the thread chosen for them", async () => {
    const { body } = await caller.call("GET", "/v1/deployments/dep_local");
    const { thread_id } = body as { thread_id: string };
    const id = field(await caller.call("POST", base, { ...weekly, thread_id }), "automation_id");
    await caller.call("POST", `${base}/${id}/trigger`);
    await caller.settle();
    expect((await caller.call("GET", `/v1/deployments/dep_local/threads/${thread_id}`)).body).toMatchObject({
      messages: [{ content: "Make five." }, { content: "Working on: Make five.\nDone." }],
    });
  });

  it("keep any text exactly as sent", async () => {
    const name = '\u0000 \u001b[31m \u202e \ud800 𝒳 "quoted" \\ \r\n\t é';
    const id = field(
      await caller.call("POST", base, { ...weekly, name, instructions: name }),
      "automation_id",
    );
    expect((await caller.call("GET", `${base}/${id}`)).body).toMatchObject({ name, instructions: name });
  });

  it.each([
    ["an empty name", { ...weekly, name: "" }, "name must not be empty"],
    ["a blank name", { ...weekly, name: " \n" }, "name must not be empty"],
    ["a name that isn't text", { ...weekly, name: 7 }, "name must be a string"],
    ["no name", { ...weekly, name: undefined }, "name is required"],
    ["no schedule", { ...weekly, schedule: undefined }, "schedule is required"],
    ["no instructions", { ...weekly, instructions: undefined }, "instructions is required"],
    ["a null", { ...weekly, instructions: null }, "instructions must be a string"],
    ["an unknown field", { ...weekly, prompt: "x" }, "unknown field: prompt"],
    ["enabled as a word", { ...weekly, enabled: "true" }, "enabled must be true or false"],
    ["a thread id that contains ..", { ...weekly, thread_id: "../x" }, "thread_id is not an id"],
    ["an array", [weekly], "the body must be a JSON object"],
    ["a text", "weekly", "the body must be a JSON object"],
    ["null", null, "the body must be a JSON object"],
  ])("are rejected with %s", async (_, body, message) => {
    const refused = { status: 400, body: { error: "validation_error", message } };
    expect(await caller.call("POST", base, body)).toMatchObject(refused);
    expect((await caller.call("GET", base)).body).toEqual({ data: [], next_cursor: null });
  });

  it.each(["61 * * * *", "banana", "* * * *", "0 9 31 2 *", "", "every monday at 25:00", "0 0 9 * * 1"])(
    "are rejected with the schedule %o, whether new or changed",
    async (schedule) => {
      const id = field(await caller.call("POST", base, weekly), "automation_id");
      const refused = { status: 400, body: { error: "validation_error" } };
      expect(await caller.call("POST", base, { ...weekly, schedule })).toMatchObject(refused);
      expect(await caller.call("PATCH", `${base}/${id}`, { schedule })).toMatchObject(refused);
      expect((await caller.call("GET", base)).body).toMatchObject({
        data: [
          { automation_id: id, schedule: "every monday at 9am", updated_at: "2026-03-02T10:00:00.000Z" },
        ],
      });
    },
  );

  it.each([
    ["limit=0", "limit must be a whole number from 1 to 100"],
    ["limit=101", "limit must be a whole number from 1 to 100"],
    ["limit=1.5", "limit must be a whole number from 1 to 100"],
    ["limit=", "limit must be a whole number from 1 to 100"],
    ["cursor=banana", "cursor is not from this list"],
    ["limit=1&limit=2", "limit is given twice"],
    ["page=2", "unknown query parameter: page"],
  ])("can't be listed with ?%s", async (query, message) => {
    const refused = { status: 400, body: { error: "validation_error", message } };
    expect(await caller.call("GET", `${base}?${query}`)).toMatchObject(refused);
  });

  it.each([
    ["GET", "/v1/deployments/dep_other/automations", "deployment"],
    ["POST", "/v1/deployments/dep_other/automations", "deployment"],
    ["GET", `${base}/auto_other`, "automation"],
    ["PATCH", `${base}/auto_other`, "automation"],
    ["GET", `${base}/..%2Fx`, "automation"],
    ["POST", `${base}/auto_other/trigger`, "automation"],
    ["GET", `${base}/auto_other/runs`, "path"],
    ["GET", "/v2/deployments", "path"],
  ])("return 404 for %s %s", async (method, path, thing) => {
    const body = method === "POST" || method === "PATCH" ? weekly : undefined;
    const gone = { status: 404, body: { error: "not_found", message: `no such ${thing}` } };
    expect(await caller.call(method, path, path.endsWith("trigger") ? undefined : body)).toMatchObject(gone);
  });

  it("are rejected with an unknown thread", async () => {
    const gone = { status: 404, body: { error: "not_found", message: "no such thread" } };
    expect(await caller.call("POST", base, { ...weekly, thread_id: "thr_other" })).toMatchObject(gone);
    const id = field(await caller.call("POST", base, weekly), "automation_id");
    expect(await caller.call("PATCH", `${base}/${id}`, { thread_id: "thr_other" })).toMatchObject(gone);
  });

  // No HTTP parser accepts it, nor does Bun's Request.
  const isTaken = transport === "in process" && !isBun;
  it.each(["PUT", "DELETE", "HEAD", "OPTIONS", ...(isTaken ? ["toString"] : [])])(
    "return 405 for %s, with the allowed methods",
    async (method) => {
      const { status, headers } = await caller.send(method, base);
      expect({ status, allow: headers.get("allow") }).toEqual({ status: 405, allow: "GET, POST" });
    },
  );
});
