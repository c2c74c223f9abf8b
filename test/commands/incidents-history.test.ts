import fc from "fast-check";
import { expect, it } from "vitest";
import { anyHistory, liveThrough } from "../incident/history.js";
import { startServer, temporaryFolder } from "../support/harness.js";

it("resumes exactly what the incident paused and nobody touched since, whatever happened in between", async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (history) => {
      const { enabled, expected } = await liveThrough(history, {
        server: await startServer(),
        home: temporaryFolder(),
      });
      expect(enabled).toEqual(expected);
    }),
    { numRuns: 12 },
  );
});
