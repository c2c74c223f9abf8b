import { userInfo } from "node:os";
import { describe, expect, it } from "vitest";
import { systemUser } from "../../src/files/home.js";
import { herm, startServer, temporaryFolder } from "../support/harness.js";

const { username } = userInfo();

describe("who runs this", () => {
  it("is the system's word, whatever $USER says, also in an incident", async () => {
    expect(systemUser()).toBe(username);
    const server = await startServer();
    const named: Record<string, string> = { USER: "mallory", USERNAME: "mallory" };
    for (const env of [{}, named]) {
      const home = temporaryFolder();
      const pause = ["automations", "pause", "--all", "-d", "dep_local", "--incident", "INC-1", "--yes"];
      expect((await herm(pause, { server, home, env })).code).toBe(0);
      const shown = await herm(["incidents", "show", "INC-1"], { server, home, env, tty: true });
      expect(shown.stdout).toContain(` by ${username} on `);
    }
  });
});
