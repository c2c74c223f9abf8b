import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fetchFrom } from "../support/harness.js";
import { startManifestServer } from "./manifest-server.js";

const local = ["-d", "dep_local"];
const manifest = "automations:\n  - name: A\n    schedule: every day at 9am\n    instructions: x\n";

/** A server with an automation that the record has, and copies of it. */
async function start(duplicates = 2) {
  const all = await startManifestServer();
  all.write({ "herm.yaml": manifest });
  const ids = [(await all.create({ name: "A" })).automation_id];
  expect((await all.run(["adopt", "-f", "herm.yaml", ...local, "--yes"])).code).toBe(0);
  while (ids.length < duplicates) ids.push((await all.create({ name: "A" })).automation_id);
  const apply = ["apply", "-f", "herm.yaml", ...local];
  return { ...all, ids, apply };
}

describe("apply --remove-duplicates", () => {
  it("needs a record, which says which one is ours", async () => {
    const { run, cwd, apply } = await start();
    rmSync(join(cwd, "herm.lock.yaml"));
    expect(await run([...apply, "--remove-duplicates", "--yes"])).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(
        /^error: --remove-duplicates needs a record, and herm\.lock\.yaml is missing: nothing was sent\nhint: herm adopt /,
      ),
    });
    expect((await run(apply)).code).toBe(6);
  });

  it("removes what appears twice, and applies again without a word", async () => {
    const { run, runHerm, state, ids, apply } = await start();
    const removed = await run([...apply, "--remove-duplicates", "--yes", "--json", "--verbose"]);
    expect(removed.code).toBe(0);
    expect(JSON.parse(removed.stdout)).toMatchObject([
      { action: "unchanged", automation_id: ids[0] },
      { action: "delete", automation_id: ids[1], reason: `duplicate of ${ids[0]}, enabled`, result: "done" },
    ]);
    expect((await state()).map(({ automation_id }) => automation_id)).toEqual([ids[0]]);
    expect((await run(apply)).code).toBe(0);
    const undo = /^undo: herm (.+)$/m.exec(removed.stderr)?.[1] ?? "";
    // Who undoes the removal of a copy wants the copy.
    const undone = await runHerm([...undo.split(" "), "--yes"]);
    expect(undone).toMatchObject({ code: 0, stdout: expect.stringContaining(`was ${ids[1]}`) });
    expect(await state()).toHaveLength(2);
  });

  it("finds copies of one that somebody renamed, or that has an id", async () => {
    const { run, state, call, write, ids, apply } = await start();
    for (const id of ids) await call("PATCH", `/v1/deployments/dep_local/automations/${id}`, { name: "Z" });
    write({ "herm.yaml": manifest.replace("name: A", "id: a\n    name: B\n    formerly: A") });
    expect((await run([...apply, "--remove-duplicates", "--yes"])).code).toBe(0);
    expect((await state()).map(({ automation_id, name }) => [automation_id, name])).toEqual([[ids[0], "B"]]);
  });

  it("needs --yes when herm can't ask, and a yes where somebody can", async () => {
    const { run, state, apply } = await start();
    const unasked = await run([...apply, "--remove-duplicates"]);
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining("1 deletion needs --yes") });
    const declined = await run([...apply, "--remove-duplicates"], { answers: [false] });
    expect(declined.code).toBe(1);
    expect(declined.stderr).toMatch(/− A {2}auto_\w+ {2}\(duplicate of auto_\w+, enabled\)/);
    expect(await state()).toHaveLength(2);
    expect((await run([...apply, "--remove-duplicates"], { answers: [true] })).code).toBe(0);
    expect(await state()).toHaveLength(1);
  });

  it("counts as deletions for --max-deletes, and shows itself with --dry-run", async () => {
    const { run, state, apply } = await start(8);
    const over = await run([...apply, "--remove-duplicates", "--yes"]);
    expect(over).toMatchObject({
      code: 6,
      stderr: expect.stringContaining("7 deletions in dep_local; 5 at most"),
    });
    const dry = await run([...apply, "--remove-duplicates", "--dry-run", "--json", "--verbose"]);
    expect(JSON.parse(dry.stdout)).toHaveLength(8);
    expect(await state()).toHaveLength(8);
    expect((await run([...apply, "--remove-duplicates", "--yes", "--max-deletes", "7"])).code).toBe(0);
    expect(await state()).toHaveLength(1);
  });

  it("keeps the last one where the one that was to stay is gone by then", async () => {
    const { run, call, state, ids, apply, server } = await start();
    let lists = 0;
    const removed = await run([...apply, "--remove-duplicates", "--yes"], {
      fetch: async (url, init) => {
        if (init.method === "GET" && url.includes("/automations?")) lists += 1;
        if (lists === 2) {
          lists += 1;
          await call("DELETE", `/v1/deployments/dep_local/automations/${ids[0]}`);
        }
        return fetchFrom(server)(url, init);
      },
    });
    expect(removed.code).toBe(6);
    expect(removed.stderr).toContain(`${ids[0]}, the copy to keep, is no longer listed`);
    expect((await state()).map(({ automation_id }) => automation_id)).toEqual([ids[1]]);
  });
});
