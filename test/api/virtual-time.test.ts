import { expect, it } from "vitest";
import { VirtualTime } from "./virtual-time.js";

it("the test clock stands still until pending imports have loaded", async () => {
  const time = new VirtualTime();
  let wokenAtMs: number | undefined;
  void import("../fixtures/slow-module.js").then(async () => {
    await time.sleep(1_000);
    wokenAtMs = time.monotonic();
  });

  await time.advance(60_000);
  expect(wokenAtMs).toBe(1_000);
});
