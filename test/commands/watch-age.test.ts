import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { settle, VirtualTime } from "../api/virtual-time.js";
import { addAutomation, addDeployment } from "../incident/fleet.js";
import { fetchFrom, type HermOptions, herm, startServer } from "../support/harness.js";
import { stalledUntil } from "../support/stalled.js";
import { show } from "../support/terminal.js";

type Trouble = "none" | "hangs" | "fails";

/**
 * Watches two deployments in virtual time, either or both of which may not respond. `isTerse`: lists don't show when
 * anything was updated.
 */
async function watch(line: string, { isTerse = false, ...more }: HermOptions & { isTerse?: boolean } = {}) {
  const server = await startServer();
  const away = await addDeployment(server, { name: "Away" });
  for (const [name, deployment] of [
    ["Here", "dep_local"],
    ["There", away],
  ] as const)
    await addAutomation(server, {
      name,
      deployment,
      schedule: "0 0 1 1 *",
      instructions: "@dev fail no luck",
    });
  const served = more.now === undefined ? fetchFrom(server) : stalledUntil(more.now, server);
  const time = new VirtualTime();
  let trouble: { what: Trouble; where: string } = { what: "none", where: "" };
  const fetch: FetchLike = async (url, { signal, ...init }) => {
    const { what, where } = trouble;
    if (what === "none" || !url.includes(where)) {
      if (!isTerse || !url.includes("/automations?")) return served(url, init);
      const listed = await server.fetch(new Request(url, { headers: init.headers }));
      return new Response((await listed.text()).replaceAll('"updated_at"', '"other"'), {
        status: listed.status,
      });
    }
    if (what === "fails") return new Response('{"error":"validation_error","message":"no"}', { status: 400 });
    return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  };
  const drawn: string[] = [];
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      drawn.push(chunk.toString("utf8"));
      done();
    },
  });
  const interrupt = new AbortController();
  const { sleep: rest, monotonic, timer } = time;
  const sleep = (ms: number, signal = interrupt.signal) => rest(ms, signal);
  const streams = { stdout, tty: true, columns: 100, signal: interrupt.signal };
  const options = { server, fetch, sleep, monotonic, timer, ...streams };
  const ended = herm([...line.split(" "), "--all-deployments", "--watch"], { ...options, ...more });
  await expect.poll(() => drawn.length).toBeGreaterThan(0);
  const linesOf = async () =>
    (await show(drawn.at(-1) ?? "", { columns: 100 })).lines.map((each) => each.trimEnd());
  return {
    server,
    away,
    drawn,
    lines: linesOf,
    /** Returns the screen this much later. */
    after: async (seconds: number) => {
      for (let at = 0; at < seconds * 4; at += 1) await time.advance(250);
      for (let turn = 0; turn < 20; turn += 1) await settle();
      return linesOf();
    },
    trouble: (what: Trouble, where = "/v1/") => {
      trouble = { what, where };
    },
    end: async () => {
      interrupt.abort(new InterruptedError());
      return (await ended).code;
    },
  };
}

const updated = String.raw`updated \d\d:\d\d:\d\d`;
const isFresh = (total: string) => new RegExp(`^${total} · Ctrl-C ends · ${updated}$`);
const namesIn = (lines: readonly string[]) => lines.join("\n").match(/\b(Here|There)\b/g);
const markedRows = (lines: readonly string[]) => lines.filter((line) => line.startsWith("~ "));

