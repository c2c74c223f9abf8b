import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { callerOf } from "../dev-server/processes.js";
import { temporaryFolder } from "../support/harness.js";
import { openTerminal } from "../support/pty.js";

const path = "/v1/deployments/dep_local/automations";

describe("a server in a terminal", () => {
  it.skipIf(process.platform !== "linux")("responds while its terminal is stopped", async () => {
    const folder = temporaryFolder();
    const data = join(folder, "dev.db");
    const terminal = openTerminal(["dev", "--port", "0", "--data", data], {
      env: { HERM_DEV_KEY: "a-key-of-the-test" },
      columns: 120,
    });
    await terminal.shows("Ctrl-C stops it");
    const url =
      terminal
        .lines()
        .join("\n")
        .match(/http:\/\/127\.0\.0\.1:\d+/)?.[0] ?? "";
    const caller = callerOf({ url, apiKey: "a-key-of-the-test" });
    const create = (name: string) =>
      caller("POST", path, { name, schedule: "0 0 1 1 *", instructions: "Hello" });
    await create("First");
    await terminal.shows("created    Local/First");
    terminal.type("\x13");
    for (let index = 0; index < 60; index += 1) await create(`Later ${index} ${"x".repeat(150)}`);
    expect((await caller("GET", path)).status).toBe(200);
    terminal.type("\x11");
    await terminal.shows("Local/Later 0");
    terminal.type("\x03");
    expect((await terminal.ended).code).toBe(0);
  });
});
