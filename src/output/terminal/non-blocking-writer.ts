import { close, constants, openSync, write } from "node:fs";
import type { Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { codeOf } from "../../errors/cli-errors.js";
import { sinkOf } from "../sink.js";

const retryMs = 100;

export interface NonBlockingWriter {
  /** Resolves once the text is written, or can't be. Never rejects. */
  write(text: string): Promise<void>;
  close(): void;
}

/**
 * Writes to a stream without waiting for a slow reader. Runtimes write to a terminal synchronously, so a user who stops
 * its output with Ctrl-S would stop the process; the terminal is therefore opened again, without blocking. For other
 * streams, uses their own sink.
 */
export function openNonBlockingWriter(stream: Writable): NonBlockingWriter {
  const terminal = openTerminal(stream);
  if (terminal === undefined) return { write: (text) => sinkOf(stream).write(text), close: () => undefined };
  let isGone = false;
  let isClosing = false;
  let last = Promise.resolve();
  const send = async (text: string) => {
    let rest = Buffer.from(text);
    while (rest.length > 0 && !isGone) {
      const taken = await writeSome(terminal, rest);
      if (taken === undefined || (taken === 0 && isClosing)) isGone = true;
      else if (taken === 0) await setTimeout(retryMs, undefined, { ref: false });
      else rest = rest.subarray(taken);
    }
  };
  return {
    write: (text) => {
      last = last.then(() => send(text));
      return last;
    },
    close: () => {
      isClosing = true;
      void last.then(() => close(terminal, () => undefined));
    },
  };
}

/** Opens the stream's terminal again; undefined if the system has no path for it, or it belongs to another user. */
function openTerminal(stream: Writable): number | undefined {
  if (!("isTTY" in stream && stream.isTTY === true && "fd" in stream)) return undefined;
  try {
    return openSync(
      `/proc/self/fd/${stream.fd}`,
      constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
  } catch {
    return undefined;
  }
}

/** Returns the number of bytes written: 0 if the reader is slow, undefined if it has gone. */
async function writeSome(file: number, bytes: Uint8Array): Promise<number | undefined> {
  try {
    return (await promisify(write)(file, bytes)).bytesWritten;
  } catch (error) {
    return codeOf(error) === "EAGAIN" ? 0 : undefined;
  }
}
