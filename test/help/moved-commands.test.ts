import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { herm, startServer, temporaryFolder } from "../support/harness.js";

const groups = ["automations", "auto", "automation"];

describe("a file command typed after its former group", () => {
  it.each(["apply", "diff", "lint", "export", "adopt"])("still runs %s", async (name) => {
    const { stdout } = await herm([name, "--help"]);
    expect(stdout).toMatch(new RegExp(`^Usage: herm ${name} `));
    for (const group of groups) {
      expect((await herm([group, name, "--help"])).stdout).toBe(stdout);
      expect((await herm(["help", group, name])).stdout).toBe(stdout);
    }
    expect((await herm(["automations", "--help"])).stdout).not.toMatch(new RegExp(`^ +${name} `, "m"));
  });

  it("works the same, wherever its flags are", async () => {
    const server = await startServer();
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, "a.yaml"), "automations:\n  - {name: A, schedule: '@daily', instructions: x}\n");
    const options = { server, cwd, home: cwd, env: {} };
    const applied = await herm(["-d", "dep_local", "apply", "-f", "a.yaml", "--yes"], options);
    expect(applied).toMatchObject({ code: 0, stdout: "1 applied\n" });
    const diff = ["automations", "-d", "dep_local", "diff", "-f", "a.yaml"];
    expect((await herm(diff, options)).code).toBe(0);
  });

  it("is found despite a typo", async () => {
    expect((await herm(["automations", "aply"])).stderr).toContain("did you mean herm apply?");
  });
});
