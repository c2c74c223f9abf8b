import type { FetchLike } from "../../src/api/fetch.js";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import { fetchFrom, type HermOptions } from "./harness.js";

/** Requests with a method wait, once `arrived`, until they are released. */
export function gate(server: Pick<EmbeddedServer, "fetch">, method: string) {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const fetch: FetchLike = async (url, init) => {
    if (init.method === method) {
      arrive();
      await released;
    }
    return fetchFrom(server)(url, init);
  };
  return { fetch, arrived, release };
}

/** Each read of the clock is this much later. */
export function impatient({
  stepMs = 1_000,
  onLook = (_looks: number): unknown => undefined,
} = {}): HermOptions {
  let looks = 0;
  return {
    monotonic: () => {
      looks += 1;
      onLook(looks);
      return looks * stepMs;
    },
  };
}
