import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Caller, field, openCaller, transports } from "./caller.js";

const acme = { customer_id: "cus_acme", name: "Acme", system_prompt: "Be kind." };

describe.each(transports)("deployments, %s", (transport) => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await openCaller(transport);
  });
  afterEach(() => caller.close());

  it("include one ready deployment from the start", async () => {
    const summary = {
      deployment_id: "dep_local",
      customer_id: "cus_local",
      name: "Local",
      runtime: "hermes",
      status: "ready",
      model: "scripted",
      created_at: "2026-03-02T10:00:00.000Z",
    };
    expect((await caller.call("GET", "/v1/deployments")).body).toEqual({
      data: [summary],
      next_cursor: null,
    });
    expect((await caller.call("GET", "/v1/deployments/dep_local")).body).toEqual({
      ...summary,
      thread_id: expect.stringMatching(/^thr_/),
      filesystem: { workspace_path: "/workspace", persistent: true },
      events: {
        transport: "sse",
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1\/deployments\/dep_local\/events$/),
      },
    });
  });

  it("become ready after a moment on the server's clock, and reject work until then", async () => {
    const created = await caller.call("POST", "/v1/deployments", { ...acme, region: "eu" });
    expect(created).toMatchObject({ status: 201, body: { customer_id: "cus_acme", status: "provisioning" } });
    const path = `/v1/deployments/${field(created, "deployment_id")}`;
    const notReady = {
      status: 409,
      body: { error: "deployment_not_ready", message: "the deployment is still provisioning" },
    };
    const automation = { name: "x", schedule: "0 9 * * *", instructions: "x" };
    expect(await caller.call("POST", `${path}/automations`, automation)).toMatchObject(notReady);
    expect(await caller.call("GET", `${path}/automations`)).toMatchObject(notReady);
    expect(await caller.call("POST", `${path}/messages`, { content: "x" })).toMatchObject(notReady);
    expect(await caller.call("GET", `${path}/events`)).toMatchObject(notReady);
    await caller.server.advance(1);
    expect(await caller.call("GET", path)).toMatchObject({ status: 200, body: { status: "ready" } });
    expect(await caller.call("POST", `${path}/automations`, automation)).toMatchObject({ status: 201 });
  });

  it("become ready, or fail, when their prompt says so", async () => {
    const slow = { ...acme, system_prompt: "Be kind.\n@dev wait 60" };
    const path = `/v1/deployments/${field(await caller.call("POST", "/v1/deployments", slow), "deployment_id")}`;
    await caller.server.advance(59);
    expect((await caller.call("GET", path)).body).toMatchObject({ status: "provisioning" });
    await caller.server.advance(1);
    expect((await caller.call("GET", path)).body).toMatchObject({ status: "ready" });
    const bad = { ...acme, system_prompt: "@dev fail" };
    const failed = `/v1/deployments/${field(await caller.call("POST", "/v1/deployments", bad), "deployment_id")}`;
    await caller.server.advance(1);
    expect((await caller.call("GET", failed)).body).toMatchObject({ status: "error" });
    expect(await caller.call("GET", `${failed}/automations`)).toMatchObject({
      status: 409,
      body: { error: "deployment_not_ready", message: "the deployment failed to provision" },
    });
  });

  it("are listed newest first, and filtered by customer and status", async () => {
    await caller.call("POST", "/v1/deployments", { ...acme, name: "Acme 1" });
    await caller.call("POST", "/v1/deployments", { ...acme, name: "Acme 2", system_prompt: "@dev fail" });
    await caller.server.advance(1);
    await caller.call("POST", "/v1/deployments", { ...acme, name: "Acme 3" });
    const names = async (query: string) => {
      const { body } = await caller.call("GET", `/v1/deployments?${query}`);
      return (body as { data: { name: string }[] }).data.map(({ name }) => name);
    };
    expect(await names("")).toEqual(["Acme 3", "Acme 2", "Acme 1", "Local"]);
    expect(await names("customer_id=cus_acme")).toEqual(["Acme 3", "Acme 2", "Acme 1"]);
    expect(await names("customer_id=cus_acme&status=ready")).toEqual(["Acme 1"]);
    expect(await names("status=provisioning")).toEqual(["Acme 3"]);
    expect(await names("status=error")).toEqual(["Acme 2"]);
    expect(await names("customer_id=cus_other")).toEqual([]);
  });

  it("are listed once each across pages, and stay filtered", async () => {
    for (let index = 0; index < 45; index += 1) await caller.call("POST", "/v1/deployments", acme);
    const seen: string[] = [];
    const sizes: number[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const { body } = await caller.call(
        "GET",
        `/v1/deployments?customer_id=cus_acme${cursor && `&cursor=${cursor}`}`,
      );
      const page = body as { data: { deployment_id: string }[]; next_cursor: string | null };
      sizes.push(page.data.length);
      seen.push(...page.data.map((deployment) => deployment.deployment_id));
      cursor = page.next_cursor;
    }
    expect(sizes).toEqual([20, 20, 5]);
    expect(new Set(seen).size).toBe(45);
  });

  it.each([
    ["no customer", { ...acme, customer_id: undefined }, "customer_id is required"],
    ["an empty name", { ...acme, name: "" }, "name must not be empty"],
    ["a prompt that isn't text", { ...acme, system_prompt: null }, "system_prompt must be a string"],
    ["a model that isn't text", { ...acme, model: 1 }, "model must be a string"],
    ["an array", [], "the body must be a JSON object"],
  ])("are rejected with %s", async (_, body, message) => {
    expect(await caller.call("POST", "/v1/deployments", body)).toMatchObject({
      status: 400,
      body: { error: "validation_error", message },
    });
    expect((await caller.call("GET", "/v1/deployments")).body).toMatchObject({ data: [{ name: "Local" }] });
  });

  it.each(["status=gone", "status=", "limit=0", "cursor=YXV0b21hdGlvbnM6Mw"])(
    "can't be listed with ?%s",
    async (query) => {
      expect(await caller.call("GET", `/v1/deployments?${query}`)).toMatchObject({
        status: 400,
        body: { error: "validation_error" },
      });
    },
  );
});
