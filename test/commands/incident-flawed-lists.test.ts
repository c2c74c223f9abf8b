import { expect, it } from "vitest";
import { flawedLists } from "../incident/flawed-lists.js";
import { startServer, temporaryFolder } from "../support/harness.js";
import { seeded } from "../support/seed.js";

it.each([1, 2, 3])(
  "an incident is reported correctly despite incomplete, slow lists: seed %i",
  async (seed) => {
    const server = await startServer();
    const flaws = { count: 25, dropped: 0.1, lagMs: 8_000, random: seeded(seed) };
    const { wrong, leftPaused } = await flawedLists({ server, home: temporaryFolder(), ...flaws });
    expect({ wrong, leftPaused }).toEqual({ wrong: [], leftPaused: 0 });
  },
);
