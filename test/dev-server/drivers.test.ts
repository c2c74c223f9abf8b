import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { hasBothDrivers } from "../support/projects.js";
import { cleanEnvironment } from "./processes.js";

const store = join(import.meta.dirname, "..", "..", "src", "dev-server", "store", "database.ts");
const script = join(import.meta.dirname, "..", "..", "node_modules", ".cache", `drivers-${process.pid}.mjs`);

/** Runs the lines in a process whose local server would use this driver; returns their output. */
function runWith(driver: string, file: string, lines: string): string {
  const without = driver === "libsql" ? ["--no-experimental-sqlite"] : [];
  const program = `
    import { openDatabase } from ${JSON.stringify(script)};
    const database = await openDatabase(${JSON.stringify(file)});
    ${lines}`;
  const args = [...without, "--input-type=module", "--eval", program];
  return execFileSync(process.execPath, args, { encoding: "utf8", env: cleanEnvironment() });
}

const write = (name: string) => `
  database.exec("CREATE TABLE IF NOT EXISTS t (name TEXT NOT NULL, number REAL)");
  database.transaction(() => database.insert("INSERT INTO t VALUES (?, ?)", ${JSON.stringify(name)}, 1.5));`;
const read = `console.log(JSON.stringify(database.all("SELECT name, number FROM t ORDER BY rowid")));
  database.close();`;
const rows = (...names: string[]) => `${JSON.stringify(names.map((name) => ({ name, number: 1.5 })))}\n`;

// Node 20 has only libsql, and Bun its own driver.
describe.runIf(hasBothDrivers)("a data file", () => {
  beforeAll(() => {
    mkdirSync(join(script, ".."), { recursive: true });
    const external = ["libsql", "bun:sqlite"];
    buildSync({
      entryPoints: [store],
      outfile: script,
      bundle: true,
      platform: "node",
      format: "esm",
      external,
    });
    return () => execFileSync("rm", [script]);
  });

  const ways = [
    ["node:sqlite", "libsql"],
    ["libsql", "node:sqlite"],
  ] as const;

  it.each(ways)("is written with %s, then read and written with %s", (one, other) => {
    const file = join(temporaryFolder(), "dev.db");
    runWith(one, file, `${write("é😀")} database.close();`);
    expect(runWith(other, file, write("second") + read)).toBe(rows("é😀", "second"));
    expect(runWith(one, file, read)).toBe(rows("é😀", "second"));
  });

  it.each(ways)("survives a kill of the server with %s, and is complete with %s", (one, other) => {
    const file = join(temporaryFolder(), "dev.db");
    const copy = join(temporaryFolder(), "dev.db");
    const killed = `${write("first")}${write("second")} process.kill(process.pid, "SIGKILL");`;
    expect(() => runWith(one, file, killed)).toThrow();
    expect(existsSync(`${file}-wal`)).toBe(true);
    for (const part of ["", "-wal"]) copyFileSync(file + part, copy + part);
    expect(runWith(other, file, read)).toBe(rows("first", "second"));
    expect(runWith(one, copy, read)).toBe(rows("first", "second"));
  });

  it.each(ways)("is held by a server with %s, and can't be opened with %s", (one, other) => {
    const file = join(temporaryFolder(), "dev.db");
    const refused = `
      const { execFileSync } = await import("node:child_process");
      const program = \`import { openDatabase } from ${JSON.stringify(script)};
        await openDatabase(${JSON.stringify(file)}).catch((error) => console.log(error.name, error.message));\`;
      const args = [${other === "libsql" ? '"--no-experimental-sqlite", ' : ""}"--input-type=module", "--eval", program];
      process.stdout.write(execFileSync(process.execPath, args));`;
    const said = runWith(one, file, write("first") + refused);
    expect(said).toBe(`DataFileBusyError another process has ${file} open\n`);
  });
});

describe("a statement that fails", () => {
  it("rolls back its transaction, and leaves the database open", async () => {
    const { openDatabase } = await import("../../src/dev-server/store/database.js");
    const database = await openDatabase(":memory:");
    database.exec("CREATE TABLE t (name TEXT UNIQUE)");
    const insert = (name: string) => database.insert("INSERT INTO t VALUES (?)", name);
    expect(() => database.transaction(() => [insert("a"), insert("a")])).toThrow(/UNIQUE/);
    database.transaction(() => insert("b"));
    expect(database.all("SELECT name FROM t").map(({ name }) => name)).toEqual(["b"]);
    database.close();
  });
});
