import type { Server } from "node:http";
import type { Socket } from "node:net";

const mostConnections = 128;

/**
 * Keeps at most 128 connections: the next one takes the place of the oldest that has no request with complete headers
 * on it, so that clients that send slowly or nothing can't keep others out. If all are at work, it is turned away.
 */
export function limitConnections(server: Server): void {
  const atWork = new Map<Socket, number>();
  server.on("connection", (socket: Socket) => {
    if (atWork.size >= mostConnections) {
      const oldest = [...atWork].find(([, requests]) => requests === 0)?.[0] ?? socket;
      atWork.delete(oldest);
      oldest.destroy();
      if (oldest === socket) return;
    }
    atWork.set(socket, 0);
    socket.once("close", () => atWork.delete(socket));
  });
  server.on("request", (incoming, outgoing) => {
    const { socket } = incoming;
    const add = (requests: number) => {
      const before = atWork.get(socket);
      if (before !== undefined) atWork.set(socket, before + requests);
    };
    add(1);
    outgoing.once("close", () => add(-1));
  });
}
