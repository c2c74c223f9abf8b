import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { formatChangeLines, type LedgerLine } from "../../src/history/parse.js";
import { freshPlaces } from "../settings/places.js";
import { herm, startServer } from "../support/harness.js";
import { addAutomation } from "./fleet.js";
import { itemLine, outcomeLine, sendingLine } from "./lines.js";

const at = "2026-01-05T03:00:00.000Z";

function linesOf(number: number): LedgerLine[] {
  const item = { deployment_id: `dep_${number % 100}`, automation_id: `auto_${number}`, name: "x" };
  return [itemLine(number, "pause", item), sendingLine(number), outcomeLine(number, { updated_at: at })];
}

const others = formatChangeLines(Array.from({ length: 2_000 }, (_, at) => linesOf(at + 2)).flat());

/** An incident with 2,000 automations elsewhere, and one with a single automation here. */
async function start() {
  const server = await startServer();
  const { home } = freshPlaces();
  const run = (...words: string[]) => herm([...words, "-d", "dep_local"], { server, home });
  const id = await addAutomation(server, { name: "a" });
  await run("automations", "trigger", id, "--no-follow");
  await run("automations", "pause", id, "--incident", "INC-1");
  const path = (name: string) => join(home, ".local", "share", "herm", "history", "incidents", name);
  appendFileSync(path("inc-1.jsonl"), others);
  return { server, home, run, id, path };
}

/** The amount of JSON that a command parses. */
async function parsedBy(work: () => Promise<{ stdout: string; stderr: string }>) {
  const parse = vi.spyOn(JSON, "parse");
  try {
    const said = await work();
    return { ...said, parsed: parse.mock.calls.length };
  } finally {
    parse.mockRestore();
  }
}

describe("the index of a large open incident", () => {
  it.each([
    ["automations list", "held by INC-1"],
    ["automations get a", "held by INC-1"],
    ["automations list --unexpected", ""],
    ["status", "stopped\tINC-1"],
  ])("makes %s read only the index", async (words, said) => {
    const { run, path } = await start();
    await run("automations", "list");
    expect(existsSync(path("inc-1.held"))).toBe(true);
    const { stdout, stderr, parsed } = await parsedBy(() => run(...words.split(" ")));
    expect(stdout + stderr).toContain(said);
    expect(parsed).toBeLessThan(100);
  });

  it("is written when the incident is closed or reopened", async () => {
    const { run } = await start();
    await run("automations", "list");
    for (const [words, count] of [
      ["close INC-1 --yes", 0],
      ["reopen INC-1", 1],
    ] as const) {
      await run("incidents", ...words.split(" "));
      const { stdout, parsed } = await parsedBy(() => run("automations", "list"));
      expect(stdout.match(/held by INC-1/g) ?? []).toHaveLength(count);
      expect(parsed).toBeLessThan(100);
    }
  });

  it("is updated by the incident's changes, and rebuilt after foreign ones", async () => {
    const { run, path, server, id } = await start();
    const other = await addAutomation(server, { name: "b" });
    expect((await run("automations", "pause", other, "--incident", "INC-1")).code).toBe(0);
    const { stdout, parsed } = await parsedBy(() => run("automations", "list"));
    expect(stdout.match(/held by INC-1/g)).toHaveLength(2);
    expect(parsed).toBeLessThan(100);
    const back = itemLine(90_000, "resume", { deployment_id: "dep_local", automation_id: id });
    appendFileSync(path("inc-1.jsonl"), formatChangeLines([back, outcomeLine(90_000)]));
    expect((await run("automations", "list")).stdout.match(/held by INC-1/g)).toHaveLength(1);
  });

  it("is replaced by the ledger if broken, and empties when the incident closes", async () => {
    const { run, path } = await start();
    await run("automations", "list");
    for (const text of ["", "nonsense\n", "{}\n"]) {
      writeFileSync(path("inc-1.held"), text);
      expect((await run("automations", "list")).stdout).toContain("held by INC-1");
    }
    await run("incidents", "close", "INC-1", "--yes");
    expect((await run("automations", "list")).stdout).not.toContain("held by INC-1");
  });
});
