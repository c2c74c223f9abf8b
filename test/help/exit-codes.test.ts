import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { matrix } from "../security/matrix.js";
import { tryCommand } from "../security/try.js";
import { helpTexts } from "../support/declarations.js";
import { answer, fakeApi } from "../support/fake-api.js";
import { nobodyListens, temporaryFolder } from "../support/harness.js";
import { third } from "../support/third.js";

/** Exit codes of every command, which only the help of `herm` lists. */
const everywhere = [0, 1, 2, 130];

const refusing =
  (status: number): FetchLike =>
  async () =>
    answer(status, '{"error": "refused", "message": "no"}', "application/json", { "retry-after": "0" });

const servers: [string, (fine: FetchLike) => FetchLike][] = [
  ["fine", (fine) => fine],
  ...[400, 401, 402, 403, 404, 409, 422, 500].map((status): [string, () => FetchLike] => [
    String(status),
    () => refusing(status),
  ]),
  ["nobodyListens", () => nobodyListens],
];

describe("the exit codes in help", () => {
  it.each(Object.entries(matrix))(
    "include every exit code of %s, however the server behaves",
    async (name, trials) => {
      const named = [...everywhere, ...Object.keys(helpTexts[name]?.exitCodes ?? {}).map(Number)];
      const unnamed: string[] = [];
      for (const [index, trial] of third([...trials.entries()])) {
        let isSending = false;
        for (const [state, serve] of servers) {
          // A command without requests exits the same way, whatever the server does.
          if (state !== "fine" && !isSending) continue;
          for (const key of index === 0 ? ["a-key-of-tests", null] : ["a-key-of-tests"]) {
            const served = serve(fakeApi({ ...trial.api, text: "text" }));
            const fetch: FetchLike = (url, init) => {
              isSending = true;
              return served(url, init);
            };
            const { code, stderr } = await tryCommand(trial, {
              text: "text",
              home: temporaryFolder(),
              fetch,
              key,
            });
            if (!named.includes(code))
              unnamed.push(`${trial.argv("text").join(" ")}, ${state}: ${code} ${stderr}`);
          }
        }
      }
      expect(unnamed).toEqual([]);
    },
  );
});
