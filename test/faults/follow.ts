import { setTimeout as pause } from "node:timers/promises";
import { faultProxy } from "../support/fault-proxy.js";
import { type HermResult, herm } from "../support/harness.js";
import { ownTransport } from "../support/runtime-transport.js";
import { seeded } from "../support/seed.js";
import { followedApi } from "./followed.js";

export interface CutFollow {
  format: "table" | "json" | "jsonl";
  seed: number;
  cuts: number;
  home: string;
}

/**
 * Follows a run over a connection that is cut at seeded bytes. Time runs a hundred times as fast, and no durations are
 * shown.
 */
export async function followCut({
  format,
  seed,
  cuts,
  home,
}: CutFollow): Promise<HermResult & { cutsLeft: number }> {
  const random = seeded(seed);
  const api = await followedApi(seed);
  const proxy = await faultProxy(api.url, seed);
  for (let cut = 0; cut < cuts; cut += 1) {
    const atByte = 150 + Math.floor((random() * 1.5 * api.streamBytes) / (cuts + 1));
    const type = random() < 0.5 ? "reset" : "close";
    proxy.faults.push({ type, direction: "down", atByte, request: /^GET \S+\/events/ });
  }
  try {
    const words = ["automations", "trigger", "auto_1", "--follow", "-d", "dep_1", "-o", format];
    const result = await herm(words, {
      key: "hk_test_00000000",
      home,
      env: { HERM_API_URL: proxy.url },
      fetch: ownTransport(),
      sleep: (ms, signal) => pause(ms / 100, undefined, { signal }),
      monotonic: () => 0,
      random,
      now: new Date("2026-03-02T09:00:00Z"),
    });
    return { ...result, cutsLeft: proxy.faults.length };
  } finally {
    await proxy.close();
    api.close();
  }
}
