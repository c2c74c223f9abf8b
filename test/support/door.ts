import { once } from "node:events";
import { createServer } from "node:http";
import { onTestFinished } from "vitest";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";

/** A door in front of a server; requests take effect at once. */
interface HeldDoor {
  url: string;
  /** Releases the responses that are held, and all later ones. */
  release(): void;
}

/** Holds the responses to requests with a method, except the first `skip`, until they are released. */
export async function holdAnswers(
  server: Pick<EmbeddedServer, "fetch">,
  { method, skip }: { method: string; skip: number },
): Promise<HeldDoor> {
  let passing = skip;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const url = await openDoor(server, {
    onAnswer: async (request) => {
      if (request.method !== method) return;
      passing -= 1;
      if (passing < 0) await released;
    },
  });
  return { url, release };
}

/** Puts a door in front of a server on a real socket; returns its URL. It is closed with the test. */
export async function openDoor(
  server: Pick<EmbeddedServer, "fetch">,
  watch: { onRequest?(request: Request): void; onAnswer?(request: Request): Promise<void> },
): Promise<string> {
  const door = createServer(async (incoming, response) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part);
    const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const);
    const request = new Request(`http://127.0.0.1${incoming.url}`, {
      method: incoming.method ?? "GET",
      headers: Object.fromEntries(headers),
      ...(parts.length === 0 ? {} : { body: Buffer.concat(parts) }),
    });
    watch.onRequest?.(request);
    const answer = await server.fetch(request);
    await watch.onAnswer?.(request);
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  onTestFinished(() => {
    door.closeAllConnections();
    door.close();
  });
  const address = door.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : undefined}`;
}
