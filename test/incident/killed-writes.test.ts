import { expect, it } from "vitest";
import { startServer, temporaryFolder } from "../support/harness.js";
import { killable, killedWrite } from "./killed-writes.js";

/** Every so many a write is tried; each of them at length by `npm run soak -- incident`. */
const step = 4;

it.each(killable.map((what, first) => ({ what, first: first + 1 })))(
  "a $what that is killed at a write is known by the history, and done by the same command again",
  async ({ what, first }) => {
    let isKilled = true;
    let kills = 0;
    for (let at = first; isKilled; at += step) {
      const place = { server: await startServer(), home: temporaryFolder() };
      const trial = await killedWrite(place, { what, at });
      expect({ at, problems: trial.problems }).toEqual({ at, problems: [] });
      ({ isKilled } = trial);
      if (isKilled) kills += 1;
    }
    expect(kills).toBeGreaterThan(3);
  },
  120_000,
);
