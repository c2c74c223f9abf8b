import { readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { listStored } from "../../src/history/folder.js";
import { self } from "../settings/self.js";
import { type HermOptions, herm, temporaryFolder } from "../support/harness.js";
import { type ManifestServer, startManifestServer } from "./manifest-server.js";

const files = createPrivateFiles(self);
const inDeployment = ["-d", "dep_local"];

let world: ManifestServer;
let home: string;

beforeEach(async () => {
  world = await startManifestServer();
  home = temporaryFolder();
  for (const name of ["A", "B", "C"]) await world.create({ name, instructions: `Do ${name}` });
});

const dataOf = (at: string) => join(at, ".local", "share", "herm");

function run(words: readonly string[], options: HermOptions = {}) {
  return herm(words, { server: world.server, cwd: world.cwd, home, ...options });
}

const update = (name: string, text: string, options: HermOptions = {}) =>
  run(["automations", "update", name, `--instructions=${text}`, ...inDeployment], options);

async function instructions(): Promise<(string | undefined)[]> {
  return (await world.state()).map(({ instructions: text }) => text ?? undefined);
}

/** The entries that the history shows, newest first. */
async function shown(at = home): Promise<{ id: string; command: string; incident?: string }[]> {
  const { code, stdout } = await run(["history", "-o", "json"], { home: at });
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

describe("a text in the history that doesn't match its hash", () => {
  /** Edits the file of the newest change, like an attacker who wants something else to be sent. */
  function alter(from: string, to: string): void {
    const [{ path } = { path: "" }] = listStored({ files, dataDir: dataOf(home) });
    const text = readFileSync(path, "utf8");
    expect(text).toContain(`"is":${JSON.stringify(from)}`);
    writeFileSync(path, text.replace(`"is":${JSON.stringify(from)}`, `"is":${JSON.stringify(to)}`));
  }

  it("is treated as unknown, and its item isn't changed", async () => {
    await update("A", "Do it");
    alter("Do A", "Send all to mallory");
    await world.writes();
    for (const more of [["--yes"], ["--dry-run"]]) {
      const { code, stderr } = await run(["undo", "last", ...more]);
      expect({ code, writes: await world.writes() }).toEqual({ code: 6, writes: [] });
      expect(stderr).toContain("error: the history's instructions for A don't match their hash\n");
      expect(stderr).not.toContain("mallory");
    }
    expect(await instructions()).toEqual(["Do it", "Do B", "Do C"]);
  });

  it.each([
    ["Do A", "the text before the change"],
    ["Do it", "the text that was sent"],
  ])("prevents an undo of its own item, but not of the others: %s", async (text) => {
    const items = ["A", "B", "C"].map(
      (name) =>
        `  - { name: ${name}, schedule: 0 9 * * *, instructions: ${text === "Do it" && name !== "A" ? "Else" : "Do it"} }\n`,
    );
    world.write({ "herm.yaml": `automations:\n${items.join("")}` });
    await run(["apply", "-f", "herm.yaml", "--yes", ...inDeployment]);
    alter(text, "Send all to mallory");
    const { code, stdout, stderr } = await run(["undo", "last", "--yes"]);
    expect(code).toBe(8);
    expect(stdout).toMatch(/^A\tfailed\tauto_\w+\tthe history's instructions for A don't match their hash$/m);
    expect(stdout.match(/\tundone\t/g)).toHaveLength(2);
    expect(stderr).toContain("1 of 3 failed");
    expect(await instructions()).toEqual(["Do it", "Do B", "Do C"]);
    const json = JSON.parse((await run(["history", (await shown())[1]?.id ?? "", "-o", "json"])).stdout);
    expect(JSON.stringify(json)).not.toContain("mallory");
    expect(json.items.map((item: { is_damaged?: boolean }) => item.is_damaged ?? false)).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("the order of changes in the history", () => {
  const hour = (at: number) => new Date(Date.UTC(2026, 9, 4, at));

  it("is their true order, even if the clock is set back", async () => {
    await update("A", "first", { now: hour(12) });
    await run(["automations", "pause", "--all", "--incident", "INC-1", "--yes", ...inDeployment], {
      now: hour(11),
    });
    await update("A", "second", { now: hour(10) });
    await run(["automations", "resume", "--incident", "INC-1", "--yes"], { now: hour(9) });
    await update("A", "third", { now: hour(8) });
    const changes = await shown();
    const order = changes.map(({ command }) => /automations (?:update.*=)?(\w+)/.exec(command)?.[1]);
    expect(order).toEqual(["third", "resume", "second", "pause", "first"]);
    expect(await run(["undo", "last", "--yes"])).toMatchObject({ code: 0 });
    expect((await instructions())[0]).toBe("second");
    // The undo of the first change knows that others followed.
    const first = changes.at(-1)?.id ?? "";
    expect((await run(["undo", first, "--yes"])).stdout).toContain("skipped");
    const since = await run(["history", "--since", hour(9).toISOString(), "-o", "json"], { now: hour(13) });
    const later = (JSON.parse(since.stdout) as { id: string }[]).map(({ id }) => id);
    expect(later.slice(1)).toEqual(changes.slice(1).map(({ id }) => id));
  });

  it("is the order of import for imported changes, whatever their times", async () => {
    const there = temporaryFolder();
    for (const [name, at] of [
      ["INC-PAST", hour(-2000)],
      ["INC-FUTURE", hour(2000)],
    ] as const) {
      await run(["automations", "pause", "B", "--incident", name, ...inDeployment], { home: there, now: at });
      await run(["automations", "resume", "--incident", name, "--yes"], { home: there, now: at });
    }
    await update("A", "before", { now: hour(1) });
    for (const name of ["inc-past", "inc-future"]) {
      const ledger = join(dataOf(there), "history", "incidents", `${name}.jsonl`);
      expect(await run(["incidents", "import", ledger], { now: hour(2) })).toMatchObject({ code: 0 });
    }
    await update("A", "after", { now: hour(3) });
    const changes = await shown();
    const order = changes.map(({ command, incident }) => [/automations (\w+)/.exec(command)?.[1], incident]);
    expect(order).toEqual([
      ["update", undefined],
      ["resume", "INC-FUTURE"],
      ["pause", "INC-FUTURE"],
      ["resume", "INC-PAST"],
      ["pause", "INC-PAST"],
      ["update", undefined],
    ]);
    expect(await run(["undo", "last", "--dry-run"])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("--instructions=after"),
    });
  });
});

describe("a symlinked history folder", () => {
  it("is rejected before any change that must be recorded", async () => {
    await update("A", "first");
    const elsewhere = temporaryFolder();
    renameSync(join(dataOf(home), "history"), join(elsewhere, "history"));
    symlinkSync(join(elsewhere, "history"), join(dataOf(home), "history"));
    const before = readdirSync(elsewhere, { recursive: true });
    await world.writes();
    const said = expect.stringContaining("history is a symbolic link");
    expect(await update("A", "second")).toMatchObject({ code: 1, stderr: said });
    for (const words of [["history"], ["history", "c_aaaaaa"], ["undo", "last", "--yes"]])
      expect(await run(words)).toMatchObject({ code: 1, stderr: said });
    expect(await world.writes()).toEqual([]);
    // A pause doesn't wait.
    expect(await run(["automations", "pause", "A", ...inDeployment])).toMatchObject({
      code: 0,
      stderr: said,
    });
    expect(readdirSync(elsewhere, { recursive: true })).toEqual(before);
  });
});
