import { describe, expect, it } from "vitest";
import { namedForWindows } from "../../.build/windows-version.mjs";

const header = 0x40;
const sections = header + 24;
const section = { at: 0x200, address: 0x5000 };
const data = { at: 0x300, length: 600 };

/** A Windows program that has a resource section with a folder for each of `types` in it, each with one resource. */
function program({ types, length = data.length }: { types: number[]; length?: number }): Buffer {
  const bytes = Buffer.alloc(0x600, 0xaa);
  bytes.writeUInt32LE(header, 0x3c);
  bytes.writeUInt16LE(2, header + 6);
  bytes.writeUInt16LE(0, header + 20);
  bytes.write(".text\0\0\0", sections);
  bytes.write(".rsrc\0\0\0", sections + 40);
  bytes.writeUInt32LE(section.address, sections + 52);
  bytes.writeUInt32LE(section.at, sections + 60);
  const folder = (offset: number, entries: [id: number, to: number][]) => {
    bytes.writeUInt16LE(0, section.at + offset + 12);
    bytes.writeUInt16LE(entries.length, section.at + offset + 14);
    for (const [index, [id, to]] of entries.entries()) {
      bytes.writeUInt32LE(id, section.at + offset + 16 + index * 8);
      bytes.writeUInt32LE(to, section.at + offset + 20 + index * 8);
    }
  };
  const isFolder = 0x80000000;
  folder(
    0,
    types.map((type) => [type, isFolder + (type === 16 ? 0x40 : 0x60)]),
  );
  folder(0x40, [[1, isFolder + 0x60]]);
  folder(0x60, [[1033, 0x80]]);
  bytes.writeUInt32LE(data.at - section.at + section.address, section.at + 0x80);
  bytes.writeUInt32LE(length, section.at + 0x84);
  return bytes;
}

const made = { description: "The tool: it does things.", version: "12.3.4-rc.1" };

/** The words of the resource by their keys, read as Windows reads them: each value at the next multiple of four. */
function wordsOf(bytes: Buffer): Record<string, string> {
  const text = bytes.toString("utf16le", data.at, data.at + data.length);
  return Object.fromEntries(
    [
      "FileDescription",
      "FileVersion",
      "InternalName",
      "OriginalFilename",
      "ProductName",
      "ProductVersion",
    ].map((key) => {
      const start = text.indexOf(`${key}\0`) + key.length + 1;
      const value = start + (start % 2);
      return [key, text.slice(value, text.indexOf("\0", value))];
    }),
  );
}

describe("what Windows shows of a program", () => {
  const original = program({ types: [3, 16, 24] });
  const named = namedForWindows(original, "herm", made);

  it("is the command's name, description and version", () => {
    expect(wordsOf(named)).toEqual({
      FileDescription: "The tool",
      FileVersion: "12.3.4-rc.1",
      InternalName: "herm",
      OriginalFilename: "herm.exe",
      ProductName: "herm",
      ProductVersion: "12.3.4-rc.1",
    });
    const fixed = named.indexOf(Buffer.from([0xbd, 0x04, 0xef, 0xfe]));
    expect([named.readUInt32LE(fixed + 8), named.readUInt32LE(fixed + 12)]).toEqual([
      (12 << 16) | 3,
      4 << 16,
    ]);
  });

  it("stands where it stood, and nothing else but the checksum is changed", () => {
    expect(named).toHaveLength(original.length);
    expect(named.subarray(data.at + data.length)).toEqual(original.subarray(data.at + data.length));
    const changed = [...named.subarray(0, data.at).keys()].filter((at) => named[at] !== original[at]);
    expect(changed).toEqual([0, 1, 2, 3].map((at) => header + 24 + 64 + at));
  });
});

it("a version is refused where the program has no place for it", () => {
  expect(() => namedForWindows(program({ types: [3, 24] }), "herm", made)).toThrow("no version resource");
  expect(() => namedForWindows(program({ types: [16], length: 100 }), "herm", made)).toThrow("too small");
});
