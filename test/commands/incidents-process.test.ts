import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { addFault, enabledNames } from "../incident/fleet.js";
import { addMany, differences, ledgerOf } from "../incident/interruption.js";
import { startServer, temporaryFolder } from "../support/harness.js";
import { openTerminal } from "../support/pty.js";
import { spawnHerm, startHerm } from "../support/spawn.js";

const pause = ["automations", "pause", "--all", "--incident", "INC-1", "-d", "dep_local"];

/** A fleet on a real socket; each PATCH after the first `quick` takes this long. */
async function start(count: number, patchMs: number, { quick = 0 } = {}) {
  const server = await startServer();
  await addMany(server, count);
  const { url } = await server.listen();
  const action = { type: "delay", ms: patchMs };
  await addFault(server, { method: "PATCH", skip: quick, count: null, action });
  const home = temporaryFolder();
  const env = { HOME: home, HERM_API_URL: url, HERM_API_KEY: server.apiKey };
  return { server, home, env };
}

/** Resolves when the process has written this many lines that start with this to stderr. */
async function said(stderr: NodeJS.ReadableStream, beginning: string, count: number): Promise<void> {
  let seen = 0;
  for await (const line of createInterface({ input: stderr })) {
    if (line.startsWith(beginning)) seen += 1;
    if (seen === count) return;
  }
}

describe("an incident on a real terminal", () => {
  it("shows the plan, asks with a count, draws progress and reports the result", async () => {
    const { server, env } = await start(24, 150);
    const terminal = openTerminal(pause, { env, columns: 100 });
    await terminal.shows("Pause 24 automations in 1 deployment?");
    terminal.type("y\r");
    await terminal.shows("Pausing █");
    const { code, lines, isCursorShown } = await terminal.ended;
    expect([code, isCursorShown]).toEqual([0, true]);
    const screen = lines.join("\n");
    expect(screen).toContain("24 automations to pause in 1 deployment · 1 already paused");
    expect(screen).toMatch(/\n24 paused · 1 already paused · checked \S+: 0 enabled\n/);
    expect(screen).not.toMatch(/[█░]|Reading deployments/);
    expect(await enabledNames(server)).toEqual([]);
    const shown = await openTerminal(["incidents", "show", "INC-1"], { env, columns: 100 }).ended;
    expect(shown.code).toBe(0);
    expect(shown.lines.join("\n")).toMatch(
      /incident INC-1\nsince .*\nchecked \d\d:\d\d:\d\d · 25 of 25 paused · 0 enabled · 0 runs still going\neverything is paused; to resume it: /,
    );
  });

  it("finishes requests in progress on Ctrl-C, and reports them", async () => {
    const { server, home, env } = await start(40, 300);
    const terminal = openTerminal([...pause, "--yes"], { env, columns: 120 });
    await terminal.shows("Pausing █");
    terminal.type("\u0003");
    const { code, lines } = await terminal.ended;
    expect(code).toBe(130);
    expect(lines.join(" ")).toMatch(/error: interrupted: \d+ of 40 paused, \d+ not started/);
    expect(await differences(ledgerOf(home, "INC-1"), server)).toEqual([]);
  });

  it("finishes requests in progress when the terminal closes", async () => {
    const { server, home, env } = await start(40, 300);
    const quiet = { ...env, NODE_DISABLE_COMPILE_CACHE: "1" };
    const terminal = openTerminal([...pause, "--yes"], { env: quiet, columns: 120 });
    await terminal.shows("Pausing █");
    // Ends the shell that leads the session, which also closes its terminal.
    terminal.close();
    const progress = () => [...(ledgerOf(home, "INC-1")?.items.values() ?? [])].map((item) => item.pause);
    const incidents = join(home, ".local", "share", "herm", "history", "incidents");
    await expect.poll(() => readdirSync(incidents)).toEqual(["inc-1.jsonl"]);
    expect(progress()).toContain("skipped");
    expect(progress()).toContain("done");
    expect(await differences(ledgerOf(home, "INC-1"), server)).toEqual([]);
  });
});

