import { expect, it } from "vitest";
import { startServer, temporaryFolder } from "../support/harness.js";
import { third } from "../support/third.js";
import { killable, killedWrite } from "./killed-writes.js";

/** Every so many a write is tried, beyond a command's last; each of them at length by `npm run soak -- incident`. */
const writes = Array.from({ length: 100 }, (_, at) => 4 * at);
/** So many each of them has. */
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
