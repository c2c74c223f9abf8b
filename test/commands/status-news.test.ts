import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { addAutomation, addDeployment, call, setEnabled } from "../incident/fleet.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { stalledUntil } from "../support/stalled.js";
import { closedPipe } from "../support/streams.js";
import { farOff } from "./status-fleet.js";

const hourMs = 3_600_000;

async function start() {
  const server = await startServer();
  const home = temporaryFolder();
  const data = join(home, "data");
  const as = { server, home, env: { HERM_DATA_DIR: data } };
  const look = (argv: readonly string[] = [], options: HermOptions = {}) =>
    herm(["status", "--new", ...argv], { ...as, ...options });
  const news = async (argv: readonly string[] = [], options: HermOptions = {}) => {
    const { code, stdout } = await look([...argv, "-o", "json"], options);
    const { new: fresh, over, unreadable } = JSON.parse(stdout);
    const brief = (rows: Record<string, unknown>[]) => rows.map(({ name, state }) => `${name} ${state}`);
    return { code, new: brief(fresh), over: brief(over), unreadable: unreadable.length };
  };
  const add = (name: string, instructions: string, deployment = "dep_local") =>
    addAutomation(server, { name, instructions, deployment, schedule: farOff() });
  const run = async (id: string, deployment = "dep_local") => {
    await call(server, "POST", `/v1/deployments/${deployment}/automations/${id}/trigger`);
    await server.advance(1);
  };
  const instruct = (id: string, instructions: string) =>
    call(server, "PATCH", `/v1/deployments/dep_local/automations/${id}`, { instructions });
  const files = () => readdirSync(join(data, "news")).filter((name) => name.endsWith(".jsonl"));
  const file = () => join(data, "news", files()[0] ?? "");
  return { server, home, as, look, news, add, run, instruct, files, file };
}

const firstLook = "first report for this selection: everything is new\n";
const nothing = { code: 0, new: [], over: [], unreadable: 0 };

/** The server, with a 500 for the lists of one deployment. */
function without(server: Parameters<typeof fetchFrom>[0], part: string): FetchLike {
  const served = fetchFrom(server);
  return async (url, init) => {
    if (!url.includes(part)) return served(url, init);
    return new Response('{"error":{"code":"internal","message":"down"}}', { status: 500 });
  };
}

