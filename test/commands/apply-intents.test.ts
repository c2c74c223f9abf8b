import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InterruptedError } from "../../src/errors.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

const count = 60;
const names = Array.from({ length: count }, (_, at) => `A${at}`);
const manifest = JSON.stringify({
  automations: names.map((name) => ({ name, schedule: "every day at 9am", instructions: "x" })),
});
const words = ["automations", "apply", "--file", "-", "-d", "dep_local"];

interface Line {
  intent?: number;
  closed?: number;
  name?: string;
}

/** The intents that a home's data folder holds now, closed or not, in the order in which they were written. */
function linesOf(home: string): Line[] {
  const folder = join(home, ".local", "share", "herm", "intents");
  return readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
}

/** Runs an apply of 60, and tells of each create, before it arrives, what its intent looks like on disk. */
async function applyWatched(
  onCreate: (name: string, lines: readonly Line[]) => void,
  options: HermOptions = {},
) {
  const server = await startServer();
  const home = temporaryFolder();
  const send = fetchFrom(server);
  const applied = await herm(words, {
    ...options,
    server,
    home,
    stdin: manifest,
    fetch: (url, init) => {
      if (init.method === "POST") onCreate(JSON.parse(init.body ?? "{}").name, linesOf(home));
      return send(url, init);
    },
  });
  return { applied, server, home };
}

describe("the intents of an apply", () => {
  it("are on disk before their creates are sent, some at once, and gone at the end", async () => {
    const found: { name: string; isOpen: boolean; open: number }[] = [];
    const { applied, home } = await applyWatched((name, lines) => {
      const closed = new Set(lines.map((line) => line.closed));
      const open = lines.filter(({ intent }) => intent !== undefined && !closed.has(intent));
      found.push({ name, isOpen: open.some((line) => line.name === name), open: open.length });
    });
    expect(applied.code).toBe(0);
    expect(found.filter(({ isOpen }) => !isOpen)).toEqual([]);
    expect(found.map(({ name }) => name).sort()).toEqual(names.toSorted());
    // What is sent, and at most the next 32; a closing line may come a little later.
    const most = Math.max(...found.map(({ open }) => open));
    expect(most).toBeGreaterThan(20);
    expect(most).toBeLessThanOrEqual(48);
    expect(linesOf(home)).toEqual([]);
  });

  it("are renewed where their turn comes late, since others wait by their age", async () => {
    const now = new Date("2026-03-02T08:00:00Z");
    const times = new Map<string, number>();
    await applyWatched(
      (name, lines) => {
        now.setTime(now.getTime() + 1_000);
        times.set(name, lines.filter((line) => line.name === name).length);
      },
      { now },
    );
    expect(times.size).toBe(count);
    expect([...times.values()].filter((time) => time === 2).length).toBeGreaterThan(count / 2);
  });

  it("don't keep the next apply waiting where their creates were never sent", async () => {
    const interrupt = new AbortController();
    let creates = 0;
    const { applied, server, home } = await applyWatched(
      () => {
        creates += 1;
        if (creates === 5) interrupt.abort(new InterruptedError());
      },
      { signal: interrupt.signal },
    );
    expect(applied.code).toBe(130);
    expect(creates).toBeLessThan(20);
    expect(linesOf(home)).toEqual([]);
    const slept: number[] = [];
    const sleep = async (ms: number) => void slept.push(ms);
    const again = await herm(words, { server, home, stdin: manifest, sleep });
    expect({ code: again.code, slept }).toEqual({ code: 0, slept: [] });
  });
});
