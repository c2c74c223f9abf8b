import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";

export interface ConnectProxyOptions {
  /** The port on 127.0.0.1 that every tunnel leads to, whatever name was asked for. */
  to?: number;
  /** Answers this instead of connecting. */
  refuseWith?: number;
  /** Says nothing at all. */
  isSilent?: boolean;
  /** Breaks the tunnel off after so many bytes from the client. */
  cutAfter?: number;
  /** Serves TLS itself. */
  tls?: { cert: string; key: string };
  host?: string;
}

export interface ConnectProxy {
  /** Such as 127.0.0.1:3128. */
  host: string;
  /** What was asked for, in order: `CONNECT <authority>` and the Proxy-Authorization, if any. */
  asked: { line: string; authorization: string | undefined }[];
  /** Every byte that came through, in both directions. */
  seen(): string;
  /** How many clients are connected. */
  open(): number;
}

/** A real CONNECT proxy on loopback, which ends with the test. */
export async function connectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const asked: ConnectProxy["asked"] = [];
  const passed: Buffer[] = [];
  const open = new Set<Duplex>();
  const keep = <T extends Duplex>(socket: T): T => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => open.delete(socket));
    return socket;
  };
  const server: Server =
    options.tls === undefined ? createServer(refuseAll) : createSecureServer(options.tls, refuseAll);
  let clients = 0;
  server.on("connection", (socket: Socket) => {
    clients += 1;
    keep(socket).on("close", () => {
      clients -= 1;
    });
  });
  server.on("connect", (request: IncomingMessage, socket: Duplex) => {
    keep(socket);
    asked.push({
      line: `${request.method} ${request.url}`,
      authorization: request.headers["proxy-authorization"],
    });
    socket.on("end", () => socket.destroy());
    if (options.isSilent === true) return void socket.resume();
    if (options.refuseWith !== undefined || options.to === undefined) {
      socket.end(`HTTP/1.1 ${options.refuseWith ?? 502} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const far: Socket = keep(connect(options.to, "127.0.0.1"));
    far.once("connect", () => socket.write("HTTP/1.1 200 Connection established\r\n\r\n"));
    let fromClient = 0;
    socket.on("data", (bytes: Buffer) => {
      passed.push(bytes);
      fromClient += bytes.length;
      if (options.cutAfter !== undefined && fromClient > options.cutAfter) {
        socket.destroy();
        far.destroy();
        return;
      }
      far.write(bytes);
    });
    far.on("data", (bytes: Buffer) => {
      passed.push(bytes);
      socket.write(bytes);
    });
    far.on("close", () => socket.destroy());
    socket.on("close", () => far.destroy());
  });
  const host = options.host ?? "127.0.0.1";
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const { port } = listeningAt(server);
  return {
    host: `${host.includes(":") ? `[${host}]` : host}:${port}`,
    asked,
    open: () => clients,
    seen: () => Buffer.concat(passed).toString("latin1"),
  };
}

function refuseAll(
  _request: IncomingMessage,
  response: { writeHead(status: number): { end(): void } },
): void {
  response.writeHead(405).end();
}

function listeningAt(server: Server): AddressInfo {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the proxy doesn't listen");
  return address;
}
