import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemUser } from "../../src/files/machine.js";
import { addAutomation } from "../incident/fleet.js";
import { herm, startServer, temporaryFolder } from "../support/harness.js";
import { canStartAs } from "../support/other-user.js";
import { spawnHerm } from "../support/spawn.js";

// Bun's userInfo believes $USER.
const asked = spawnSync("id", ["-un"], { encoding: "utf8" });
/** Undefined for a user that the system doesn't know. */
const username = asked.status === 0 ? asked.stdout.trim() : undefined;

describe("the name of the current user", () => {
  it("is known to a command that runs as its own process", async () => {
    const server = await startServer();
    await addAutomation(server, { name: "a" });
    const { url } = await server.listen();
    const env = { HERM_API_URL: url, HERM_API_KEY: server.apiKey, USER: "mallory" };
    const ledger = join(temporaryFolder(), "one.jsonl");
    const pause = ["automations", "pause", "--all", "-d", "dep_local", "--incident", "INC-1", "--yes"];
    expect(await spawnHerm([...pause, "--ledger", ledger], { env })).toMatchObject({ code: 0 });
    const [head = ""] = readFileSync(ledger, "utf8").split("\n");
    expect(JSON.parse(head)).toMatchObject({ by: { user: username ?? "mallory" } });
  });

  it("comes from the system, not $USER, even in an incident", async () => {
    expect(systemUser()).toBe(username);
    const named: Record<string, string> = { USER: "mallory", USERNAME: "mallory" };
    for (const env of [{}, named]) {
      const server = await startServer();
      await addAutomation(server, { name: "a" });
      const home = temporaryFolder();
      const pause = ["automations", "pause", "--all", "-d", "dep_local", "--incident", "INC-1", "--yes"];
      expect((await herm(pause, { server, home, env })).code).toBe(0);
      const shown = await herm(["incidents", "show", "INC-1"], { server, home, env, tty: true });
      expect(shown.stdout).toContain(` by ${username ?? env.USER ?? "unknown"} on `);
    }
  });
});

/** A user whose id is also that of a group, which belongs to a user listed earlier. */
const confusable = listedUsers().find(({ uid }, at, users) =>
  users.slice(0, at).some(({ gid, home }) => gid === uid && home !== users[at]?.home),
);

it.skipIf(confusable === undefined || !canStartAs(Number(confusable.uid)))(
  "a user's home is never taken from a user whose group number matches",
  async () => {
    const { stdout } = await spawnHerm(["config", "list", "-o", "json"], {
      uid: Number(confusable?.uid),
      // A relative path counts as none.
      env: { HOME: "some/home" },
    });
    expect(JSON.parse(stdout)).toMatchObject({ data_dir: `${confusable?.home}/.local/share/herm` });
  },
);

function listedUsers() {
  const lines = existsSync("/etc/passwd") ? readFileSync("/etc/passwd", "utf8").trim().split("\n") : [];
  return lines.map((line) => {
    const [, , uid = "", gid = "", , home = ""] = line.split(":");
    return { uid, gid, home };
  });
}
