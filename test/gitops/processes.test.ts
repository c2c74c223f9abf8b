import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { spawnHerm, startHerm } from "../support/spawn.js";
import { type Platform, startPlatform, wanted } from "./platform.js";
import { firstDefaults, pipeline, type Repository } from "./repository.js";

let platform: Platform;
let env: Record<string, string>;
let created = 0;
let onCreate: () => void = () => undefined;
beforeAll(async () => {
  platform = await startPlatform(({ kind: deed }) => {
    if (deed !== "created") return;
    created += 1;
    onCreate();
  });
  const { url } = await platform.server.listen();
  env = { HERM_API_URL: url, HERM_API_KEY: platform.server.apiKey, NO_COLOR: "1" };
});
afterAll(() => platform.close());

const words = ["apply", ...pipeline, "--prune", "--yes"];
const options = () => ({ env, cwd: platform.cwd, home: platform.home });

/** Everything exists exactly once, and is in the record. */
async function expectDone(repository: Repository): Promise<void> {
  const truth = wanted(platform, repository);
  expect(await platform.truth()).toEqual(truth);
  const { ids } = platform.record();
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBe(Object.values(truth).flat().length);
}

// The second step starts where the first one ended.
describe("a pipeline as a process", () => {
  const first = { defaults: firstDefaults.slice(4) };

  it("is finished after a kill by the next runner, from the record alone", async () => {
    platform.checkOut(first);
    expect(await platform.runAutomations(["adopt", ...pipeline, "--yes"])).toMatchObject({ code: 0 });
    const child = startHerm(words, options());
    const middle = created + 150;
    const reached = new Promise<void>((resolve) => {
      onCreate = () => created >= middle && resolve();
    });
    const ended = once(child, "close");
    await Promise.race([reached, ended]);
    child.kill("SIGKILL");
    const [, signal] = await ended;
    expect(signal).toBe("SIGKILL");
    const there = Object.values(await platform.truth()).flat().length;
    expect(there).toBeGreaterThanOrEqual(150);
    expect(there).toBeLessThan(Object.values(wanted(platform, first)).flat().length);
    const next = { ...options(), home: temporaryFolder() };
    expect(await spawnHerm(words, next)).toMatchObject({ code: 0 });
    await expectDone(first);
  });

  it("waits for another pipeline in the same checkout, and creates no duplicates", async () => {
    const second = { defaults: firstDefaults.slice(2) };
    platform.checkOut(second);
    const ended = await Promise.all([1, 2].map(() => spawnHerm(words, options())));
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(ended.filter(({ stdout }) => stdout.includes("applied"))).toHaveLength(1);
    await expectDone(second);
  });
});
