import { readlinkSync, realpathSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { command, isExecutable } from "../support/command-file.js";
import { spawnHerm, spawnServer } from "../support/spawn.js";
import { isNative } from "./native.js";

// There is an executable if HERM_COMMAND names one: npm run test:binary.
describe.skipIf(!isExecutable)("the program under test", () => {
  it("is the executable, not a script run by another program", async () => {
    expect(isNative(command.file)).toBe(true);
    const { child } = await spawnServer();
    if (process.platform === "linux")
      expect(readlinkSync(`/proc/${child.pid}/exe`)).toBe(realpathSync(command.file));
  });

  it("reports that it runs on Bun", async () => {
    const { stdout } = await spawnHerm(["doctor", "-o", "json"]);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ check: "version", found: expect.stringMatching(/ on Bun [\d.]+$/) }),
    );
  });
});
