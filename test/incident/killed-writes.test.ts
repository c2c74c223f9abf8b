import { expect, it } from "vitest";
import { startServer, temporaryFolder } from "../support/harness.js";
import { third } from "../support/third.js";
import { killable, killedWrite } from "./killed-writes.js";

/** Tries one write in this many, until after the command's last; `npm run soak -- incident` tries each. */
const writes = Array.from({ length: 100 }, (_, at) => 4 * at);
/** The number that each has. */
const least = 12;

it.each(killable.map((what, first) => ({ what, first: first + 1 })))(
  "a $what killed during a write appears in the history, and finishes when rerun",
  async ({ what, first }) => {
    for (const write of third(writes)) {
      const place = { server: await startServer(), home: temporaryFolder() };
      const { problems, isKilled } = await killedWrite(place, { what, at: first + write });
      expect({ write, problems }).toEqual({ write, problems: [] });
      if (isKilled) continue;
      expect(write).toBeGreaterThan(least);
      break;
    }
  },
  120_000,
);
