import { linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { freshPlaces, refusal } from "../settings/places.js";
import { self } from "../settings/self.js";

const files = createPrivateFiles(self);
const freshPath = () => join(freshPlaces().home, "data", "log.jsonl");

function withText(text: string): string {
  const path = freshPath();
  mkdirSync(dirname(path), { mode: 0o700 });
  writeFileSync(path, text);
  return path;
}

function appendTo(path: string, lines: string, options?: { cutsLastLine: boolean }): string {
  const log = files.log(path, options);
  log.append(lines);
  log.close();
  return readFileSync(path, "utf8");
}

describe("a log", () => {
  it("is created with its folder, private to its owner", async () => {
    const path = freshPath();
    const log = files.log(path);
    log.append("one\n");
    log.append("two\nthree\n");
    await log.flush();
    log.close();
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\nthree\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  it.each([
    ["", undefined, "new\n"],
    ["one\n", undefined, "one\nnew\n"],
    ["one\ntw", undefined, "one\ntw\nnew\n"],
    ["one\ntw", { cutsLastLine: true }, "one\nnew\n"],
    ["one\ntwo\n", { cutsLastLine: true }, "one\ntwo\nnew\n"],
    ["torn", { cutsLastLine: true }, "new\n"],
    [`one\n${"€".repeat(50_000)}`, { cutsLastLine: true }, "one\nnew\n"],
  ])("continues after %j with %j", (before, options, after) => {
    expect(appendTo(withText(before), "new\n", options)).toBe(after);
  });

  it("loses its group and world permissions", () => {
    const path = withText("one\n");
    appendTo(path, "two\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("keeps the mode of a folder shared with others", () => {
    const path = withText("");
    const log = files.logBeside(join(dirname(path), "beside.jsonl"));
    log.append("one\n");
    log.close();
    mkdirSync(join(dirname(path), "open"), { mode: 0o755 });
    files.logBeside(join(dirname(path), "open", "beside.jsonl")).close();
    expect(statSync(join(dirname(path), "open")).mode & 0o777).toBe(0o755);
  });

  it("is never opened through a symbolic link", () => {
    const target = withText("victim\n");
    const path = join(dirname(target), "link.jsonl");
    symlinkSync(target, path);
    expect(refusal(() => files.log(path)).slice(0, 2)).toEqual([1, `${path} is a symbolic link`]);
    expect(readFileSync(target, "utf8")).toBe("victim\n");
  });

  it("can't be a folder", () => {
    const path = freshPath();
    mkdirSync(path, { recursive: true });
    expect(refusal(() => files.logBeside(path))[0]).toBe(1);
  });

  it("keeps every line that several writers add", async () => {
    const path = withText("");
    const same = join(dirname(path), "same.jsonl");
    linkSync(path, same);
    const logs = [files.log(path), files.log(same)];
    for (let count = 0; count < 100; count += 1) for (const log of logs) log.append(`line ${count}\n`);
    await Promise.all(logs.flatMap((log) => [log.flush(), log.flush()]));
    for (const log of logs) log.close();
    expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(200);
  });
});

describe("readEnd", () => {
  it.each([
    ["one\ntwo\n", 4, "two\n"],
    ["one", 10, "one"],
    ["", 10, ""],
  ])("returns from %j at most %d bytes", (text, mostBytes, end) => {
    expect(files.readEnd(withText(text), mostBytes)).toBe(end);
  });

  it("returns nothing if the file is missing", () => {
    expect(files.readEnd(freshPath(), 10)).toBeUndefined();
  });
});
