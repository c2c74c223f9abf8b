import { type EmbeddedServer, type EmbedOptions, embedDevServer } from "../../src/dev-server/embed.js";
import { isExecutable } from "../support/command-file.js";
import type { ServedByAny } from "./executable-server.js";

export type Transport = "in process" | "over a socket";

/** The executable's server is a separate process. */
export const transports: readonly Transport[] = isExecutable
  ? ["over a socket"]
  : ["in process", "over a socket"];

/** A Monday morning. */
export const monday = Date.parse("2026-03-02T10:00:00.000Z");

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

export interface Caller {
  server: ServedByAny;
  /** A call with the key and a JSON body; `headers` replace, or with null remove, its own. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string | null>,
  ): Promise<Answer>;
  send(method: string, path: string, options?: SendOptions): Promise<Response>;
  /** Resolves when all runs have ended or are waiting. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

interface SendOptions {
  body?: string;
  headers?: Record<string, string | null>;
  signal?: AbortSignal;
}

/**
 * A server in memory for which real time stands still, and a way to call it. Over a socket and without options, it is
 * the executable's, if that is being tested.
 */
export async function openCaller(
  transport: "in process",
  options?: EmbedOptions,
): Promise<Caller & { server: EmbeddedServer }>;
export async function openCaller(transport: Transport, options?: EmbedOptions): Promise<Caller>;
export async function openCaller(transport: Transport, options: EmbedOptions = {}): Promise<Caller> {
  const isServed = isExecutable && transport === "over a socket" && Object.keys(options).length === 0;
  const server = isServed
    ? await (await import("./executable-server.js")).openExecutableServer(monday)
    : await embedDevServer({ now: () => monday, onError: rethrow, ...options });
  const url = transport === "over a socket" ? (await server.listen()).url : "http://127.0.0.1:1";
  const doFetch = transport === "over a socket" ? fetch : server.fetch;
  const send = (method: string, path: string, { body, headers = {}, signal }: SendOptions = {}) => {
    const all = { authorization: `Bearer ${server.apiKey}`, ...typeOf(body), ...headers };
    const sent = new Headers();
    for (const [name, value] of Object.entries(all)) if (value !== null) sent.set(name, value);
    return doFetch(new Request(`${url}${path}`, { method, headers: sent, body, signal }));
  };
  const caller: Caller = {
    server,
    send,
    call: async (method, path, body, headers) => {
      const response = await send(method, path, {
        body: body === undefined ? undefined : JSON.stringify(body),
        headers,
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === "" ? undefined : JSON.parse(text),
      };
    },
    settle: () => server.advance(0),
    close: () => server.close(),
  };
  return caller;
}

function typeOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { "content-type": "application/json" };
}

/** An error inside the server must not hide behind its 500. */
function rethrow(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** One field of a response's object, as text, for ids that a test needs later. */
export function field(answer: Answer, name: string): string {
  const { body } = answer;
  const value =
    typeof body === "object" && body !== null
      ? Object.entries(body).find(([key]) => key === name)
      : undefined;
  if (typeof value?.[1] !== "string") throw new TypeError(`no ${name} in ${JSON.stringify(body)}`);
  return value[1];
}
