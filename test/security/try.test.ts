import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { fakeApi } from "../support/fake-api.js";
import { temporaryFolder } from "../support/harness.js";
import { tryCommand } from "./try.js";

/** An API whose stream is open for a while before any data arrives. */
function slowStream(api: FetchLike): FetchLike {
  return async (url, init) => {
    const answer = await api(url, init);
    const { body } = answer;
    if (!new URL(url).pathname.endsWith("/events") || body === null) return answer;
    async function* late() {
      await pause(30);
      if (body !== null && Symbol.asyncIterator in body) yield* body;
    }
    return { ...answer, body: late() };
  };
}

describe("a trial in the matrix", () => {
  it.each(["table", "json", "jsonl"])(
    "follows a run to its end as %s, however late its events are",
    async (format) => {
      const argv = () => ["automations", "trigger", "dep_1/auto_1", "--follow", "-o", format];
      const follow = async (fetch: FetchLike) => {
        const home = temporaryFolder();
        const { code, stdout } = await tryCommand({ argv }, { text: "text", home, key: "key", fetch });
        // Its duration depends on the trial.
        return { code, stdout: stdout.replace(/completed in [^·]+/, "completed ") };
      };
      const prompt = await follow(fakeApi({ text: "text" }));
      expect(await follow(slowStream(fakeApi({ text: "text" })))).toEqual(prompt);
      expect(prompt).toEqual({ code: 0, stdout: expect.stringContaining("completed") });
    },
  );
});
