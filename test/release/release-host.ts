import { createHash } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { onTestFinished } from "vitest";

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Breaks off the connection after this many bytes; with `stall`, keeps it open without sending more. */
  cutAfter?: number;
  isStalled?: boolean;
  /** Doesn't send its length. */
  isChunked?: boolean;
}

export interface ReleaseHost {
  url: string;
  port: number;
  /** The requested paths, in order. */
  asked: string[];
  /** Calls back once, when this path is requested. */
  onAsked(path: string, then: () => void): void;
}

/** The files of a release with these executables, by name, with a matching SHA256SUMS. */
export function releaseOf(executables: Record<string, string>): Record<string, Answer> {
  const names = Object.keys(executables);
  const sums = names.map((name) => `${sha256(executables[name] ?? "")}  ${name}\n`).join("");
  return {
    SHA256SUMS: { body: sums },
    ...Object.fromEntries(names.map((name) => [name, { body: executables[name] ?? "" }])),
  };
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Serves files by their paths below /releases, like a release host; ends with the test. */
export async function startReleaseHost(
  files: Record<string, Answer>,
  tls?: { cert: string; key: string },
): Promise<ReleaseHost> {
  const asked: string[] = [];
  const waiting = new Map<string, () => void>();
  const listener: RequestListener = (request, response) => {
    const path = (request.url ?? "").replace(/^\/releases\//, "");
    asked.push(path);
    waiting.get(path)?.();
    const answer: Answer = files[path] ?? { status: 404 };
    const { status = 200, headers, body = "", cutAfter, isStalled, isChunked = false } = answer;
    const length = isChunked ? {} : { "content-length": Buffer.byteLength(body) };
    response.writeHead(status, { ...length, ...headers });
    if (cutAfter === undefined && isStalled !== true) return void response.end(body);
    response.write(body.slice(0, cutAfter ?? 1), () => {
      if (isStalled !== true) response.destroy();
    });
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the host doesn't listen");
  const { port } = address;
  const url = `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}/releases`;
  return { url, port, asked, onAsked: (path, then) => void waiting.set(path, then) };
}
