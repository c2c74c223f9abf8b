import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type AgentStep, scriptedAgent } from "../../src/dev-server/agent.js";
import { temporaryFolder } from "../support/harness.js";
import { isFinal, readBlocks } from "./blocks.js";
import { type Caller, openCaller } from "./caller.js";

const base = "/v1/deployments/dep_local";

describe("the scripted agent", () => {
  const { signal } = new AbortController();
  const work = (instructions: string, answer?: { text: string; questions: number }) => {
    const steps = scriptedAgent.work({ instructions, answer, signal });
    if (!(Symbol.iterator in steps)) throw new TypeError("it works without waiting");
    return [...steps];
  };
  const said = (steps: AgentStep[]) => steps.map((step) => (step.type === "say" ? step.text : "")).join("");
  const directives = (steps: AgentStep[]) =>
    steps.filter(({ type }) => type === "wait" || type === "ask" || type === "fail");

  it.each<[string, AgentStep[]]>([
    ["Do it.", []],
    ["@dev fail", [{ type: "fail", reason: "the instructions say so" }]],
    ["Do it.\n  @dev fail  out of luck \n@dev wait 5", [{ type: "fail", reason: "out of luck" }]],
    [
      "@dev wait 1.5\r\n@dev ask OK?",
      [
        { type: "wait", seconds: 1.5 },
        { type: "ask", summary: "OK?" },
      ],
    ],
    ["@dev ask", []],
    ["@dev wait soon", []],
    ["@dev wait 1e9", []],
    ["@dev dance", []],
    ["please @dev fail", []],
    ["@devious fail", []],
  ])("reads %j", (instructions, expected) => {
    expect(directives(work(instructions))).toEqual(expected);
  });

  it("repeats its instructions word for word, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        fc.pre(!text.includes("@dev"));
        expect(said(work(text))).toBe(`Working on: ${text.split(/\r?\n/).join("\n").trim()}\nDone.`);
      }),
      { numRuns: 40 },
    );
  });

  it("continues after an answered question, and never asks it again", () => {
    const instructions = "@dev ask One?\n@dev ask Two?\n@dev fail";
    expect(directives(work(instructions, { text: "yes", questions: 1 }))).toEqual([
      { type: "ask", summary: "Two?" },
      { type: "fail", reason: "the instructions say so" },
    ]);
    expect(said(work(instructions, { text: "yes", questions: 2 }))).toBe("Answered: yes\n");
  });

  it("writes word by word at the pace of the server's clock, on request", async () => {
    const caller = await openCaller("in process", { stepDelayMs: 1000 });
    const stream = readBlocks(await caller.send("GET", `${base}/events`));
    await caller.call("POST", `${base}/messages`, { content: "Hello" });
    await caller.server.advance(2);
    expect((await stream.take(4)).map(({ event }) => event)).toEqual([
      undefined,
      "run_status",
      "token",
      "token",
    ]);
    await caller.server.advance(60);
    expect((await stream.until(isFinal)).at(-1)).toMatchObject({ data: { status: "completed" } });
    await caller.close();
  });
});

describe("a program used as the agent", () => {
  let caller: Caller;
  afterEach(() => caller.close());

  /** Runs instructions with a command; returns the last message and the last event. */
  async function run(agentCommand: string, instructions: string) {
    caller = await openCaller("in process", { agentCommand });
    const stream = readBlocks(await caller.send("GET", `${base}/events`));
    const { body } = await caller.call("POST", `${base}/messages`, { content: instructions });
    const blocks = await stream.until(isFinal);
    const { thread_id } = body as { thread_id: string };
    const { messages } = (await caller.call("GET", `${base}/threads/${thread_id}`)).body as {
      messages: { role: string; content: string }[];
    };
    return {
      blocks,
      end: blocks.at(-1)?.data,
      text: messages.filter(({ role }) => role === "agent").map(({ content }) => content),
    };
  }

  it("reads the instructions on stdin and writes the run's text to stdout", async () => {
    const { end, text } = await run("tr a-z A-Z", "make five — 変化\n@dev fail is just text");
    expect(end).toMatchObject({ status: "completed" });
    expect(text).toEqual(["MAKE FIVE — 変化\n@DEV FAIL IS JUST TEXT"]);
  });

  it("streams its output as it comes, and never splits a character", async () => {
    const { blocks, text } = await run(`node -e 'process.stdout.write("𝒳".repeat(20000))'`, "x");
    const deltas = blocks.flatMap(({ event, data }) =>
      event === "token" ? [(data as { delta: string }).delta] : [],
    );
    expect(deltas.length).toBeGreaterThan(2);
    expect(deltas.every((delta) => /^(𝒳)+$/u.test(delta))).toBe(true);
    expect(text).toEqual(["𝒳".repeat(20_000)]);
  });

  it.each([
    ["echo partly; echo oh no >&2; exit 3", "oh no", ["partly\n"]],
    ["exit 3", "exit 3", []],
    ["kill -9 $$", "exit SIGKILL", []],
    ["no-such-program-here 2>/dev/null", "exit 127", []],
  ])("fails its run when it fails: %s", async (command, error, text) => {
    expect(await run(command, "x")).toMatchObject({ end: { status: "error", error }, text });
  });

  it("may end without reading its instructions", async () => {
    expect(await run("true", "x".repeat(900_000))).toMatchObject({ end: { status: "completed" }, text: [] });
  });

  it("sees none of herm's keys", async () => {
    process.env.HERM_API_KEY = "canary-herm";
    process.env.PRISM_API_KEY = "canary-prism";
    try {
      const { text } = await run("env", "x");
      expect(text.join()).toContain("PATH=");
      expect(text.join()).not.toMatch(/canary|HERM_|PRISM_/);
    } finally {
      delete process.env.HERM_API_KEY;
      delete process.env.PRISM_API_KEY;
    }
  });

  it("runs eight copies at a time, and queues the rest", async () => {
    const log = join(temporaryFolder(), "log");
    caller = await openCaller("in process", {
      // None ends before eight have started, however slowly that happens.
      agentCommand: `echo + >> ${log}; until [ $(grep -c + ${log}) -ge 8 ]; do sleep 0.02; done; sleep 0.1; echo - >> ${log}`,
    });
    const stream = readBlocks(await caller.send("GET", `${base}/events`));
    for (let index = 0; index < 12; index += 1) {
      await caller.call("POST", `${base}/messages`, { content: "x", thread_id: "new" });
    }
    for (let done = 0; done < 12; done += 1) await stream.until(isFinal);
    let atWork = 0;
    const counts = readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .map((sign) => (atWork += sign === "+" ? 1 : -1));
    expect(Math.max(...counts)).toBe(8);
    expect(counts).toHaveLength(24);
  });

  it("ends with the server, along with its child processes", async () => {
    const pidFile = join(temporaryFolder(), "pid");
    caller = await openCaller("in process", {
      agentCommand: `sleep 60 & echo $! > ${pidFile}; echo up; sleep 60`,
    });
    const stream = readBlocks(await caller.send("GET", `${base}/events`));
    for (let index = 0; index < 9; index += 1) {
      await caller.call("POST", `${base}/messages`, { content: "x", thread_id: "new" });
    }
    await stream.until(({ event }) => event === "token");
    const pid = Number(readFileSync(pidFile, "utf8"));
    await caller.close();
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    // A process that has ended, but that its parent hasn't collected, counts as gone.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
