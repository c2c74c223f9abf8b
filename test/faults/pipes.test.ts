import { describe, expect, it, onTestFinished } from "vitest";
import { call } from "../incident/fleet.js";
import { startServer, temporaryFolder } from "../support/harness.js";
import { muchApi, pipeInto } from "./pipes.js";
import { settle } from "./truth.js";

describe("the built command in a pipe", () => {
  it("prints a list of 20 MB whole to a slow reader", async () => {
    const api = await muchApi(20_000_000);
    onTestFinished(() => api.close());
    const env = { HOME: temporaryFolder(), HERM_API_URL: api.url, HERM_API_KEY: "hk_test_00000000" };
    const words = ["automations", "list", "-d", "dep_1", "-o", "json"];
    const { stdout, stderr } = await pipeInto(words, { reader: "(sleep 0.3; wc -c)", env });
    expect({ bytes: Number(stdout), stderr }).toEqual({ bytes: api.listBytes, stderr: "exit 0\n" });
    expect(api.listBytes).toBeGreaterThan(20_000_000);
  });

  it("ends with 0 and without a word when the reader of events has enough", async () => {
    const server = await startServer();
    const { url } = await server.listen();
    const { a } = await settle(server);
    const env = { HOME: temporaryFolder(), HERM_API_URL: url, HERM_API_KEY: server.apiKey };
    const trigger = () => call(server, "POST", `/v1/deployments/dep_local/automations/${a}/trigger`);
    const going = setInterval(() => void trigger(), 50);
    onTestFinished(() => clearInterval(going));
    const words = ["events", "-d", "dep_local", "-o", "jsonl"];
    const { stdout, stderr } = await pipeInto(words, { reader: "head -1", env });
    expect(JSON.parse(stdout)).toMatchObject({ id: expect.stringMatching(/^evt_/) });
    expect(stderr).toBe("exit 0\n");
  });
});
