import { Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { fetchFrom } from "../support/harness.js";
import { devCall, type RunServer, startRunServer, steady, Watched } from "./run-server.js";

let herm: RunServer;

beforeEach(async () => {
  herm = await startRunServer();
});

const slow = "Go.\n@dev wait 60";

describe("runs watch", () => {
  it("shows a finished run's text and outcome, without a stream", async () => {
    const run = await herm.trigger(await herm.create("Done", "Go."));
    const { code, stdout, stderr } = await herm.run(["runs", "watch", run], {
      fetch: async (url, init) => {
        expect(url).not.toContain("/events");
        return fetchFrom(herm.server)(url, init);
      },
    });

    expect(steady(stdout)).toBe(
      "Working on: Go.\nDone.\n✓ completed in TOOK · herm runs show dep_local/run_1\n",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("exits with 10 for a failed run, and prints it as JSON", async () => {
    const run = await herm.trigger(await herm.create("Failed", "Go.\n@dev fail no paper"));
    const { code, stdout } = await herm.run(["runs", "watch", run, "--json"]);

    expect(code).toBe(10);
    expect(JSON.parse(stdout)).toMatchObject({
      deployment_id: "dep_local",
      run_id: run,
      status: "error",
      text: "Working on: Go.\n",
      error: "no paper",
    });
  });

  it("joins a current run with a note, shows the text so far, and follows it", async () => {
    const run = await herm.trigger(await herm.create("Slow", slow));
    const stdout = new Watched();
    const watching = herm.run(["runs", "watch", "Slow"], { stdout });
    await stdout.until("Working on: Go.\n");
    await herm.server.advance(60);
    const { code, stderr } = await watching;

    expect(stdout.text).toMatch(
      /^Working on: Go\.\nDone\.\n✓ completed in 1 min[^·]* · herm runs show dep_local\/run_\w+\n$/,
    );
    expect(code).toBe(0);
    expect(stderr).toBe("joined late: earlier text is from its thread\n");
    expect(run).toMatch(/^run_/);
  });

  it("prints the whole text, and each event once, despite an interruption", async () => {
    const id = await herm.create("Slow", `${slow}\n@dev wait 60`);
    await herm.trigger(id);
    for (let cut = 0; cut < 3; cut += 1) {
      await devCall(herm.server, "faults", {
        path: "/v1/deployments/*/events",
        action: { type: "cut", after_bytes: 300 + cut * 91 },
      });
    }
    const stdout = new Watched();
    const following = herm.run(["automations", "trigger", id, "--follow"], { stdout });
    await stdout.until("← search 3 results");
    await herm.server.advance(120);
    const { code, stderr } = await following;

    expect(code).toBe(0);
    expect(steady(stdout.text).split("\n").slice(0, 4)).toEqual([
      "Working on: Go.",
      '→ search {"query":"Go."}',
      "← search 3 results",
      "Done.",
    ]);
    expect(stderr).toMatch(/^(connection lost, reconnecting …\n)+$/);
  });

  it("prints every line once, wherever the stream breaks off", async () => {
    const id = await herm.create("Talker", `${"word ".repeat(150)}\n@dev ask Go on?`);
    const plain = ["automations", "trigger", id, "--follow"];
    const textOf = (stdout: string) => steady(stdout.split("\n").slice(0, -2).join("\n"));
    const whole = textOf((await herm.run(plain)).stdout);
    for (let seed = 1; seed <= 12; seed += 1) {
      for (let cut = 0; cut < 5; cut += 1) {
        const after_bytes = 1 + ((seed * 7919 + cut * 104_729) % 9_000);
        const action = { type: "cut", after_bytes };
        await devCall(herm.server, "faults", { path: "/v1/deployments/*/events", action });
      }
      const { code, stdout } = await herm.run(plain, {
        sleep: (ms, signal) => pause(ms < 2_000 ? ms / 100 : ms, undefined, { signal }),
      });

      expect({ seed, code, text: textOf(stdout) }).toEqual({ seed, code: 11, text: whole });
      await devCall(herm.server, "clock", { advance_s: 1 });
    }
  });

  it("exits with 11 for a waiting run, or asks on a terminal", async () => {
    const run = await herm.trigger(await herm.create("Waiting", "Go.\n@dev ask Publish?"));
    const refused = await herm.run(["runs", "watch", run]);
    expect(refused.code).toBe(11);
    expect(refused.stdout).toContain("Working on: Go.\n? Publish?\n");
    expect(refused.stderr).toContain(`hint: herm runs answer dep_local/${run} yes\n`);

    const { code, stdout } = await herm.run(["runs", "watch", run], { answers: ["n"] });
    expect(stdout).toContain("Answered: no\n");
    expect(code).toBe(0);
  });

  it("prints events as JSON lines, including those derived from the thread", async () => {
    const run = await herm.trigger(await herm.create("Done", "Go."));
    const { stdout } = await herm.run(["runs", "watch", run, "-o", "jsonl"]);

    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { event: "token", id: "", data: { run_id: run, delta: "Working on: Go.\nDone." } },
      { event: "run_status", id: "", data: { run_id: run, status: "completed" } },
    ]);
  });

  it("exits with 12 at --follow-timeout, without stopping the run, and explains how to continue", async () => {
    const run = await herm.trigger(await herm.create("Slow", slow));
    const { code, stderr } = await herm.run(["runs", "watch", run, "--follow-timeout", "50ms"]);

    expect(code).toBe(12);
    expect(stderr).toContain(`hint: to keep following it: herm runs watch dep_local/${run}\n`);
    await herm.server.advance(60);
    expect((await herm.run(["runs", "watch", run])).code).toBe(0);
  });

  it("exits with 12 if the stream is refused midway", async () => {
    const id = await herm.create("Slow", slow);
    await devCall(herm.server, "faults", {
      path: "/v1/deployments/*/events",
      action: { type: "cut", after_bytes: 400 },
    });
    await devCall(herm.server, "faults", {
      path: "/v1/deployments/*/events",
      count: null,
      action: { type: "fail", status: 401 },
    });
    const { code, stderr } = await herm.run(["automations", "trigger", id, "--follow"]);

    expect(code).toBe(12);
    expect(stderr).toMatch(/lost the stream of run_\w+ of "Slow"/);
    expect(stderr).toMatch(/hint: to see its status: herm runs show dep_local\/run_\w+\n$/);
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "lets the run continue on %s, and explains how to return to it",
    async (signal) => {
      await herm.create("Slow", slow);
      const interrupt = new AbortController();
      const stdout = new Watched();
      const following = herm.run(["automations", "trigger", "Slow", "--follow"], {
        stdout,
        signal: interrupt.signal,
      });
      await stdout.until("← search");
      interrupt.abort(new InterruptedError(signal));
      const { code, stderr } = await following;

      expect(code).toBe(signal === "SIGINT" ? 130 : 143);
      expect(steady(stderr)).toContain(
        "run_1 is still running; to come back: herm runs watch dep_local/run_1\n",
      );
      expect((await herm.run(["runs", "list", "--running", "-o", "name"])).stdout).toMatch(/^run_\w+\n$/);
      expect(herm.server.look().isAtWork).toBe(true);
      await herm.server.advance(60);
      await expect.poll(() => herm.server.look().isAtWork, { interval: 1 }).toBe(false);
    },
  );

  it("ends quietly when its output pipe closes, but a trigger continues", async () => {
    const id = await herm.create("Talker", `${"word ".repeat(2_000)}\nline\nline`);
    const run = await herm.trigger(id);
    // As a pipe reports it, to its writer.
    const closed = () =>
      new Writable({
        write: (_chunk, _encoding, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
      });

    expect(await herm.run(["runs", "watch", run], { stdout: closed() })).toMatchObject({
      code: 0,
      stderr: "",
    });
    await herm.create("Failing", "line\nline\n@dev fail no paper");
    const failing = await herm.run(["automations", "trigger", "Failing", "--follow"], { stdout: closed() });
    expect(failing.code).toBe(10);
    expect(failing.stderr).toContain("no paper");
  });

  it.each([
    ["a run that doesn't exist", ["run_none"], 4],
    ["no run when herm can't ask", [], 2],
    ["an invalid timeout", ["run_x", "--follow-timeout", "x"], 2],
    ["--follow, since it always follows", ["run_x", "--follow"], 2],
  ])("rejects %s", async (_, words, code) => {
    expect(await herm.run(["runs", "watch", ...words])).toMatchObject({ code, stdout: "" });
  });
});
