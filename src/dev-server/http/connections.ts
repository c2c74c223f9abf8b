import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

const mostConnections = 128;

interface Pending {
  hasKey: boolean;
  hungUp: AbortController;
}

/**
 * Keeps at most 128 connections: the next one takes the place of the oldest on which nothing is asked for with the key,
 * so that clients that send slowly or nothing, or don't read, can't keep others out. If all are at work, it is turned
 * away.
 */
export class Connections {
  readonly #pending = new Map<Socket, Set<Pending>>();

  constructor(
    server: Server,
    private readonly hasKey: (request: IncomingMessage) => boolean,
  ) {
    server.on("connection", (socket: Socket) => this.#accept(socket));
  }

  /**
   * Notes a request until its answer is written, and gives back what aborts when the client hangs up before that.
   * Undefined: its connection is closed, and it isn't to be answered. Closed, too, is one on which something is asked
   * for without the key while an answer is still to come: whoever doesn't read could go on with that for ever.
   */
  begin(incoming: IncomingMessage, outgoing: ServerResponse): AbortSignal | undefined {
    const { socket } = incoming;
    const pending = this.#pending.get(socket);
    if (pending === undefined) return undefined;
    const request = { hasKey: this.hasKey(incoming), hungUp: new AbortController() };
    if (pending.size > 0 && !request.hasKey) {
      this.#drop(socket);
      return undefined;
    }
    pending.add(request);
    outgoing.once("close", () => {
      if (!outgoing.writableFinished) request.hungUp.abort();
      // A turn later: Bun hands over what came at once one by one, each behind the answer to the one before.
      setImmediate(() => pending.delete(request));
    });
    return request.hungUp.signal;
  }

  #accept(socket: Socket): void {
    if (this.#pending.size >= mostConnections) {
      const oldest = [...this.#pending].find(([, requests]) => ![...requests].some(({ hasKey }) => hasKey));
      this.#drop(oldest?.[0] ?? socket);
    }
    if (socket.destroyed) return;
    const pending = new Set<Pending>();
    this.#pending.set(socket, pending);
    socket.once("close", () => {
      this.#pending.delete(socket);
      // An answer that still waits for its turn on the connection doesn't hear of its end.
      for (const { hungUp } of pending) hungUp.abort();
    });
  }

  #drop(socket: Socket): void {
    this.#pending.delete(socket);
    socket.destroy();
  }
}
