import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startManifestServer } from "./manifest-server.js";

const here = ["-d", "dep_local"];

async function start() {
  const world = await startManifestServer();
  const { write, create } = world;
  await create({ name: "A", schedule: "@daily", instructions: "Go" });
  const items = ["A", "B"].map((name) => ({ name, schedule: "@daily", instructions: "Go" }));
  write({ "m.json": JSON.stringify({ automations: items }), file: "mine" });
  await world.writes();
  return world;
}

/** No user can create a file below a file, or in place of a folder. */
describe("an unwritable file named by a flag", () => {
  it.each([
    ["an export", ["export", ...here, "--to", "file/herm.yaml"]],
    ["an export's folder", ["export", ...here, "--to", "file/out"]],
    ["a report", ["diff", "-f", "m.json", ...here, "--report", "junit=file/r.xml"]],
    ["a report of lint", ["lint", "-f", "m.json", "--report", "markdown=file/r.md"]],
    ["a record", ["apply", "-f", "m.json", ...here, "--record", "file/herm.lock.yaml", "--yes"]],
    ["a record of adopt", ["adopt", "-f", "m.json", ...here, "--record", "file/herm.lock.yaml", "--yes"]],
    ["a ledger", ["pause", "--all", ...here, "--incident", "I", "--ledger", "file/l.jsonl", "--yes"]],
    [
      "a ledger that is a folder",
      ["pause", "--all", ...here, "--incident", "I", "--ledger", "folder", "--yes"],
    ],
  ])("causes exit code 6 for %s", async (_, words) => {
    const { run, cwd, writes } = await start();
    mkdirSync(join(cwd, "folder"));
    const { code, stdout, stderr } = await run(words);
    expect({ code, stdout, sent: await writes() }).toEqual({ code: 6, stdout: "", sent: [] });
    expect(stderr).toMatch(/^error: .*(file\/|folder)/);
    expect(stderr).not.toContain("HERM_DATA_DIR");
    expect(readdirSync(cwd).toSorted()).toEqual(["file", "folder", "m.json"]);
  });

  it("causes a usage error if it isn't a file at all", async () => {
    const { run, cwd } = await start();
    execFileSync("mkfifo", [join(cwd, "pipe.yaml")]);
    expect(await run(["export", ...here, "--to", "pipe.yaml", "--force"])).toMatchObject({
      code: 2,
      stderr: "error: pipe.yaml isn't a file\nhint: leave out --to to write to stdout\n",
    });
    expect(statSync(join(cwd, "pipe.yaml")).isFIFO()).toBe(true);
  });
});
