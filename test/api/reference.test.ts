import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HermClient } from "../../src/api/client.js";
import type { FetchLike } from "../../src/api/fetch.js";
import Herm from "../../src/api/index.js";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";

let server: EmbeddedServer;

beforeEach(async () => {
  server = await embedDevServer();
});
afterEach(() => server.close());

/** The same calls with the app as transport, and over a socket. */
const ways: [string, () => Promise<{ baseUrl: string; fetch?: FetchLike }>][] = [
  [
    "in this process",
    async () => ({ baseUrl: "http://127.0.0.1", fetch: (url, init) => server.fetch(new Request(url, init)) }),
  ],
  ["over a socket", async () => ({ baseUrl: (await server.listen()).url })],
];

describe.each(ways)("the example code of the automations reference, %s", (_name, reach) => {
  const client = async () => new Herm({ apiKey: server.apiKey, ...(await reach()) });

  it("runs unchanged: create with its five fields, list, get, update, trigger, delete", async () => {
    const herm = await client();
    const [deployment] = (await herm.deployments.list()).data;
    const deployment_id = deployment?.deployment_id ?? "";
    const thread_id = (await herm.deployments.get(deployment_id)).thread_id ?? "";

    const automation = await herm.automations.create(deployment_id, {
      name: "Weekly video variations",
      schedule: "every Monday at 9am",
      instructions: "Make five variations.",
      thread_id,
      enabled: true,
    });
    expect(automation).toMatchObject({
      name: "Weekly video variations",
      enabled: true,
      deployment_id,
    });

    const list = await herm.automations.list(deployment_id);
    expect(list.data.map(({ automation_id }) => automation_id)).toEqual([automation.automation_id]);

    const detail = await herm.automations.get(deployment_id, automation.automation_id);
    expect(detail).toMatchObject({
      instructions: "Make five variations.",
      thread_id,
      recent_runs: [],
    });

    const paused = await herm.automations.update(deployment_id, automation.automation_id, { enabled: false });
    expect(paused).toMatchObject({ enabled: false, next_run_at: null });

    const { run_id } = await herm.automations.trigger(deployment_id, automation.automation_id);
    const { recent_runs } = await herm.automations.get(deployment_id, automation.automation_id);
    expect(recent_runs).toMatchObject([{ run_id, trigger: "manual" }]);

    await herm.automations.delete(deployment_id, automation.automation_id);
    await expect(herm.automations.get(deployment_id, automation.automation_id)).rejects.toMatchObject({
      status: 404,
    });
    expect((await herm.automations.list(deployment_id)).data).toEqual([]);
  });

  it("follows a run to its end, then closes the stream", async () => {
    const herm = await client();
    const { automation_id } = await herm.automations.create("dep_local", {
      name: "W",
      schedule: "0 9 * * 1",
      instructions: "Say hello.",
    });
    const stream = await herm.deployments.events.stream("dep_local");
    const { run_id } = await herm.automations.trigger("dep_local", automation_id);
    const types: string[] = [];
    for await (const event of stream) {
      if (event.run_id !== run_id) continue;
      types.push(event.type);
      if (event.type === "run_status" && event.status === "completed") break;
    }
    expect(new Set(types)).toEqual(new Set(["run_status", "token", "tool_call", "tool_result"]));
    await expect.poll(() => server.look().isAtWork).toBe(false);

    const { thread_id = "" } = await herm.automations.get("dep_local", automation_id);
    const { messages } = await herm.threads.get("dep_local", thread_id ?? "");
    expect(messages.map(({ role }) => role)).toEqual(["user", "agent"]);
  });

  it.each([
    ["Say hello.", { status: "completed" }],
    ["Write it.\n@dev fail no credits", { status: "error", error: "no credits" }],
    ["Write it.\n@dev ask Which one?", { status: "waiting_on_human", question: "Which one?" }],
  ])("runs an automation with the instructions %j", async (instructions, outcome) => {
    const herm = await client();
    const fields = { name: "W", schedule: "0 9 * * 1", instructions };
    const { automation_id } = await herm.automations.create("dep_local", fields);
    const { run_id, ...rest } = await herm.automations.run("dep_local", automation_id);
    expect(rest).toEqual(outcome);
    const { recent_runs } = await herm.automations.get("dep_local", automation_id);
    expect(recent_runs).toMatchObject([{ run_id }]);
  });

  it("rejects if the run can't be triggered, and closes the stream", async () => {
    const herm = await client();
    const running = herm.automations.run("dep_local", "auto_nowhere");
    await expect(running).rejects.toMatchObject({ name: "NotFoundError" });
  });

  it("resumes after the id of an event", async () => {
    const herm = new HermClient({ apiKey: server.apiKey, ...(await reach()) });
    await herm.deployments.messages.send("dep_local", { content: "Say hello." });
    await expect.poll(() => server.look().isAtWork).toBe(false);
    const idsBehind = async (lastEventId: string) => {
      const ids: string[] = [];
      for await (const batch of await herm.deployments.events.open("dep_local", {}, { lastEventId })) {
        ids.push(...batch.map(({ id }) => id));
        if (batch.some(({ event, data }) => event === "run_status" && data.includes("completed"))) break;
      }
      return ids;
    };
    const all = await idsBehind("evt_0");
    expect(all.length).toBeGreaterThan(3);
    expect(await idsBehind(all[2] ?? "")).toEqual(all.slice(3));
  });

  it("reports the API's refusals in the API's own words", async () => {
    const herm = await client();
    const fields = { name: "W", schedule: "banana", instructions: "I" };
    await expect(herm.automations.create("dep_local", fields)).rejects.toMatchObject({
      name: "ValidationError",
      code: "validation_error",
    });
    await expect(herm.automations.list("dep_nowhere")).rejects.toMatchObject({ name: "NotFoundError" });
    await expect(herm.automations.list("dep_local", { limit: 0 })).rejects.toMatchObject({ status: 400 });
    const stranger = new Herm({ ...(await reach()), apiKey: "wrong" });
    await expect(stranger.deployments.get("dep_local")).rejects.toMatchObject({
      name: "AuthenticationError",
    });
  });
});
