import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { seeded } from "./seed.js";

type Direction = "up" | "down";

/** A fault for one request and its response; `up` is the client's data, `down` the server's. */
export interface ProxyFault {
  /**
   * `latency`: all data arrives `ms` later. From `atByte` on: `reset` (RST) and `close` (FIN) break off the connection,
   * `truncate` drops the rest and closes a little later, `stall` stops all data, `drip` passes single bytes, `garbage`
   * inserts seeded bytes. `html`: a page instead of the response; `up`: the request doesn't even arrive.
   */
  type: "latency" | "reset" | "close" | "truncate" | "stall" | "drip" | "garbage" | "html";
  direction: Direction;
  atByte?: number;
  ms?: number;
  /** Only for a request whose first line matches, such as `POST /v1`. */
  request?: RegExp;
}

export interface FaultProxy {
  url: string;
  /** Each waits for the next matching request, and applies only to that. */
  faults: ProxyFault[];
  /** The number of connections made. */
  readonly connections: number;
  close(): Promise<void>;
}

const page = "<html>Sign in to the network</html>";
const pageAnswer = `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${page.length}\r\nconnection: close\r\n\r\n${page}`;
const firstLine = /^(?:GET|POST|PATCH|DELETE) [^\r\n]*/;

/** A TCP proxy in front of an HTTP server on this machine, which breaks connections on request. */
export async function faultProxy(target: string, seed = 1): Promise<FaultProxy> {
  const { hostname, port, host } = new URL(target);
  const random = seeded(seed);
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true });
  const proxy = { url: "", faults: [] as ProxyFault[], connections: 0, close };
  server.on("connection", (client) => {
    proxy.connections += 1;
    const upstream = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
    const hosts = { own: new URL(proxy.url).host, target: host };
    new Line({ client, upstream, hosts, random, take: (line) => take(proxy.faults, line) });
  });
  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  }
  proxy.url = await listening(server);
  return proxy;
}

function take(faults: ProxyFault[], line: string): ProxyFault | undefined {
  const at = faults.findIndex(({ request }) => request === undefined || request.test(line));
  return at === -1 ? undefined : faults.splice(at, 1)[0];
}

async function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
}

interface LineOptions {
  client: Socket;
  upstream: Socket;
  hosts: { own: string; target: string };
  random(): number;
  take(line: string): ProxyFault | undefined;
}

/** One connection and its two directions. */
class Line {
  readonly #options: LineOptions;
  #fault: ProxyFault | undefined;
  /** For the current request and its response. */
  #passed = { up: 0, down: 0 };
  #isBroken = false;

  constructor(options: LineOptions) {
    this.#options = options;
    const { client, upstream } = options;
    this.#join("up", client, upstream);
    this.#join("down", upstream, client);
  }

  #join(direction: Direction, from: Socket, to: Socket): void {
    from.on("data", (bytes: Buffer) => this.#pass(direction, bytes));
    from.on("end", () => to.end());
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroySoon());
  }

  #pass(direction: Direction, bytes: Buffer): void {
    if (this.#isBroken) return;
    const said = direction === "up" ? this.#readdressed(bytes) : bytes;
    const fault = this.#fault;
    if (fault?.type === "latency") {
      const to = this.#to(direction);
      setTimeout(() => !to.writableEnded && to.write(said), fault.ms ?? 20);
      return;
    }
    if (fault === undefined || fault.direction !== direction) return void this.#to(direction).write(said);
    const left = Math.max(0, (fault.atByte ?? 0) - this.#passed[direction]);
    this.#passed[direction] += said.length;
    this.#to(direction).write(said.subarray(0, left));
    if (said.length > left) this.#act(fault, said.subarray(left));
  }

  /** The server accepts only requests for its own address. The next fault may apply to a new request. */
  #readdressed(bytes: Buffer): Buffer {
    const text = bytes.toString("latin1");
    const line = firstLine.exec(text)?.[0];
    if (line === undefined) return bytes;
    this.#fault = this.#options.take(line);
    this.#passed = { up: 0, down: 0 };
    const { own, target } = this.#options.hosts;
    return Buffer.from(text.replace(`Host: ${own}`, `Host: ${target}`), "latin1");
  }

  #act({ type, direction }: ProxyFault, rest: Buffer): void {
    const { client, upstream, random } = this.#options;
    const to = this.#to(direction);
    if (type === "garbage") {
      to.write(Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256))));
      to.write(rest);
      return;
    }
    if (type === "drip") {
      this.#drip(to, rest);
      return;
    }
    this.#isBroken = true;
    if (type === "reset") for (const socket of [to, client, upstream]) socket.resetAndDestroy();
    else if (type === "close") to.destroySoon();
    else if (type === "truncate") setTimeout(() => client.destroySoon(), 20);
    else if (type === "html") client.end(pageAnswer);
  }

  #drip(to: Socket, bytes: Buffer): void {
    if (bytes.length === 0 || to.destroyed) return;
    to.write(bytes.subarray(0, 1), () => this.#drip(to, bytes.subarray(1)));
  }

  #to(direction: Direction): Socket {
    return direction === "up" ? this.#options.upstream : this.#options.client;
  }
}

const types = ["latency", "reset", "close", "truncate", "stall", "drip", "garbage", "html"] as const;

/** Any fault, at any byte of a small request or response. */
export function anyFault(random: () => number): ProxyFault {
  return {
    type: types[Math.floor(random() * types.length)] ?? "reset",
    direction: random() < 0.4 ? "up" : "down",
    atByte: Math.floor(random() * 500),
    ms: Math.floor(random() * 30),
  };
}
