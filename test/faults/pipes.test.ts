import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { muchApi, pipeInto } from "./pipes.js";

describe("the built command in a pipe", () => {
  it("prints a list of 20 MB in full to a slow reader", async () => {
    const api = await muchApi(20_000_000);
    onTestFinished(() => api.close());
    const env = { HOME: temporaryFolder(), HERM_API_URL: api.url, HERM_API_KEY: "hk_test_00000000" };
    const words = ["automations", "list", "-d", "dep_1", "-o", "json"];
    const { stdout, stderr } = await pipeInto(words, { reader: "(sleep 0.3; wc -c)", env });
    expect({ bytes: Number(stdout), stderr }).toEqual({ bytes: api.listBytes, stderr: "exit 0\n" });
    expect(api.listBytes).toBeGreaterThan(20_000_000);
  });

  it("exits with 0, without a message, when a list's output pipe closes", async () => {
    const api = await muchApi(20_000_000);
    onTestFinished(() => api.close());
    const env = { HOME: temporaryFolder(), HERM_API_URL: api.url, HERM_API_KEY: "hk_test_00000000" };
    const words = ["automations", "list", "-d", "dep_1", "-o", "jsonl"];
    const { stdout, stderr } = await pipeInto(words, { reader: "head -1", env });
    expect(JSON.parse(stdout)).toMatchObject({ automation_id: expect.stringMatching(/^auto_/) });
    expect(stderr).toBe("exit 0\n");
  });
});
