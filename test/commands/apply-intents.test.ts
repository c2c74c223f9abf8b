import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { listStored } from "../../src/history/folder.js";
import { self } from "../settings/self.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

const count = 60;
const names = Array.from({ length: count }, (_, at) => `A${at}`);
const manifest = JSON.stringify({
  automations: names.map((name) => ({ name, schedule: "every day at 9am", instructions: "x" })),
});
const words = ["apply", "--file", "-", "-d", "dep_local"];

interface Line {
  item?: number;
  name?: string;
  sending?: number;
  at?: string;
  outcome?: number;
}

/** The current history in a home's data folder, in the order in which it was written. */
function linesOf(home: string): Line[] {
  const place = {
    files: createPrivateFiles(self),
    dataDir: join(home, ".local", "share", "herm"),
  };
  return listStored(place).flatMap(({ path }) =>
    readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
}

/** When a create was sent, according to the history's lines. */
function sentAt(name: string, lines: readonly Line[]): string[] {
  const number = lines.find((line) => line.item !== undefined && line.name === name)?.item;
  return lines.flatMap(({ sending, at = "" }) => (sending === number ? [at] : []));
}

/** Runs an apply with 60 creates, and records the history right before each of them arrives. */
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

describe("the creates of a single apply", () => {
  it("are all in the history before the first is sent", async () => {
    const found: { name: string; isOpen: boolean; items: number }[] = [];
    const { applied } = await applyWatched((name, lines) => {
      const over = new Set(lines.map((line) => line.outcome));
      const open = lines.filter(({ item }) => item !== undefined && !over.has(item));
      const isOpen = open.some((line) => line.name === name) && sentAt(name, lines).length === 1;
      found.push({ name, isOpen, items: lines.filter(({ item }) => item !== undefined).length });
    });
    expect(applied.code).toBe(0);
    expect(found.filter(({ isOpen }) => !isOpen)).toEqual([]);
    expect(found.map(({ name }) => name).sort()).toEqual(names.toSorted());
    expect(found.every(({ items }) => items === names.length)).toBe(true);
  });

  it("are timed from their own lock, since others wait by their age", async () => {
    const now = new Date("2026-03-02T08:00:00Z");
    const ages: number[] = [];
    const onCreate = (name: string, lines: readonly Line[]) => {
      ages.push(...sentAt(name, lines).map((at) => now.getTime() - Date.parse(at)));
      now.setTime(now.getTime() + 1_000);
    };
    await applyWatched(onCreate, { now });
    expect(ages).toHaveLength(count);
    // Eight are in progress at once.
    expect(Math.max(...ages)).toBeLessThan(8_000);
  });

  it("don't delay the next apply if they were never sent", async () => {
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
    const slept: number[] = [];
    const sleep = async (ms: number) => void slept.push(ms);
    const again = await herm(words, { server, home, stdin: manifest, sleep });
    expect({ code: again.code, slept }).toEqual({ code: 0, slept: [] });
  });
});
