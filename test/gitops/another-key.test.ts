import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import type { HermOptions } from "../support/harness.js";
import { type Platform, startPlatform, wanted } from "./platform.js";
import { firstDefaults, pipeline, type Repository } from "./repository.js";

const repositories: Record<string, Repository> = {
  production: { defaults: firstDefaults },
  staging: { defaults: firstDefaults.slice(14) },
};
const environments = ["production", "staging"] as const;
type Environment = (typeof environments)[number];

let platforms: Record<Environment, Platform>;
beforeAll(async () => {
  platforms = { production: await startPlatform(), staging: await startPlatform() };
});
afterAll(() => Promise.all(environments.map((each) => platforms[each].close())));

/** The deployment that every local server has. */
const others = ["--except", "Local"];

/** One origin that isn't a local server; a key sees only the deployments in its environment. */
const ofOneOrigin: FetchLike = async (url, init) => {
  const { authorization = "" } = init.headers as Record<string, string>;
  const its = environments.find((each) => authorization === `Bearer ${platforms[each].server.apiKey}`);
  const answer = await platforms[its ?? "production"].server.fetch(new Request(url, init as RequestInit));
  const headers = new Headers(answer.headers);
  headers.delete("server");
  return new Response(answer.body, { status: answer.status, headers });
};

describe.each<[string, HermOptions, RegExp]>([
  [
    "another API",
    {},
    /is the record of the local server's store \w+, not of the local server's store \w+: nothing/,
  ],
  [
    "one API",
    { fetch: ofOneOrigin },
    /this key can't see any of the 17 deployments in \S+: nothing was sent/,
  ],
])("the key of another environment, for %s", (_of, through, says) => {
  it("changes neither the platform nor the record", async () => {
    for (const each of environments) {
      const platform = platforms[each];
      platform.checkOut(repositories[each] as Repository);
      const start = ["adopt", ...pipeline, ...others, "--yes"];
      expect((await platform.runAutomations(start, through)).code).toBe(0);
      expect((await platform.run("apply", ...others, through)).code).toBe(0);
    }
    for (const [job, other] of [environments, environments.toReversed()]) {
      const [platform, { server }] = [platforms[job as Environment], platforms[other as Environment]];
      const { text } = platform.record();
      for (const verb of ["apply", "diff"] as const) {
        const { code, rows, stderr } = await platform.run(verb, "--prune", ...others, {
          ...through,
          server,
          key: server.apiKey,
        });
        expect({ code, rows }).toEqual({ code: 6, rows: [] });
        expect(stderr).toMatch(says);
      }
      expect(platform.record().text).toBe(text);
    }
    for (const each of environments) {
      const platform = platforms[each];
      const truth = wanted(platform, repositories[each] as Repository);
      expect(await platform.truth()).toEqual({ ...truth, Local: [] });
      platform.write({ "automations/herm.lock.yaml": "" });
    }
  });
});
