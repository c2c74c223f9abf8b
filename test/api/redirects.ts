import { createServer } from "node:net";
import type { HermClient } from "../../src/api/client.js";
import { AmbiguousError, RedirectError } from "../../src/api/errors.js";
import type { FetchLike, FetchResponse } from "../../src/api/fetch.js";
import { ownTransport } from "../support/runtime-transport.js";
import { testClient } from "./scripted-server.js";

/** The target of a redirect, which counts every connection and every byte that arrives. */
async function lure(): Promise<{
  port: number;
  arrived: { connections: number; bytes: number };
  close(): void;
}> {
  const arrived = { connections: 0, bytes: 0 };
  const server = createServer((socket) => {
    arrived.connections += 1;
    socket.on("error", () => {});
    socket.on("data", (data) => {
      arrived.bytes += data.length;
      socket.end("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    });
  });
  // For IPv4 and IPv6, so that `localhost` leads here too.
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" ? (address?.port ?? 0) : 0,
    arrived,
    close: () => void server.close(),
  };
}

const origins = { plain: "http://127.0.0.1:1", secure: "https://api.prismagents.com" };

/** Answers requests to the origin with the redirect; sends all others over the real transport. */
function redirecting(origin: string, { status, location }: { status: number; location: string }) {
  const sent: string[] = [];
  const transport = ownTransport();
  const redirect: FetchResponse = {
    status,
    headers: { get: (name) => (name === "location" ? location : null) },
    body: null,
  };
  const fetch: FetchLike = async (url, init) => {
    sent.push(`${init.method} ${url}`);
    return url.startsWith(`${origin}/`) ? redirect : transport(url, init);
  };
  return { sent, fetch };
}

const requests: [string, (herm: HermClient) => PromiseLike<unknown>][] = [
  ["GET", (herm) => herm.deployments.get("dep_1")],
  ["GET of a stream", (herm) => herm.deployments.events.stream("dep_1", {}, { lastEventId: "evt_1" })],
  [
    "POST of a create",
    (herm) => herm.automations.create("dep_1", { name: "W", schedule: "0 9 * * 1", instructions: "I" }),
  ],
  ["POST of a trigger", (herm) => herm.automations.trigger("dep_1", "auto_1")],
  ["POST of a message", (herm) => herm.deployments.messages.send("dep_1", { content: "secret" })],
  ["PATCH", (herm) => herm.automations.update("dep_1", "auto_1", { name: "N" })],
  ["DELETE", (herm) => herm.automations.delete("dep_1", "auto_1")],
];
const targets: [string, string, (port: number) => string][] = [
  ["another port", origins.plain, (port) => `http://127.0.0.1:${port}/v1/x`],
  ["another host", origins.plain, (port) => `http://localhost:${port}/v1/x`],
  ["another host without a scheme", origins.plain, (port) => `//localhost:${port}/v1/x`],
  ["another scheme", origins.plain, (port) => `https://127.0.0.1:${port}/v1/x`],
  ["plain http", origins.secure, (port) => `http://127.0.0.1:${port}/v1/x`],
  ["plain http on the same host", origins.secure, () => "http://api.prismagents.com/v1/x"],
  ["user info", origins.plain, (port) => `http://u:p@127.0.0.1:${port}/v1/x`],
];
export const redirects = [301, 302, 303, 307, 308].flatMap((status) =>
  targets.map(([name, origin, locationOf]) => ({ status, name, origin, locationOf })),
);

/** The outcome of every request that was answered with the redirect, and the requests that reached its target. */
export async function followAll({ status, origin, locationOf }: (typeof redirects)[number]) {
  const target = await lure();
  try {
    const outcomes: string[] = [];
    for (const [name, ask] of requests) {
      const { sent, fetch } = redirecting(origin, { status, location: locationOf(target.port) });
      const { herm } = testClient(origin, { fetch });
      const outcome = await Promise.resolve(ask(herm)).then(
        () => "followed",
        (error: unknown) => {
          const cause = error instanceof AmbiguousError ? error.cause : error;
          if (!(cause instanceof RedirectError)) return String(error);
          return `${cause === error ? "refused" : "unknown"} ${cause.status}`;
        },
      );
      outcomes.push(`${name}: ${outcome}, ${sent.length} sent`);
    }
    return { outcomes, arrived: target.arrived };
  } finally {
    target.close();
  }
}

/** The expected outcomes: a change that may have taken effect is looked for, by requests that are redirected too. */
export function refusals(status: number): string[] {
  return requests.map(([name]) => {
    const isOpen = [302, 303].includes(status) && !name.startsWith("GET");
    const isAsked = isOpen && !name.startsWith("POST");
    return `${name}: ${isOpen ? "unknown" : "refused"} ${status}, ${isAsked ? 5 : 1} sent`;
  });
}
