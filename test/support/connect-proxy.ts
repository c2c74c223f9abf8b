import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";

export interface ConnectProxyOptions {
  /** The port on 127.0.0.1 to which every tunnel leads, whatever name was requested. */
  to?: number;
  /** Sends this response instead of connecting. */
  refuseWith?: number;
  /** Never responds. */
  isSilent?: boolean;
  /** Breaks off the tunnel after this many bytes from the client. */
  cutAfter?: number;
  /** Uses TLS itself. */
  tls?: { cert: string; key: string };
  host?: string;
}

export interface ConnectProxy {
  /** For example 127.0.0.1:3128. */
  host: string;
  /** The requests in order: `CONNECT <authority>`, with the Proxy-Authorization if there was one. */
  asked: { line: string; authorization: string | undefined }[];
  /** All bytes that passed, in both directions. */
  seen(): string;
  /** The number of connected clients. */
  open(): number;
}

/** A real CONNECT proxy on loopback, closed with the test. */
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
