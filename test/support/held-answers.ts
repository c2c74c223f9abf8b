import { once } from "node:events";
import { createServer } from "node:http";
import { onTestFinished } from "vitest";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";

/** A door before a server: what is asked takes effect at once. */
export interface Door {
  url: string;
  /** Lets out the answers that are held, and all that follow. */
  release(): void;
}

/** Holds the answers to requests of a method, all but the first `skip`, until they are released. */
export async function holdAnswers(
  server: Pick<EmbeddedServer, "fetch">,
  { method, skip }: { method: string; skip: number },
): Promise<Door> {
  let passing = skip;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const door = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
    const answer = await server.fetch(
      new Request(`http://127.0.0.1${request.url}`, {
        method: request.method ?? "GET",
        headers: Object.fromEntries(headers),
        ...(parts.length === 0 ? {} : { body: Buffer.concat(parts) }),
      }),
    );
    if (request.method === method) {
      passing -= 1;
      if (passing < 0) await released;
    }
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  onTestFinished(() => {
    door.closeAllConnections();
    door.close();
  });
  const address = door.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, release };
}
