import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { formatChangeLines, type LedgerLine, parseChanges, parseLines } from "../../src/history/parse.js";
import { type Ledger, parseLedger, readLedger, withLedger } from "../../src/incident/ledger.js";
import { freshPlaces, refusal } from "../settings/places.js";
import { self } from "../settings/self.js";
import { commandLine, headOf, itemLine, outcomeLine, sendingLine } from "./lines.js";

const files = createPrivateFiles(self);
const at = "2026-01-05T03:00:00.000Z";
const head = headOf("INC-1");
const command = commandLine("c_aaaaaa");
const item = itemLine(1, "pause", { name: "Weekly €" });
const sent = sendingLine(1);
const done = outcomeLine(1, { updated_at: at });

const freshPath = () => join(freshPlaces().home, "data", "history", "incidents", "inc-1.jsonl");
const placeOf = (path: string) => ({ path, isOutsideDataDir: false });

function withText(text: string): string {
  const path = freshPath();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text);
  return path;
}

const open = <T>(path: string, work: (ledger: Ledger) => Promise<T>, by = files) =>
  withLedger(by, placeOf(path), work, { waitMs: 0 });

const write = (path: string, lines: LedgerLine[]) => open(path, async (ledger) => ledger.write(lines));

describe("a ledger", () => {
  it("is read back exactly as it was written", async () => {
    const path = freshPath();
    const live = await open(path, async (ledger) => {
      expect(ledger.state).toBeUndefined();
      expect(existsSync(path)).toBe(false);
      ledger.write([head, { scope: true, at, except: [] }, command, item]);
      await ledger.flush();
      ledger.write([sent]);
      ledger.write([done]);
      return ledger.state;
    });
    expect(readLedger(files, placeOf(path))).toEqual(live);
    expect(live?.items.get("dep_1/auto_1")).toMatchObject({ pause: "done", resume: "none", updated_at: at });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is continued at its end, without a partial last line", async () => {
    const path = withText(`${formatChangeLines([head, item, sent])}{"outcome":1,"at":"2026`);
    expect(readLedger(files, placeOf(path))?.items.get("dep_1/auto_1")?.pause).toBe("sent");
    await write(path, [done]);
    expect(readFileSync(path, "utf8")).toBe(formatChangeLines([head, item, sent, done]));
  });

  it("keeps a complete last line that lacks only its newline", async () => {
    const path = withText(formatChangeLines([head, item, sent, done]).trimEnd());
    expect(readLedger(files, placeOf(path))?.items.get("dep_1/auto_1")?.pause).toBe("done");
    await write(path, [{ closed: "given up", at }]);
    expect(readLedger(files, placeOf(path))).toMatchObject({ closed: { why: "given up" } });
  });

  it.each(["with CRLF line ends", "with a BOM", "with both", "torn between CR and LF"])(
    "is read and continued %s, and becomes complete on import",
    async (how) => {
      const plain = formatChangeLines([head, command, item, sent, done]);
      const ends = how === "with a BOM" ? plain : plain.replaceAll("\n", "\r\n");
      const text =
        (how.includes("CRLF") ? "" : "\uFEFF") + (how.startsWith("torn") ? ends.slice(0, -1) : ends);
      const path = withText(text);
      const same = readLedger(files, placeOf(withText(plain)));
      expect(same?.items.size).toBe(1);
      expect(readLedger(files, placeOf(path))).toEqual(same);
      expect(parseLedger(text, path)).toEqual({ state: same, wholeText: plain });
      expect(parseChanges(text)).toEqual(parseChanges(plain));
      expect(parseChanges(plain)).toHaveLength(1);
      await write(path, [{ closed: "given up", at }]);
      expect(readLedger(files, placeOf(path))).toMatchObject({ closed: { why: "given up" } });
    },
  );

  it("doesn't exist without content", async () => {
    expect(readLedger(files, placeOf(freshPath()))).toBeUndefined();
    const path = withText("");
    await write(path, [head]);
    expect(readLedger(files, placeOf(path))?.head).toEqual(head);
  });

  const broken: [string, string, string][] = [
    ["a letter", "Dear all,\nplease pause everything.\n", "isn't a ledger"],
    ["JSON of another kind", '{"name":"package"}\n', "isn't a ledger"],
    ["a head without its target", `${JSON.stringify({ ...head, target: {} })}\n`, "isn't a ledger"],
    ["a list", "[]\n", "isn't a ledger"],
    ["a partial head", JSON.stringify(head).slice(0, 40), "isn't a ledger"],
    ["bytes", "\0\x01\x02\xff\n", "isn't a ledger"],
    [
      "a later version",
      `${JSON.stringify({ ...head, version: 2 })}\n`,
      "was written by a newer herm (version 2)",
    ],
    [
      "cut off in the middle",
      `${formatChangeLines([head])}{"item":1,"a\n${formatChangeLines([item])}`,
      "is damaged on line 2",
    ],
    [
      "an empty line within",
      `${formatChangeLines([head])}\n${formatChangeLines([item])}`,
      "is damaged on line 2",
    ],
    ["a second head", formatChangeLines([head, head]), "is damaged on line 2"],
    ["an unknown line", `${formatChangeLines([head])}{"note":1}\n`, "is damaged on line 2"],
    [
      "a wrong word",
      `${formatChangeLines([head, item])}${JSON.stringify({ ...done, result: "perhaps" })}\n`,
      "is damaged on line 3",
    ],
    [
      "a wrong type",
      `${formatChangeLines([head])}${JSON.stringify({ ...item, name: 1 })}\n`,
      "is damaged on line 2",
    ],
    [
      "a time that isn't one",
      `${formatChangeLines([head, item])}${JSON.stringify({ ...done, at: "soon" })}\n`,
      "is damaged on line 3",
    ],
    ["__proto__", `${formatChangeLines([head])}{"__proto__":1}\n`, "is damaged on line 2"],
  ];

  it.each(broken)("is rejected and left unchanged if it is %s", async (_, text, message) => {
    const path = withText(text);
    const [code, said] = refusal(() => readLedger(files, placeOf(path)));
    expect([code, said]).toEqual([2, `${path} ${message}`]);
    await expect(write(path, [done])).rejects.toThrow(message);
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(() => parseLedger(text, path)).toThrow(message);
  });

  it("is never accessed through a symbolic link", async () => {
    const target = withText(formatChangeLines([head]));
    const path = join(dirname(target), "link.jsonl");
    symlinkSync(target, path);
    for (const isOutsideDataDir of [true, false]) {
      expect(refusal(() => readLedger(files, { path, isOutsideDataDir }))[1]).toBe(
        `${path} is a symbolic link`,
      );
    }
    await expect(write(path, [done])).rejects.toThrow("is a symbolic link");
    expect(readFileSync(target, "utf8")).toBe(formatChangeLines([head]));
  });

  it.each(["/dev/zero", "/dev/null"])("can't be %s", (path) => {
    expect(refusal(() => readLedger(files, { path, isOutsideDataDir: true }))[0]).toBe(1);
  });

  it("has one writer at a time, and is unlocked afterwards", async () => {
    const path = freshPath();
    await open(path, async () => {
      await expect(write(path, [head])).rejects.toMatchObject({ exitCode: 6 });
    });
    await write(path, [head]);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it("is unlocked after its process died", async () => {
    const path = freshPath();
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const dead = createPrivateFiles({ ...self, pid: 2 ** 22 - 7 });
    const isHeld = new Promise<void>((held) => {
      const hang = () => {
        held();
        return new Promise(() => undefined);
      };
      void open(path, hang, dead);
    });
    await isHeld;
    await write(path, [head]);
    expect(readLedger(files, placeOf(path))?.head.incident).toBe("INC-1");
  });
});

describe("parseLines", () => {
  it("accepts the lines that herm writes, but no field of a wrong type", () => {
    for (const line of [head, command, item, sent, done]) {
      expect(parseLines(JSON.stringify(line))).toEqual([line]);
      for (const field of Object.keys(line)) {
        if (field === "version") continue;
        expect(parseLines(JSON.stringify({ ...line, [field]: 0 }))).toEqual([undefined]);
      }
    }
  });
});
