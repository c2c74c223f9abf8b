import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import { displayWidth } from "../../src/output/width.js";
import { addAutomation, addFault, call } from "../incident/fleet.js";
import { herm, startServer, temporaryFolder } from "../support/harness.js";
import { openTerminal } from "../support/pty.js";
import { drawOf } from "../support/seed.js";
import type { Terminal } from "../support/terminal-process.js";
import { restored, startPlace, until } from "./place.js";

const key = { down: "\x1b[B", end: "\x1b[F", escape: "\x1b", ctrlC: "\x03", ctrlZ: "\x1a", enter: "\r" };

describe("top on a real terminal", () => {
  it("shows, sorts, filters and scrolls, has details and keys, and leaves a summary", async () => {
    const { open, add, server } = await startPlace();
    for (let number = 10; number < 40; number += 1) await add(`Report ${number}`);
    const waits = await add("Weekly videos", { instructions: "@dev ask Publish five?" });
    await call(server, "POST", `/v1/deployments/dep_local/automations/${waits}/trigger`, {});
    const terminal = open(["top"], { rows: 24 });

    const first = await until(terminal, (lines) => lines.some((line) => line.includes("?  newest first")));
    expect(first).toHaveLength(24);
    expect(first[0]).toMatch(/^herm top · Local · 1–14 of 31 · worst first +updated \d\d:\d\d:\d\d, live$/);
    expect(first[1]).toBe("1 waiting · 30 enabled");
    expect(first[2]).toMatch(/^ {2}NAME +SCHEDULE \(UTC\) +STATUS +LAST +NEXT/);
    expect(first[3]).toMatch(/^› Weekly videos {2}every Monday at 09:00 {2}\? waiting {2}\? /);
    expect(first[4]).toMatch(/^ {2}Report 10 /);
    expect(first[17]).toMatch(/^── Weekly videos ─+ dep_local\/auto_\w+ ──$/);
    expect(first[18]).toMatch(/^last run {2}\? waiting · a answers · /);
    expect(first.slice(19, 22)).toEqual([
      "asks      Publish five?",
      "runs      ?  newest first",
      "schedule  every Monday at 09:00 UTC  0 9 * * 1",
    ]);
    expect(first[23]).toBe("? keys  q quit  / filter  ⏎ follow  p pause  r resume  t trigger  a answer");

    terminal.type(key.end);
    const last = await until(terminal, (lines) => lines[16]?.startsWith("› Report 39") === true);
    expect(last[0]).toContain("18–31 of 31");

    terminal.type("s");
    await until(terminal, (lines) => lines[0]?.includes("by name") === true);
    terminal.type("/videos weekly");
    const found = await until(terminal, (lines) => lines[23]?.startsWith("filter: videos weekly_") === true);
    expect(found[1]).toBe('1 match "videos weekly" · 1 waiting · 30 enabled');
    terminal.type(key.enter);
    await until(terminal, (lines) => lines[23]?.startsWith("? keys") === true);
    terminal.type(key.escape);
    await until(terminal, (lines) => lines[1]?.startsWith("1 waiting") === true);

    terminal.type("d");
    await until(
      terminal,
      (lines) => lines[0]?.includes("of 31") === true && lines[22]?.startsWith("› Weekly videos") === true,
    );
    terminal.type("?");
    await until(terminal, (lines) => lines[0]?.includes("press any key to go back") === true);
    terminal.type("x");
    await until(terminal, (lines) => lines[0]?.includes("by name") === true);

    terminal.type("q");
    const { lines, code, ...ended } = await terminal.ended;
    expect([code, ended]).toEqual([0, restored]);
    expect(lines).toEqual([
      expect.stringMatching(/^Local: 1 waiting · 30 enabled · updated \d\d:\d\d:\d\d$/),
    ]);
  });

  it.each([
    [["top"], "/v1/deployments/*/automations", "reading Local …", "q", 0],
    [["top", "--all-deployments"], "/v1/deployments", "reading the deployments …", "q", 0],
    [["top", "-d", "Acme"], "/v1/deployments", "reading the deployments …", key.ctrlC, 130],
  ] as const)(
    "draws before any response, and closes at once: %j, %s",
    async (words, path, reading, leave, code) => {
      const { open, add, server } = await startPlace();
      await add("Digest");
      await addFault(server, { path, count: null, action: { type: "delay", ms: 600_000 } });
      const terminal = open(words, { preload: "endless-waits" });
      await terminal.shows(reading);
      terminal.type(leave);
      const { lines, ...ended } = await terminal.ended;
      expect(ended).toEqual({ code, ...restored });
      expect(lines).toEqual([]);
    },
  );

  it("explains on the normal screen why deployments are unreadable", async () => {
    const { open, server } = await startPlace();
    const action = { type: "fail", status: 401 };
    await addFault(server, { path: "/v1/deployments", count: null, action });
    const terminal = open(["top", "--all-deployments"]);
    const { lines, ...ended } = await terminal.ended;
    expect(ended).toEqual({ code: 3, ...restored });
    expect(lines[0]).toMatch(/^error: /);
    expect(terminal.written()).toContain("reading the deployments …");
  });

  it("keeps a warning for the normal screen", async () => {
    const server = createServer((_request, answer) => {
      answer.setHeader("date", new Date(Date.now() - 3_600_000).toUTCString());
      answer.setHeader("content-type", "application/json");
      answer.end('{"data": [], "next_cursor": null}');
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const env = { HERM_API_URL: url, HERM_API_KEY: "key", NO_COLOR: "1" };
    const terminal = openTerminal(["top", "--all-deployments"], { env, columns: 120 });
    const { lines, ...ended } = await terminal.ended;
    expect(ended).toEqual({ code: 4, ...restored });
    expect(lines.join("\n")).toMatch(/^warning: this machine's clock is 1 h ahead of the server's: /);
  });

  it("receives others' changes, and redraws a single line for each", async () => {
    const { open, add, server } = await startPlace();
    const id = await add("Digest");
    const terminal = open(["top"]);
    await until(terminal, (lines) => lines.some((line) => line.includes("none yet")));
    // Selected with a key, so that its details stay, whatever appears above it.
    terminal.type(key.down);
    const read = terminal.written().length;
    await call(server, "PATCH", `/v1/deployments/dep_local/automations/${id}`, { enabled: false });
    await terminal.shows("○ paused");
    await add("Inbox triage");
    await terminal.shows("Inbox triage");
    terminal.type("q");
    await terminal.ended;
    const frames = terminal.written().slice(read).split("\x1b[?2026h").slice(1);
    expect(frames.length).toBeGreaterThan(1);
    expect(frames.every((frame) => frame.includes("\x1b[?2026l"))).toBe(true);
    const rowsOf = (frame: string) => [...frame.matchAll(/\x1b\[(\d+);1H/g)].length;
    expect(frames.map(rowsOf).every((rows) => rows <= 8)).toBe(true);
  });

  it("writes only its screen, however fast the scrolling", async () => {
    const { open, add } = await startPlace();
    for (let number = 10; number < 60; number += 1) await add(`Report ${number}`);
    const terminal = open(["top"]);
    await terminal.shows("Report 10");
    for (let presses = 0; presses < 40; presses += 1) terminal.type(key.down);
    await terminal.shows("› Report 50");
    terminal.type(key.end);
    await terminal.shows("› Report 59");
    terminal.type("q");
    await terminal.ended;
    // A warning from Node, such as about too many listeners.
    expect(terminal.written()).not.toContain("(node:");
  });

  it("fits a resized terminal, from 40×12 to 250×80", async () => {
    const { open, add } = await startPlace();
    for (let number = 1; number <= 100; number += 1) await add(`収支レポート 📊 ${number}`);
    const terminal = open(["top"], { columns: 40, rows: 12 });
    await terminal.shows("1–8 of 100");
    for (const [columns, rows] of [
      [250, 80],
      [60, 15],
      [40, 12],
      [120, 40],
    ] as const) {
      terminal.resize(columns, rows);
      // If there is room, the details take some of it.
      const pane = rows < 20 ? 0 : 10;
      const lines = await until(
        terminal,
        (all) =>
          all[0]?.includes(`1–${rows - 4 - pane} of 100`) === true &&
          all[rows - 1]?.startsWith("? keys") === true,
      );
      expect(lines.filter((line) => displayWidth(line) > columns)).toEqual([]);
    }
    terminal.type("q");
    expect((await terminal.ended).lines).toHaveLength(1);
  });

  it.each([
    ["Ctrl-C", 130, (terminal: Terminal) => terminal.type(key.ctrlC)],
    ["q", 0, (terminal: Terminal) => terminal.type("q")],
  ])("restores the terminal after %s, even with no automations", async (_case, code, end) => {
    const { open } = await startPlace();
    const terminal = open(["top"]);
    await terminal.shows("no automations here");
    end(terminal);
    const { lines, ...ended } = await terminal.ended;
    expect(ended).toEqual({ code, ...restored });
    expect(lines).toEqual([expect.stringMatching(/^Local: 0 automations · updated /)]);
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])("restores the terminal when %s ends it", async (signal, code) => {
    const { open, add } = await startPlace();
    await add("Digest");
    const when = join(temporaryFolder(), "now");
    const env = { TEST_WHEN: when, TEST_SIGNAL: signal };
    const terminal = open(["top"], { preload: "ended-when", env });
    await terminal.shows("Digest");
    writeFileSync(when, "");
    const { lines, ...ended } = await terminal.ended;
    expect(ended).toEqual({ code, ...restored });
    expect(lines).toEqual([expect.stringMatching(/^Local: 1 enabled · updated /)]);
  });

  it.each([
    ["top", ["top"]],
    ["list --watch", ["automations", "list", "--watch"]],
  ])("restores the terminal when %s crashes, and then reports it", async (_case, words) => {
    const { open, add } = await startPlace();
    await add("Digest");
    const when = join(temporaryFolder(), "now");
    const terminal = open(words, { preload: "ended-when", env: { TEST_WHEN: when } });
    await terminal.shows("Digest");
    writeFileSync(when, "");
    const { lines, ...ended } = await terminal.ended;
    expect(ended).toEqual({ code: 1, ...restored });
    expect(lines[0]).toMatch(/^error: unexpected: boom/);
  });

  it("stops on Ctrl-Z like any job, and continues with fg", async () => {
    const { open, add } = await startPlace();
    await add("Digest");
    const terminal = open(["top"], { hasJobs: true });
    await terminal.shows("Digest");
    terminal.type(key.ctrlZ);
    const stopped = await until(terminal, (lines) => lines.some((line) => line.startsWith("stopped by")));
    expect(stopped.join("\n")).toContain("stopped by 148: icanon  echo .");
    expect(stopped.join("\n")).not.toContain("herm top");
    terminal.type("\r");
    await until(terminal, (lines) => lines[0]?.startsWith("herm top") === true);
    terminal.type("q");
    expect(await terminal.ended).toMatchObject({ code: 0, ...restored });
  });

  it.each([false, true])(
    "survives an outage with greyed data and its start time (incident: %s)",
    async (isHeld) => {
      const server = await startServer();
      const home = temporaryFolder();
      const { url, port } = await listenBelow(server);
      await addAutomation(server, { name: "Digest" });
      const api = { HERM_API_URL: url, HERM_API_KEY: server.apiKey, HERM_DEPLOYMENT: "dep_local" };
      const env = { ...api, HOME: home, TZ: "UTC" };
      const pause = ["automations", "pause", "Digest", "--incident", "INC-1"];
      if (isHeld) expect((await herm(pause, { server, home, env: api })).code).toBe(0);
      const terminal = openTerminal(["top", "--max-wait", "1s"], { env });
      await terminal.shows("Digest");
      await terminal.shows("none yet");
      await server.close();
      await terminal.shows("runs      none yet  127.0.0.1");
      await terminal.shows("Local (~) doesn't respond: ");
      expect(terminal.lines()[isHeld ? 1 : 0]).toMatch(/ updated \d\d:\d\d:\d\d · (now|\d+ s ago)/);
      expect(terminal.written()).toContain("›~Digest");
      const again = await startServer({ apiKey: server.apiKey });
      onTestFinished(() => again.close());
      await addAutomation(again, { name: "Inbox triage" });
      await again.listen({ port });
      await terminal.shows("Inbox triage");
      expect(terminal.lines()[0]).toMatch(/ updated \d\d:\d\d:\d\d/);
      terminal.type("q");
      expect(await terminal.ended).toMatchObject({ code: 0, ...restored });
    },
  );
});

/** Below the ports that the system assigns, so that no other program gets it while nothing listens there. */
async function listenBelow(server: EmbeddedServer): Promise<{ url: string; port: number }> {
  const draw = drawOf("a port");
  for (;;) {
    const port = 11_000 + draw(20_000);
    const listening = await server.listen({ port }).catch(() => undefined);
    if (listening !== undefined) return { ...listening, port };
  }
}

describe("top in an unsuitable setting", () => {
  it.each<[string, string[], Record<string, string>]>([
    ["a dumb terminal", ["top"], { TERM: "dumb" }],
    ["accessible mode", ["top"], { HERM_ACCESSIBLE: "1" }],
    ["another format", ["top", "-o", "jsonl"], {}],
    ["a log on the same terminal", ["top", "--debug"], {}],
  ])("is refused in %s, without a request", async (_case, words, env) => {
    const { open } = await startPlace();
    const terminal = open(words, { env: { ...env, HERM_API_URL: "http://127.0.0.1:1" } });
    const { code, lines } = await terminal.ended;
    expect(code).toBe(2);
    expect(lines.join(" ")).toMatch(/herm top needs an interactive terminal|--debug would write/);
    expect(terminal.written()).not.toContain("1049");
  });
});
