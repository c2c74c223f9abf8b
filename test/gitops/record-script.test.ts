import { beforeEach, describe, expect, it } from "vitest";
import { fileOfTopic } from "../support/topics.js";
import { type Checkout, type Host, startHost } from "./host.js";

const script = await fileOfTopic("gitops", "# record.sh");
const file = "automations/herm.lock.yaml";
const get = "sh record.sh get prod";
const put = "sh record.sh put prod";

let host: Host;
beforeEach(async () => {
  host = await startHost({ "record.sh": script, ".gitignore": `${file}\n`, "automations/a.yaml": "" });
});

const lines = (...names: string[]) => ["record: 1", ...names].map((line) => `${line}\n`).join("");

/** Gets the record, writes the version that herm would have made, and puts it back. */
async function change(job: Checkout, text: string): Promise<void> {
  expect((await job.run(get)).code).toBe(0);
  job.write({ [file]: text });
  expect((await job.run(put)).code).toBe(0);
}

describe("record.sh", () => {
  it("starts the branch with the first record, with one folder per environment", async () => {
    const job = await host.checkOut();
    expect((await job.run(`${get}; ${put}`)).code).toBe(0);
    expect(await host.kept(".gitattributes")).toBeUndefined();
    await change(job, lines("a"));
    const other = await host.checkOut();
    expect((await other.run("sh record.sh get staging")).code).toBe(0);
    expect(other.read(file)).toBeUndefined();
    other.write({ [file]: lines("s") });
    expect((await other.run("sh record.sh put staging", { env: { HERM_REASON: "run 7" } })).code).toBe(0);
    expect(await host.kept("prod/herm.lock.yaml")).toBe(lines("a"));
    expect(await host.kept("staging/herm.lock.yaml")).toBe(lines("s"));
    expect(await host.kept(".gitattributes")).toBe("herm.lock.yaml merge=union\n");
    const log = await host.desk.run("git fetch -q && git log --format=%an:%s origin/herm-record");
    expect(log.stdout).toBe("herm:staging: run 7\nherm:prod: by hand\nherm:start\n");
  });

  it("replaces a job's own record with the branch's latest, and leaves the checkout clean", async () => {
    const job = await host.checkOut();
    job.write({ [file]: lines("stale") });
    expect((await job.run(get)).code).toBe(0);
    expect(job.read(file)).toBeUndefined();
    await change(await host.checkOut(), lines("a"));
    expect((await job.run(get)).code).toBe(0);
    expect(job.read(file)).toBe(lines("a"));
    expect((await job.run("git status --porcelain")).stdout).toBe("");
  });

  it("commits nothing if the record is unchanged", async () => {
    await change(await host.checkOut(), lines("a"));
    await change(await host.checkOut(), lines("a"));
    const log = await host.desk.run("git fetch -q && git rev-list --count origin/herm-record");
    expect(log.stdout).toBe("2\n");
  });

  it.each([
    ["started the branch", undefined],
    ["pushed first", lines("a")],
  ])("keeps both sides if another job %s, even when rerun", async (_what, before) => {
    if (before !== undefined) await change(await host.checkOut(), before);
    const [one, two] = [await host.checkOut(), await host.checkOut()];
    // Two first commits in the same second would be the same commit.
    const earlier = { GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z" };
    expect((await one.run(get, { env: earlier })).code).toBe(0);
    expect((await two.run(get)).code).toBe(0);
    two.write({ [file]: lines("a", "two") });
    one.write({ [file]: lines("a", "one") });
    expect((await two.run(put)).code).toBe(0);
    for (const _time of [1, 2]) expect((await one.run(put)).code).toBe(0);
    const kept = await host.kept("prod/herm.lock.yaml");
    expect(new Set(kept?.trim().split("\n"))).toEqual(new Set(["record: 1", "a", "one", "two"]));
    expect(one.read(file)).toBe(kept);
  });

  it("fails if it can't push, explains the next step, and pushes when rerun", async () => {
    const job = await host.checkOut();
    await job.run(get);
    job.write({ [file]: lines("a") });
    host.accept(false);
    const refused = await job.run(put);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("run adopt before the next apply"),
    });
    host.accept(true);
    expect((await job.run(put)).code).toBe(0);
    expect(await host.kept("prod/herm.lock.yaml")).toBe(lines("a"));
  });

  it("exits with git's code, and writes nothing, if the branch is unreadable", async () => {
    const job = await host.checkOut();
    await change(job, lines("a"));
    await job.run("git remote set-url origin /nowhere");
    expect((await job.run(get)).code).toBe(128);
    job.write({ [file]: lines("made up") });
    expect((await job.run(put)).code).toBe(0);
    expect(await host.kept("prod/herm.lock.yaml")).toBe(lines("a"));
  });
});