describe.each([
  ["automations list", "2 automations in 2 deployments"],
  ["runs list", "0 runs"],
  ["status", "0 need attention"],
])("%s --watch", (line, total) => {
  it("shows when it was last updated, or how long ago if it hangs", async () => {
    const screen = await watch(line);
    expect((await screen.lines()).at(-1)).toMatch(isFresh(total));
    screen.trouble("hangs");
    expect((await screen.after(3)).at(-1)).toMatch(isFresh(total));
    const hung = await screen.after(4);
    expect(hung.at(-1)).toMatch(new RegExp(`^${total} · Ctrl-C ends · ${updated} · 7 s ago \\(~\\)$`));
    expect(markedRows(hung)).toHaveLength(line === "automations list" ? 2 : 0);
    expect((await screen.after(5)).at(-1)).toContain(" · 12 s ago (~)");
    expect((await screen.after(60)).slice(-2)).toEqual([
      expect.stringMatching(/\d s ago \(~\)$/),
      expect.stringContaining("no answer"),
    ]);
    screen.trouble("none");
    const fresh = await screen.after(70);
    expect(fresh.at(-1)).toMatch(isFresh(total));
    expect(markedRows(fresh)).toEqual([]);
    expect(await screen.end()).toBe(130);
    expect(screen.drawn.at(-1)).toMatch(/^\u001b\[\?25h\u001b\[\?1049l.*updated \d\d:\d\d:\d\d\n$/s);
  });

  it("states its age in words once in accessible mode", async () => {
    const screen = await watch(line, { env: { HERM_ACCESSIBLE: "1" } });
    screen.trouble("hangs");
    await screen.after(20);
    expect(screen.drawn.join("").match(/^not updated since \d\d:\d\d:\d\d$/gm)).toHaveLength(1);
    screen.trouble("none");
    await screen.after(70);
    expect(screen.drawn.join("").match(new RegExp(`^${updated}$`, "gm"))).toHaveLength(1);
    expect(await screen.end()).toBe(130);
  });
});

describe("a deployment that becomes unreadable", () => {
  it.each(["fails", "hangs"] as const)("stays in list --watch, marked, when it %s", async (what) => {
    const screen = await watch("automations list --sort name");
    const [, here = "", there = ""] = await screen.lines();
    screen.trouble(what, `/v1/deployments/${screen.away}/`);
    if (what === "fails") {
      const soon = await screen.after(3);
      expect(soon.slice(1, 3)).toEqual([here, there]);
      expect(soon.at(-1)).toBe("1 deployment could not be read");
    }
    const lines = await screen.after(what === "fails" ? 9 : 75);
    expect(lines.slice(1, 3)).toEqual([here, there.replace(/^ /, "~")]);
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(
        new RegExp(`^2 automations in 2 deployments · Ctrl-C ends · 1 not updated \\(~\\) · ${updated}$`),
      ),
      "1 deployment could not be read",
    ]);
    screen.trouble("none");
    const again = await screen.after(10);
    expect(again.slice(1, 3)).toEqual([here, there]);
    expect(await screen.end()).toBe(130);
  });

  it("stays in list --overdue --watch, without extra requests for overdue", async () => {
    const now = new Date(Date.now() + 400 * 86_400_000);
    const screen = await watch("automations list --overdue --sort name", { now, isTerse: true });
    expect(namesIn(await screen.lines())).toEqual(["Here", "There"]);
    screen.trouble("hangs", `/v1/deployments/${screen.away}/`);
    const lines = await screen.after(75);
    expect(namesIn(lines)).toEqual(["Here", "There"]);
    expect(markedRows(lines)).toEqual([expect.stringContaining("There")]);
    expect(await screen.end()).toBe(130);
  });

  it("stays in status --watch, marked", async () => {
    const screen = await watch("status", { now: new Date(Date.now() + 400 * 86_400_000) });
    expect(namesIn(await screen.lines())).toEqual(["There", "Here"]);
    screen.trouble("fails", `/v1/deployments/${screen.away}/`);
    const lines = await screen.after(9);
    expect(namesIn(lines)).toEqual(["There", "Here"]);
    expect(lines.join("\n")).toContain("can't be read: Away: no");
    expect(markedRows(lines)).toEqual([expect.stringContaining("There")]);
    expect(lines.at(-1)).toContain(" · 1 not updated (~) · ");
    expect(await screen.end()).toBe(130);
  });
});
