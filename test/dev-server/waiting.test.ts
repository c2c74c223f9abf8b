import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { spawnServer } from "./processes.js";

const base = "/v1/deployments/dep_local";

it.each([[[]], [["--agent", "sleep 60"]]])(
  "many simultaneous runs and requests leave stderr empty: %j",
  async (flags) => {
    const { child, call } = await spawnServer(join(temporaryFolder(), "dev.db"), ...flags);
    if (child.stderr === null) throw new TypeError("its stderr is a pipe");
    const said = text(child.stderr);
    for (let index = 0; index < 25; index += 1) {
      await call("POST", `${base}/messages`, { content: "@dev wait 60", thread_id: "new" });
    }
    await call("POST", "/_dev/faults", { count: 25, action: { type: "delay", ms: 100 } });
    const delayed = await Promise.all(Array.from({ length: 25 }, () => call("GET", base)));
    expect(delayed.map(({ status }) => status)).toEqual(new Array(25).fill(200));
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
    expect(await said).toBe("");
  },
);
