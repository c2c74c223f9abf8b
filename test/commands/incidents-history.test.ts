import fc from "fast-check";
import { expect, it } from "vitest";
import { anyHistory, liveThrough } from "../incident/history.js";
import { anyDeeds, type Deed, overlap } from "../incident/two-incidents.js";
import { startServer, temporaryFolder } from "../support/harness.js";
import { third, thirdOfRuns } from "../support/third.js";

it("an incident resumes exactly its automations unchanged since, in random histories", async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (history) => {
      const { enabled, expected } = await liveThrough(history, {
        server: await startServer(),
        home: temporaryFolder(),
      });
      expect(enabled).toEqual(expected);
    }),
    thirdOfRuns(12),
  );
});

const deed = (act: Deed["act"], by: Deed["by"], clockOffMinutes = 0): Deed => ({
  act,
  by,
  on: 0,
  clockOffMinutes,
});

/** The automations that neither of two incidents resumed. */
const known: [deeds: Deed[]][] = [
  [[deed("pause all", "INC-1"), deed("curl enable", "INC-1"), deed("pause all", "INC-2", -60)]],
  [[deed("pause all", "INC-1", 60), deed("herm resume", "INC-1"), deed("pause all", "INC-2")]],
  [[deed("pause what the other one pauses meanwhile", "INC-1")]],
  [[deed("pause what the other one pauses meanwhile", "INC-2", -60)]],
];

it.each([true, false])(
  "each automation is resumed only by the incident that paused it last (updated_at: %s)",
  async (sendsUpdatedAt) => {
    await fc.assert(
      fc.asyncProperty(anyDeeds, async (deeds) => {
        const stage = { server: await startServer(), home: temporaryFolder(), sendsUpdatedAt };
        expect(await overlap(deeds, stage)).toEqual([]);
      }),
      { ...thirdOfRuns(12), examples: third(known) },
    );
  },
);
