import { PassThrough, Writable } from "node:stream";
import { expect, it } from "vitest";
import { KeyedScreen } from "../../src/operations/rows/watch-rows.js";

it("a full screen reads keys and handles Ctrl-Z before its first frame", async () => {
  const happened: string[] = [];
  const setRawMode = (isRaw: boolean) => happened.push(isRaw ? "reads keys" : "reads lines");
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => {
      happened.push("frame");
      done();
    },
  });
  const screen = new KeyedScreen({
    io: {
      stdin: Object.assign(new PassThrough(), { isTTY: true, setRawMode }),
      stdout,
      stderr: stdout,
      stdoutIsTty: true,
      stderrIsTty: true,
      canPrompt: true,
      colour: { stdout: false, stderr: false },
      canRedraw: true,
      columns: 80,
    },
    signal: new AbortController().signal,
    interrupt: () => {},
    jobControl: {
      listen: () => {
        happened.push("listens");
        return () => happened.push("listens no more");
      },
      stop: () => {},
    },
  });
  await screen.show("NAME\n");
  expect(happened).toEqual(["listens", "reads lines", "reads keys", "frame"]);
  await screen.close();
  expect(happened.slice(4)).toEqual(["listens no more", "reads lines", "frame"]);
});
