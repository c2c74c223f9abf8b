import { beforeEach, describe, expect, it } from "vitest";
import { InterruptedError } from "../../src/errors.js";
import { show } from "../support/terminal.js";
import { devCall, type RunServer, startRunServer, steady, Watched } from "./run-server.js";

let herm: RunServer;

beforeEach(async () => {
  herm = await startRunServer();
});

/** Runs `herm events` until its output holds `text`, then interrupts it. */
async function eventsUntil(text: string, flags: readonly string[] = [], more: { tty?: boolean } = {}) {
  const interrupt = new AbortController();
  const stdout = new Watched();
  const printing = herm.run(["events", ...flags], { stdout, signal: interrupt.signal, ...more });
  const shown = stdout.until(text);
  return {
    stdout,
    async end() {
      await shown;
      interrupt.abort(new InterruptedError("SIGINT"));
      return { ...(await printing), stdout: stdout.text };
    },
  };
}

const allRows = [
  ["evt_1", "run_status", "run_1", "running"],
  ["evt_2", "token", "run_1", "Working "],
  ["evt_3", "token", "run_1", "on: "],
  ["evt_4", "token", "run_1", "Go.\\n"],
  ["evt_5", "tool_call", "run_1", 'search {"query":"Go."}'],
  ["evt_6", "tool_result", "run_1", "search 3 results"],
];

describe("events", () => {
  it("prints tab-separated rows in a pipe, from the event named on", async () => {
    await herm.trigger(await herm.create("Failed", "Go.\n@dev fail no paper"));
    const { end } = await eventsUntil("no paper", ["--since", "evt_0"]);
    const { code, stdout, stderr } = await end();

    expect(
      steady(stdout)
        .split("\n")
        .map((line) => line.split("\t")),
    ).toEqual([...allRows, ["evt_7", "run_status", "run_1", "error no paper"], [""]]);
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
  });

  it("prints a line for each event on a terminal, cut to its width", async () => {
    await herm.trigger(await herm.create("Waiting", `Go ${"on ".repeat(40)}.\n@dev ask Publish?`));
    const { end } = await eventsUntil("Publish?", ["--since", "evt_0"], { tty: true });
    const { lines } = await show((await end()).stdout);

    const found = lines.map(steady).map((line) => line.trimEnd());
    expect(found[0]).toBe("run_1  run_status  running");
    expect(found.every((line) => line.length < 80)).toBe(true);
    expect(found.find((line) => line.startsWith("run_1  tool_call"))).toMatch(
      /^run_1 {2}tool_call {2}search .*…$/,
    );
    expect(found.at(-1)).toBe("run_1  run_status  waiting_on_human");
  });

  it("gives each event as a JSON line with its data as received", async () => {
    const run = await herm.trigger(await herm.create("Done", "Go."));
    const { end } = await eventsUntil("completed", ["--since", "evt_0", "-o", "jsonl"]);
    const { stdout } = await end();
    const events = stdout.trimEnd().split("\n");

    expect(events).toHaveLength(8);
    expect(JSON.parse(events[1] ?? "")).toEqual({
      event: "token",
      id: expect.stringMatching(/^evt_/),
      data: { run_id: run, thread_id: expect.stringMatching(/^thr_/), delta: "Working " },
    });
    expect(Object.keys(JSON.parse(events[0] ?? ""))).toEqual(["event", "id", "data"]);
  });

  it("keeps to one run or one thread", async () => {
    const id = await herm.create("Done", "Go.");
    await herm.trigger(id);
    const wanted = await herm.trigger(await herm.create("Other", "Go.\n@dev fail no paper"));
    const byRun = await (await eventsUntil("no paper", ["--since", "evt_0", "--run", wanted])).end();
    const shown = JSON.parse((await herm.run(["runs", "show", wanted, "--json"])).stdout);
    const byThread = await (
      await eventsUntil("no paper", ["--since", "evt_0", "--thread", shown.thread_id])
    ).end();

    expect(steady(byRun.stdout).split("\n")).toHaveLength(8);
    expect(byThread.stdout).toBe(byRun.stdout);
  });

  it("goes on after a cut with no event lost or twice, and says that it reconnects", async () => {
    await herm.trigger(await herm.create("Failed", "Go.\n@dev fail no paper"));
    for (const after_bytes of [310, 200, 250]) {
      await devCall(herm.server, "faults", {
        path: "/v1/deployments/*/events",
        action: { type: "cut", after_bytes },
      });
    }
    const { end } = await eventsUntil("no paper", ["--since", "evt_0"]);
    const { stdout, stderr } = await end();

    expect(
      steady(stdout)
        .split("\n")
        .map((line) => line.split("\t")),
    ).toEqual([...allRows, ["evt_7", "run_status", "run_1", "error no paper"], [""]]);
    expect(stderr).toContain("connection lost, reconnecting …\n");
  });

  it("ends with 3 when the key is refused on the way", async () => {
    await herm.trigger(await herm.create("Done", "Go."));
    await devCall(herm.server, "faults", {
      path: "/v1/deployments/*/events",
      action: { type: "cut", after_bytes: 400 },
    });
    await devCall(herm.server, "faults", {
      path: "/v1/deployments/*/events",
      action: { type: "fail", status: 401 },
    });

    expect((await herm.run(["events", "--since", "evt_0"])).code).toBe(3);
  });

  it("ends with 0 and without a word when nobody reads any more", async () => {
    await herm.trigger(await herm.create("Done", "Go."));
    const stdout = new Watched();
    stdout.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));

    expect(await herm.run(["events", "--since", "evt_0"], { stdout })).toMatchObject({ code: 0, stderr: "" });
  });

  it("writes once for all events of a chunk", async () => {
    await herm.trigger(await herm.create("Talker", `${"word ".repeat(3_000)}\n@dev fail no paper`));
    const { end, stdout } = await eventsUntil("no paper", ["--since", "evt_0"]);
    await end();

    expect(stdout.text.split("\n").length).toBeGreaterThan(3_000);
    expect(stdout.writes).toBeLessThan(300);
  });

  it.each([
    ["json, since it has no end", ["--json"], 2],
    ["name", ["-o", "name"], 2],
    ["an empty run", ["--run", ""], 2],
    ["an event id that can't be sent", ["--since", "evt\n1"], 2],
    ["a deployment that isn't there", ["-d", "dep_none"], 4],
    ["a deployment of several that isn't there", ["-d", "dep_local", "-d", "dep_none"], 4],
    ["a customer that isn't there", ["--customer", "cus_none"], 4],
    ["an event of one of several", ["--all-deployments", "--since", "evt_0"], 2],
    ["a run of one of several", ["--all-deployments", "--run", "run_1"], 2],
    ["a thread of one of several", ["-d", "dep_local", "-d", "dep_none", "--thread", "thr_1"], 2],
    ["a deployment and all of them", ["-d", "dep_local", "--all-deployments"], 2],
  ])("refuses %s", async (_, flags, code) => {
    expect(await herm.run(["events", ...flags])).toMatchObject({ code, stdout: "" });
  });
});