describe("the process of an incident", () => {
  it.each([
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGQUIT", 131],
    ["SIGTERM", 143],
  ] as const)("finishes requests in progress on %s and exits with %i", async (signal, expected) => {
    const { server, home, env } = await start(40, 500, { quick: 3 });
    const child = startHerm([...pause, "--yes", "--json"], { env });
    const ended = once(child, "exit");
    const paused = () =>
      [...(ledgerOf(home, "INC-1")?.items.values() ?? [])].filter(
        ({ pause: progress }) => progress === "done",
      );
    await expect.poll(() => paused().length, { interval: 10 }).toBeGreaterThanOrEqual(3);
    child.kill(signal);
    child.stderr.resume();
    child.stdout.resume();
    const [code] = await ended;
    expect(code).toBe(expected);
    const state = ledgerOf(home, "INC-1");
    expect(await differences(state, server)).toEqual([]);
    expect([...(state?.items.values() ?? [])].some(({ pause: progress }) => progress === "skipped")).toBe(
      true,
    );
  });

  it("finishes requests in progress even if kernel and shell both hang up", async () => {
    // Long enough that even a busy machine doesn't send the second hang-up to a process that is already ending.
    const { server, home, env } = await start(12, 3_000);
    const child = startHerm([...pause, "--yes"], { env });
    const ended = once(child, "exit");
    await expect.poll(() => ledgerOf(home, "INC-1")?.items.size ?? 0, { interval: 10 }).toBeGreaterThan(0);
    child.kill("SIGHUP");
    await said(child.stderr, "stopping:", 1);
    for (let time = 0; time < 2; time += 1) child.kill("SIGHUP");
    child.stderr.resume();
    expect(await ended).toEqual([129, null]);
    expect(await differences(ledgerOf(home, "INC-1"), server)).toEqual([]);
  });

  it("ends at once on a second signal, and checks open requests when rerun", async () => {
    const { server, home, env } = await start(12, 60_000);
    const child = startHerm([...pause, "--yes"], { env });
    const ended = once(child, "exit");
    const open = () =>
      [...(ledgerOf(home, "INC-1")?.items.values() ?? [])].filter(
        ({ pause: progress }) => progress === "sent",
      );
    await expect.poll(() => open().length, { interval: 10 }).toBeGreaterThan(0);
    child.kill("SIGINT");
    await said(child.stderr, "stopping:", 1);
    child.kill("SIGINT");
    expect(await ended).toEqual([null, "SIGINT"]);
    expect(open()).not.toEqual([]);
    await server.fetch(
      new Request("http://127.0.0.1/_dev/faults", {
        method: "DELETE",
        headers: { authorization: `Bearer ${server.apiKey}` },
      }),
    );
    const again = await spawnHerm([...pause, "--yes"], { env });
    expect(again.code).toBe(0);
    expect(await enabledNames(server)).toEqual([]);
    expect(await differences(ledgerOf(home, "INC-1"), server)).toEqual([]);
  });

  it("adds automations to an incident while other processes do, one at a time", async () => {
    const names = Array.from({ length: 6 }, (_, at) => `a${at}`);
    const { server, home, env } = await start(names.length, 50);
    const words = (name: string) => ["automations", "pause", name, ...pause.slice(3)];
    const ended = await Promise.all(names.map((name) => spawnHerm(words(name), { env })));
    expect(ended.map(({ code }) => code)).toEqual(names.map(() => 0));
    expect(await enabledNames(server)).toEqual([]);
    expect(await differences(ledgerOf(home, "INC-1"), server)).toEqual([]);
    expect(ledgerOf(home, "INC-1")?.items.size).toBe(names.length);
  });

  it("runs to its end after its output pipe closes", async () => {
    const { server, env } = await start(20, 20);
    const child = startHerm([...pause, "--yes"], { env });
    const ended = once(child, "exit");
    if ("destroy" in child.stdout && typeof child.stdout.destroy === "function") child.stdout.destroy();
    child.stderr.resume();
    const [code] = await ended;
    expect(code).toBe(0);
    expect(await enabledNames(server)).toEqual([]);
  });
});
