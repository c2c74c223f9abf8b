import { beforeEach, describe, expect, it } from "vitest";
import { fetchFrom, temporaryFolder } from "../support/harness.js";
import { devCall, type RunServer, startRunServer } from "./run-server.js";

let herm: RunServer;

beforeEach(async () => {
  herm = await startRunServer();
});

const calls = [{ tool: "search", arguments: { query: "Go." }, result: "3 results" }];

async function shown(run: string, options: Parameters<RunServer["run"]>[1] = {}) {
  const { code, stdout } = await herm.run(["runs", "show", run, "--json"], options);
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

/** The same server, disguised as one that isn't local. */
function anotherApi(): NonNullable<Parameters<RunServer["run"]>[1]> {
  const through = fetchFrom(herm.server);
  return {
    fetch: async (url, init) => {
      const { status, headers, body } = await through(url, init);
      const kept = [
        ...new Headers(
          Object.fromEntries(
            ["content-type", "date"].flatMap((name) => {
              const value = headers.get(name);
              return value === null ? [] : [[name, value]];
            }),
          ),
        ),
      ];
      return { status, headers: new Headers(kept), body };
    },
  };
}

describe("runs show", () => {
  it.each([
    ["completed", "Go.", "completed"],
    ["failed", "Go.\n@dev fail no paper", "error"],
    ["waiting", "Go.\n@dev ask Publish?", "waiting_on_human"],
    ["running", "Go.\n@dev wait 60", "running"],
  ])("prints the tool calls of a run that is %s", async (_, instructions, status) => {
    const run = await herm.trigger(await herm.create("One", instructions));

    expect(await shown(run)).toMatchObject({ status, tool_calls: calls });
  });

  it("shows tool calls above the messages, but after them in a pipe", async () => {
    const run = await herm.trigger(await herm.create("One", "Go."));
    const { stdout } = await herm.run(["runs", "show", run], { tty: true });
    expect(stdout).toContain('\nTool calls\n  ✓ search {"query":"Go."} → 3 results\n\nMessages\n  user\n');

    const piped = await herm.run(["runs", "show", run]);
    expect(piped.stdout.split("\n").at(-2)).toBe('tool_call\tsearch\t{"query":"Go."}\t3 results');
  });

  it("shows only the requested run", async () => {
    const id = await herm.create("One", "Go.");
    await herm.trigger(id);
    const second = await herm.trigger(id);

    expect((await shown(second)).tool_calls).toEqual(calls);
  });

  it("says in one line if another API doesn't provide tool calls", async () => {
    const run = await herm.trigger(await herm.create("One", "Go."));
    const { stdout } = await herm.run(["runs", "show", run], { ...anotherApi(), tty: true });

    expect(stdout).toContain("\nTool calls\n  unavailable: the API sends them only during a run\n\n");
    expect((await shown(run, anotherApi())).tool_calls).toBeNull();
    const piped = await herm.run(["runs", "show", run], anotherApi());
    expect(piped.stdout).not.toContain("tool_call");
  });

  it("replays a run that was triggered and followed here on another API", async () => {
    const home = temporaryFolder();
    await herm.trigger(await herm.create("Before", "Go."));
    await herm.create("One", "Go.\n@dev fail no paper");
    const followed = await herm.run(["automations", "trigger", "One", "--follow", "--json"], {
      ...anotherApi(),
      home,
    });
    const { run_id: run, tool_calls } = JSON.parse(followed.stdout);
    expect(tool_calls).toEqual(calls);

    expect((await shown(run, { ...anotherApi(), home })).tool_calls).toEqual(calls);
    await herm.run(["runs", "list"], { ...anotherApi(), home });
    expect((await shown(run, { ...anotherApi(), home })).tool_calls).toEqual(calls);
  });

  it.each([
    ["is refused", { type: "fail", status: 400 }],
    ["breaks off", { type: "cut", after_bytes: 150 }],
  ])("retries a replay that %s, and otherwise shows the rest", async (_, action) => {
    const run = await herm.trigger(await herm.create("One", "Go."));
    const breaking = (count: number) =>
      devCall(herm.server, "faults", { path: "/v1/deployments/*/events", action, count });
    await breaking(1);
    expect(await shown(run)).toMatchObject({ status: "completed", tool_calls: calls });
    await breaking(4);
    expect(await shown(run)).toMatchObject({ status: "completed", tool_calls: null, messages: [{}, {}] });
  });

  it("says if there are no tool calls", async () => {
    const server = await startRunServer({ agentCommand: "echo Hm." });
    const run = await server.trigger(await server.create("One", "Go."));
    await server.run(["runs", "watch", run]);
    const { stdout } = await server.run(["runs", "show", run], { tty: true });

    expect(stdout).toContain("\nTool calls\n  none\n");
  });
});