describe("status --new", () => {
  it("shows everything the first time, then each new or resolved problem once", async () => {
    const { look, news, add, run, instruct } = await start();
    const report = await add("Report", "@dev fail the ledger is locked");
    const inbox = await add("Inbox", "@dev ask Send it?");
    await run(report);
    await run(inbox);
    const first = await look();
    expect(first.code).toBe(9);
    expect(first.stdout).toMatch(
      new RegExp(
        `^new\twaiting\tInbox\tdep_local\t${inbox}\t\\S+Z\tSend it\\?\nnew\tfailing\tReport\tdep_local\t${report}\t\\S+Z\tthe ledger is locked\n$`,
      ),
    );
    expect(first.stderr).toContain(firstLook);
    expect(await look()).toEqual({
      code: 0,
      stdout: "",
      stderr: "nothing is new: 2 still need attention\n",
    });
    expect(await look(["--quiet"])).toEqual({ code: 0, stdout: "", stderr: "" });
    // A growing streak isn't news.
    await run(report);
    expect(await news()).toEqual(nothing);
    await instruct(report, "Do it.");
    await run(report);
    expect(await news()).toEqual({ ...nothing, over: ["Report failing"] });
    expect(await news()).toEqual(nothing);
    await instruct(report, "@dev fail again");
    await run(report);
    const last = await look();
    expect(last).toMatchObject({ code: 9, stdout: expect.stringMatching(/^new\tfailing\tReport\t.*\n$/) });
    expect(last.stderr).not.toContain(firstLook);
  });

  it("shows a waiting run that now fails as new, not as resolved", async () => {
    const { news, add, run, instruct } = await start();
    const id = await add("Inbox", "@dev ask Send it?");
    await run(id);
    expect(await news()).toEqual({ ...nothing, code: 9, new: ["Inbox waiting"] });
    await instruct(id, "@dev fail no mail server");
    await run(id);
    expect(await news()).toEqual({ ...nothing, code: 9, new: ["Inbox failing"] });
  });

  it("keeps a restarted run open until it ends", async () => {
    const { server, look, news, add, run, instruct } = await start();
    const id = await add("Sync", "@dev fail no disk");
    await run(id);
    await news();
    for (const [ends, expected] of [
      ["@dev fail no disk", nothing],
      ["Done.", { ...nothing, over: ["Sync failing"] }],
    ] as const) {
      await instruct(id, `@dev wait 600\n${ends}`);
      await run(id);
      expect(await look()).toEqual({ code: 0, stdout: "", stderr: "nothing is new: 1 running again\n" });
      await server.advance(601);
      expect(await news()).toEqual(expected);
    }
  });

  it("shows an overdue automation once, and later reports when it ran", async () => {
    const { server, news } = await start();
    await addAutomation(server, { name: "Hourly", schedule: "0 * * * *" });
    await server.advance(2 * 3600);
    const { body } = await call(server, "GET", "/_dev/clock");
    const nowMs = Date.parse(String(body.now));
    const at = (ms: number) => {
      const now = new Date(nowMs + ms);
      return { now, fetch: stalledUntil(now, server) };
    };
    expect(await news([], at(0))).toEqual(nothing);
    const first = await news([], at(1.5 * hourMs));
    expect(first.new).toEqual(["Hourly overdue"]);
    expect(await news([], at(9 * hourMs))).toEqual(nothing);
    await server.advance(10 * 3600);
    expect(await news()).toEqual({ ...nothing, over: first.new });
  });

  it("explains why a problem is over: deleted, paused or run", async () => {
    const { server, look, add, run, instruct } = await start();
    const ids = [await add("A", "@dev fail a"), await add("B", "@dev fail b"), await add("C", "@dev fail c")];
    for (const id of ids) await run(id);
    const shown = (await look()).stdout.trimEnd().split("\n");
    const [a = "", b = "", c = ""] = ids;
    const since = new Map(shown.map((line) => [line.split("\t")[4], line.split("\t")[5]]));
    await server.advance(3600);
    await call(server, "DELETE", `/v1/deployments/dep_local/automations/${a}`);
    await setEnabled(server, b, false);
    await instruct(c, "Do it.");
    await run(c);
    const { code, stdout } = await look();
    expect({ code, lines: stdout.trimEnd().split("\n").toSorted() }).toEqual({
      code: 0,
      lines: [
        `over\tfailing\tA\tdep_local\t${a}\t${since.get(a)}\tdeleted`,
        `over\tfailing\tB\tdep_local\t${b}\t${since.get(b)}\tpaused`,
        `over\tfailing\tC\tdep_local\t${c}\t${since.get(c)}\tits last run completed`,
      ],
    });
  });

  it("prints status rows as JSON, and ids of new problems as names", async () => {
    const { as, look, add, run } = await start();
    const id = await add("Report", "@dev fail no disk");
    await run(id);
    const { needs_attention } = JSON.parse((await herm(["status", "-o", "json"], as)).stdout);
    const { stdout } = await look(["-o", "json"]);
    expect(JSON.parse(stdout)).toEqual({ new: needs_attention, over: [], unreadable: [] });
    const named = await start();
    await named.run(await named.add("Report", "@dev fail no disk"));
    expect((await named.look(["-o", "name"])).stdout).toMatch(/^dep_local\/auto_\w+\n$/);
    expect(await named.look(["-o", "name"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("shows counts, rows and next steps on a terminal", async () => {
    const { look, add, run, instruct } = await start();
    const old = await add("Old", "@dev fail a");
    await run(old);
    await look();
    await instruct(old, "Do it.");
    await run(old);
    await run(await add("Report", "@dev fail no disk"));
    const { stdout, stderr } = await look([], { tty: true });
    expect(stdout.split("\n").slice(1)).toEqual([
      "1 new · 1 over",
      "",
      expect.stringMatching(/^NEWS +STATE +NAME +ID +SINCE +WHY$/),
      expect.stringMatching(/^new +✗ failing +Report .* no disk$/),
      expect.stringMatching(/^over +failing +Old .* its last run completed$/),
      "",
    ]);
    expect(stderr).toContain("hint: to see its runs: herm automations get Local/Report\n");
    const none = await look([], { tty: true });
    expect(none).toMatchObject({ code: 0, stdout: "nothing is new: 1 still needs attention\n" });
  });
});

describe("an unreadable automation in status --new", () => {
  it("is neither new nor resolved, with exit code 8, despite other news", async () => {
    const { server, look, news, add, run } = await start();
    const acme = await addDeployment(server, { name: "Acme" });
    const failing = await add("There", "@dev fail a", acme);
    await run(failing, acme);
    await news();
    const here = await add("Here", "@dev fail b");
    await run(here);
    const fetch = without(server, `${acme}/automations`);
    expect(await news([], { fetch })).toEqual({ code: 8, new: ["Here failing"], over: [], unreadable: 1 });
    const { code, stdout, stderr } = await look([], { fetch });
    expect({ code, stdout }).toEqual({ code: 8, stdout: "" });
    expect(stderr).toContain("nothing is new among those read: 1 still needs attention, 1 unknown\n");
    expect(stderr).toMatch(/warning: Acme: down/);
    expect(await news()).toEqual(nothing);
  });

  it("is requested if missing from a list before it counts as resolved", async () => {
    const { server, news, add, run } = await start();
    const id = await add("Report", "@dev fail a");
    await run(id);
    await news();
    const served = fetchFrom(server);
    const shifted: FetchLike = async (url, init) =>
      url.includes("/automations?") ? new Response('{"data":[],"next_cursor":null}') : served(url, init);
    expect(await news([], { fetch: shifted })).toEqual(nothing);
    const refused: FetchLike = async (url, init) =>
      url.includes(id) ? new Response("{}", { status: 500 }) : shifted(url, init);
    expect(await news([], { fetch: refused })).toEqual({ ...nothing, code: 8, unreadable: 1 });
    expect(await news()).toEqual(nothing);
  });

  it("is shown as new once, even if its error is unreadable", async () => {
    const { server, news, add, run } = await start();
    const id = await add("Report", "@dev fail a");
    await run(id);
    const fetch = without(server, id);
    const expected = { code: 8, new: ["Report failing"], over: [], unreadable: 1 };
    expect(await news([], { fetch })).toEqual(expected);
    expect(await news()).toEqual(nothing);
  });
});

describe("the saved state of status --new", () => {
  it("is written after the output", async () => {
    const { news, look, add, run } = await start();
    await run(await add("Report", "@dev fail a"));
    expect((await look([], { stdout: closedPipe() })).code).toBe(9);
    const full = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error("no room"), { code: "ENOSPC" })),
    });
    const { code, stderr } = await look([], { stdout: full });
    expect(code).toBe(1);
    expect(stderr).toContain("error: could not write the output: no room\n");
    expect(await news()).toMatchObject({ code: 9, new: ["Report failing"] });
  });

  it("belongs to a selection, however the selection is written", async () => {
    const { server, news, add, run } = await start();
    const acme = await addDeployment(server, { name: "Acme" });
    await run(await add("There", "@dev fail a", acme), acme);
    for (const argv of [[], ["-d", "Acme"], ["--match", "T*"], ["--grace", "2h"]])
      expect([argv, await news(argv)]).toEqual([argv, { ...nothing, code: 9, new: ["There failing"] }]);
    for (const argv of [
      ["--all-deployments"],
      ["-d", "Acme", "-d", "Acme"],
      ["--match=T*"],
      ["--grace", "15m"],
    ])
      expect([argv, await news(argv)]).toEqual([argv, nothing]);
    expect((await news(["--except", "a", "--except", "b"])).code).toBe(9);
    expect(await news(["--except", "b", "--except", "a"])).toEqual(nothing);
  });

  it("counts automations that left the selection as resolved", async () => {
    const { server, news, add, run } = await start();
    const id = await add("Daily", "@dev fail a");
    await run(id);
    expect((await news(["--match", "D*"])).new).toEqual(["Daily failing"]);
    await call(server, "PATCH", `/v1/deployments/dep_local/automations/${id}`, { name: "Weekly" });
    expect(await news(["--match", "D*"])).toEqual({ ...nothing, over: ["Weekly failing"] });
  });

  it("survives damage to part of its file", async () => {
    const { news, look, add, run, file } = await start();
    for (const name of ["A", "B"]) await run(await add(name, "@dev fail a"));
    await news();
    const lines = readFileSync(file(), "utf8").trimEnd().split("\n");
    const [head, one = "", other] = lines;
    writeFileSync(file(), [head, one.slice(0, 30), other].join("\n"));
    const { code, stdout, stderr } = await look();
    expect({ code, rows: stdout.trimEnd().split("\n").length }).toEqual({ code: 9, rows: 1 });
    expect(stderr).toContain(`warning: ${file()} is damaged: 1 line can't be read\n`);
    expect(stderr).not.toContain(firstLook);
    writeFileSync(file(), "\0\0\0");
    const anew = await look();
    expect(anew.stderr).toContain(`warning: ${file()} is damaged: starting over\n`);
    expect(anew.stderr).toContain(firstLook);
    expect(await news()).toEqual(nothing);
  });

  it("is reset in another store, with a note", async () => {
    const { as, news, look, add, run } = await start();
    await run(await add("Report", "@dev fail a"));
    await news();
    const { stderr, code } = await look([], { ...as, server: await startServer() });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: the last report was for the local server's store \S+: starting over\n/);
    expect((await news()).new).toEqual(["Report failing"]);
  });

  it("covers 50 selections, and drops the least recently used", async () => {
    const { as, look, files, file } = await start();
    await look();
    const text = readFileSync(file(), "utf8");
    const folder = join(as.env.HERM_DATA_DIR, "news");
    for (let at = 0; at < 50; at += 1) {
      writeFileSync(join(folder, `${at}.jsonl`), text);
      utimesSync(join(folder, `${at}.jsonl`), 1_000_000 + at, 1_000_000 + at);
    }
    await look();
    expect(files()).toHaveLength(50);
    expect(files()).not.toContain("0.jsonl");
    expect(files()).toContain("1.jsonl");
  });

  it("is never written by two processes at once", async () => {
    const { look, add, run } = await start();
    await run(await add("Report", "@dev fail a"));
    const codes = (await Promise.all([look(), look()])).map(({ code }) => code);
    expect(codes.toSorted()).toEqual([0, 9]);
  });

  it("causes an error with the folder's name if it can't be saved", async () => {
    const { home, look } = await start();
    const file = join(home, "file");
    writeFileSync(file, "");
    const { code, stdout, stderr } = await look([], { env: { HERM_DATA_DIR: file } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      `error: ${join(file, "news")} can't be created (ENOTDIR)\nhint: set HERM_DATA_DIR to a writable folder of your own\n`,
    );
  });

  it("causes exit code 6 if another process has locked it", async () => {
    const { server, look, file } = await start();
    await look();
    let release = () => {};
    const isHeld = new Promise<void>((resolve) => {
      release = resolve;
    });
    const served = fetchFrom(server);
    const slow: FetchLike = async (url, init) => {
      if (url.includes("/automations")) await isHeld;
      return served(url, init);
    };
    let passedMs = 0;
    const first = look([], { fetch: slow });
    await expect.poll(() => existsSync(`${file()}.lock`)).toBe(true);
    const { code, stderr } = await look([], { monotonic: () => (passedMs += 10_000) });
    release();
    expect({ code, stderr }).toEqual({
      code: 6,
      stderr: expect.stringMatching(/the last report for this selection is locked by another herm/),
    });
    expect((await first).code).toBe(0);
  });

  it.each([["--watch"], ["--exit-code"]])("can't be combined with %s", async (flag) => {
    const { look } = await start();
    expect(await look([flag])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`--new and ${flag} can't be used together`),
    });
  });
});
