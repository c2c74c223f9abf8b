import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startManifestServer } from "./manifest-server.js";

const local = ["-d", "dep_local"];
const manifest = (...names: string[]) =>
  `automations:\n${names.map((name) => `  - name: ${name}\n    schedule: every day at 9am\n    instructions: x\n`).join("")}`;

describe("apply with nested folders", () => {
  it("keeps every automation defined in a nested folder", async () => {
    const { run, write, state, writes } = await startManifestServer();
    write({ "defs/a.yaml": manifest("A"), "defs/team/b.yaml": manifest("B") });
    const all = ["apply", "-f", "defs", "--recursive", ...local, "--yes"];
    expect((await run(all)).code).toBe(0);
    expect((await state()).map(({ name }) => name)).toEqual(["A", "B"]);
    await writes();

    const pruned = await run(["apply", "-f", "defs", ...local, "--prune", "--yes"]);
    expect(pruned).toMatchObject({
      code: 2,
      stderr: "error: defs/team:1:1: its manifests aren't read: --prune needs --recursive here\n",
    });
    expect(await writes()).toEqual([]);
    expect((await run(["adopt", ...all.slice(1), "--record", "lock.yaml"])).code).toBe(0);
    expect((await run([...all, "--prune", "--record", "lock.yaml"])).code).toBe(0);
    expect((await state()).map(({ name }) => name)).toEqual(["A", "B"]);

    const flat = await run(["diff", "-f", "defs", ...local]);
    expect(flat).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(
        "warning: manifests in these folders weren't read (to read them, add --recursive): defs/team\n",
      ),
    });
  });

  it("reads a file only once if its folder is given too", async () => {
    const { run, write, state } = await startManifestServer();
    write({ "defs/a.yaml": `${manifest("A")}---\n`, "defs/package.json": "{}" });
    expect(await run(["apply", "-f", "defs", "-f", "defs/a.yaml", ...local])).toMatchObject({ code: 0 });
    expect((await state()).map(({ name }) => name)).toEqual(["A"]);
  });

  it("lists skipped entries, and repeats --recursive in the retry command", async () => {
    const { run, write, call } = await startManifestServer();
    write({
      "defs/a.yaml": manifest("A", "B"),
      "defs/package.json": "{}",
      "defs/typo.yaml": "automation: []\n",
    });
    const { code, stderr } = await run(["diff", "-f", "defs", "--recursive", ...local]);
    expect(code).toBe(9);
    expect(stderr).toContain("skipped (no top-level automations: or removed: key): defs/package.json\n");
    expect(stderr).toContain("warning: skipped defs/typo.yaml: is automation misspelt?\n");
    const path = "/v1/deployments/dep_local/automations";
    await call("POST", "/_dev/faults", {
      method: "POST",
      path,
      count: 1,
      action: { type: "fail", status: 422 },
    });
    const failed = await run(["apply", "-f", "defs", "--recursive", ...local, "--yes"]);
    expect(failed.stderr).toContain("to finish it: herm apply -d dep_local --file defs --recursive --yes");
  });
});

describe("an export of more than a thousand deployments", () => {
  it("shows no differences when compared with the server", async () => {
    const { run, deploy, create, cwd } = await startManifestServer();
    for (let count = 0; count < 1005; count += 1) await deploy(`D${count}`, { isReady: count % 200 === 0 });
    await create({ name: "A" });
    expect((await run(["export", "--all-deployments", "--to", "out"])).code).toBe(0);
    expect(readdirSync(join(cwd, "out")).length).toBeGreaterThan(1000);
    const { code, stdout } = await run(["diff", "-f", "out"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "no changes: 1 automation matches the files\n",
    });
  }, 120_000);
});
