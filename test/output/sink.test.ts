import { PassThrough, Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { finishOutput, restoreTerminal, sinkOf } from "../../src/output/sink.js";
import { Captured } from "../support/streams.js";

function failing(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, callback) => callback(Object.assign(new Error(`write ${code}`), { code })),
  });
}

describe("a sink", () => {
  it("exists once per stream", () => {
    const stream = new Captured();
    expect(sinkOf(stream)).toBe(sinkOf(stream));
  });

  it("waits for a slow reader", async () => {
    const stream = new PassThrough({ highWaterMark: 1000 });
    const sink = sinkOf(stream);
    let isDone = false;
    const written = sink.write("x".repeat(1500)).then(() => {
      isDone = true;
    });
    await turn();
    expect(isDone).toBe(false);
    stream.resume();
    await written;
    expect(isDone).toBe(true);
  });

  it.each(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"])(
    "ignores the loss of its reader: %s",
    async (code) => {
      const stdout = failing(code);
      const sink = sinkOf(stdout);
      await sink.write("one\n");
      expect(sink.isClosed).toBe(true);
      await sink.write("two\n");
      await finishOutput({ stdout, stderr: new Captured() });
    },
  );

  it("ignores a closed terminal, but not the same error from a disk", async () => {
    const stderr = new Captured();
    const terminal = Object.assign(failing("EIO"), { isTTY: true });
    await sinkOf(terminal).write("one\n");
    await finishOutput({ stdout: terminal, stderr });
    const disk = failing("EIO");
    await sinkOf(disk).write("one\n");
    await expect(finishOutput({ stdout: disk, stderr })).rejects.toMatchObject({ exitCode: 1 });
  });

  it("reports at the end that a full disk accepted no data", async () => {
    const stdout = failing("ENOSPC");
    await sinkOf(stdout).write("one\n");
    await expect(finishOutput({ stdout, stderr: new Captured() })).rejects.toMatchObject({
      exitCode: 1,
      code: "output_failed",
      message: "could not write the output: write ENOSPC",
      hint: "the disk is full: free up space and run the command again",
    });
  });

  it("resolves pending writes when its stream is destroyed", async () => {
    const stdout = new Writable({ write: () => {} });
    const sink = sinkOf(stdout);
    const written = sink.write("one\n");
    stdout.destroy();
    await written;
    expect(sink.isClosed).toBe(true);
  });

  it("ignores an unwritable stderr when deciding the outcome", async () => {
    const stderr = failing("ENOSPC");
    await sinkOf(stderr).write("x");
    await finishOutput({ stdout: new Captured(), stderr });
  });

  it("restores the terminal after a crash, and writes no later frame", async () => {
    const stdout = new Captured();
    const sink = sinkOf(stdout);
    sink.restoreSequence = "<leave>";
    await sink.write("frame 1 ");
    restoreTerminal({ stdout });
    await sink.write("frame 2 ");
    expect(stdout.text).toBe("frame 1 <leave>");
  });

  it("still writes after a crash if there was no full screen", async () => {
    const stdout = new Captured();
    restoreTerminal({ stdout });
    await sinkOf(stdout).write("all");
    expect(stdout.text).toBe("all");
  });
});
