import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import { preloaded } from "../support/preloaded.js";

/** The parts of a server that tests of its contract need. */
export type ServedByAny = Pick<EmbeddedServer, "apiKey" | "fetch" | "listen" | "advance" | "close">;

/** The executable's `herm dev --memory`, for which real time stands still at `nowMs`. */
export async function openExecutableServer(nowMs: number): Promise<ServedByAny> {
  const home = mkdtempSync(join(tmpdir(), "herm-served-"));
  const { file, args } = preloaded("fixed-clock");
  const child = spawn(file, [...args, "dev", "--memory", "--port", "0", "-o", "json", "--quiet"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env.PATH, HOME: home, TEST_NOW: String(nowMs) },
  });
  const ended = once(child, "exit");
  const { url, apiKey } = await whereItListens(child.stdout);
  return {
    apiKey,
    listen: async () => ({ url }),
    fetch: (request) => fetch(request),
    advance: async (seconds) => {
      const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
      const body = JSON.stringify({ advance_s: seconds });
      await (await fetch(`${url}/_dev/clock`, { method: "POST", headers, body })).text();
    },
    close: async () => {
      child.kill("SIGTERM");
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function whereItListens(stdout: NodeJS.ReadableStream): Promise<{ url: string; apiKey: string }> {
  for await (const line of createInterface({ input: stdout })) {
    const { url, api_key: apiKey } = JSON.parse(line);
    return { url, apiKey };
  }
  throw new Error("the server ended before it said where it listens");
}
