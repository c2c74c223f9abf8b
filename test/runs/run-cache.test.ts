import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { cachedRun, cacheRuns } from "../../src/runs/find.js";
import { temporaryFolder } from "../support/harness.js";

function placeAt(home: string, baseUrl = "https://api.test") {
  const uid = process.getuid?.();
  return {
    dataDir: join(home, "data"),
    files: createPrivateFiles({ uid, pid: process.pid, isRunning: () => true }),
    target: () => ({ baseUrl }),
  };
}

const run = (at: number) => ({
  run_id: `run_${at}`,
  deployment_id: "dep_1",
  automation_id: `auto_${at}`,
});

const pathIn = (home: string) => join(home, "data", "runs.jsonl");

describe("the saved runs", () => {
  it("are found again only for their own API", async () => {
    const home = temporaryFolder();
    await cacheRuns(placeAt(home), [run(1), run(2)]);

    expect(cachedRun(placeAt(home), "run_2")).toMatchObject(run(2));
    expect(cachedRun(placeAt(home), "run_3")).toBeUndefined();
    expect(cachedRun(placeAt(home, "https://other.test"), "run_2")).toBeUndefined();
  });

  it("are private to their owner", async () => {
    const home = temporaryFolder();
    await cacheRuns(placeAt(home), [run(1)]);

    expect(statSync(pathIn(home)).mode & 0o777).toBe(0o600);
  });

  it("are the last 1,000, the newest last", async () => {
    const home = temporaryFolder();
    await cacheRuns(
      placeAt(home),
      Array.from({ length: 1_500 }, (_, at) => run(at)),
    );
    await cacheRuns(placeAt(home), [run(1_500)]);
    const lines = readFileSync(pathIn(home), "utf8").trimEnd().split("\n");

    expect(lines).toHaveLength(1_000);
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject(run(1_500));
    expect(cachedRun(placeAt(home), "run_500")).toBeUndefined();
    expect(cachedRun(placeAt(home), "run_501")).toMatchObject(run(501));
  });

  it("survive simultaneous writers", async () => {
    const home = temporaryFolder();
    await Promise.all(Array.from({ length: 20 }, (_, at) => cacheRuns(placeAt(home), [run(at)])));

    const found = Array.from({ length: 20 }, (_, at) => cachedRun(placeAt(home), `run_${at}`)?.run_id);
    expect(found).toEqual(Array.from({ length: 20 }, (_, at) => `run_${at}`));
  });

  it("are written only once", async () => {
    const home = temporaryFolder();
    await cacheRuns(placeAt(home), [run(1)]);
    const before = statSync(pathIn(home)).ino;
    await cacheRuns(placeAt(home), [run(1)]);

    expect(statSync(pathIn(home)).ino).toBe(before);
  });

  it("keep their replay event, even if seen again without it", async () => {
    const home = temporaryFolder();
    await cacheRuns(placeAt(home), [run(1)]);
    await cacheRuns(placeAt(home), [{ ...run(1), after_event: "evt_7" }]);
    await cacheRuns(placeAt(home), [run(1), run(2)]);

    expect(cachedRun(placeAt(home), "run_1")).toMatchObject({ ...run(1), after_event: "evt_7" });
    expect(cachedRun(placeAt(home), "run_2")).not.toHaveProperty("after_event");
  });

  it("survive damaged lines", async () => {
    const home = temporaryFolder();
    await cacheRuns(placeAt(home), [run(1)]);
    const path = pathIn(home);
    writeFileSync(path, `not JSON\n{"run_id":7}\n[]\nnull\n${readFileSync(path, "utf8")}{"run_id":"run_9`);
    await cacheRuns(placeAt(home), [run(2)]);

    expect(cachedRun(placeAt(home), "run_1")).toMatchObject(run(1));
    expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(2);
  });

  it("never make a command fail", async () => {
    const home = temporaryFolder();
    writeFileSync(join(home, "data"), "a file where the folder should be");
    await cacheRuns(placeAt(home), [run(1)]);

    expect(cachedRun(placeAt(home), "run_1")).toBeUndefined();
    expect(existsSync(pathIn(home))).toBe(false);
  });
});
