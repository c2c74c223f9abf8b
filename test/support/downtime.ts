import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";

const hourMs = 3_600_000;
const ranMs = 2 * hourMs;

/** A server that ran for two hours with what `fill` adds, then rested for a day; and what time it is there and `fill` gave. */
export async function serverAfterDowntime<T>(
  { dataFile, apiKey }: { dataFile: string; apiKey: string },
  fill: (server: EmbeddedServer) => Promise<T>,
): Promise<{ server: EmbeddedServer; nowMs: number; filled: T }> {
  let aheadMs = 0;
  const options = { dataFile, apiKey, now: () => Date.now() + aheadMs };
  const before = await embedDevServer(options);
  const filled = await fill(before);
  // It keeps how far its clock was moved.
  await before.advance(ranMs / 1_000);
  await before.close();
  aheadMs = 26 * hourMs;
  const server = await embedDevServer(options);
  await server.advance(1);
  return { server, nowMs: options.now() + ranMs, filled };
}
