import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { signedAdHoc } from "../../.build/adhoc-signature.mjs";

const pageSize = 0x1000;
const linkAt = 2 * pageSize;
const signatureAt = 3 * pageSize + 528;

/** A segment with the same layout in the file as in memory. */
function segment(name: string, { offset, size }: { offset: number; size: number }): Buffer {
  const command = Buffer.alloc(72);
  command.writeUInt32LE(0x19, 0);
  command.writeUInt32LE(command.length, 4);
  command.write(name, 8);
  for (const [field, value] of [offset, size, offset, size].entries()) {
    command.writeBigUInt64LE(BigInt(value), 24 + 8 * field);
  }
  return command;
}

/** A Mach-O program of four pages, with 100 bytes in place of its signature. */
function program(cpu: number): Buffer {
  const header = Buffer.alloc(32);
  for (const [index, word] of [0xfeedfacf, cpu, 0, 2, 3, 160].entries())
    header.writeUInt32LE(word, index * 4);
  const signature = Buffer.alloc(16);
  for (const [index, word] of [0x1d, 16, signatureAt, 100].entries())
    signature.writeUInt32LE(word, index * 4);
  const whole = Buffer.alloc(signatureAt + 100, "some code ");
  Buffer.concat([
    header,
    segment("__TEXT", { offset: 0, size: linkAt }),
    segment("__LINKEDIT", { offset: linkAt, size: whole.length - linkAt }),
    signature,
  ]).copy(whole);
  return whole;
}

describe.each([
  ["arm64", 0x0100000c, 0x4000],
  ["x64", 0x01000007, 0x1000],
])("an ad-hoc signature for %s", (_, cpu, page) => {
  const signed = signedAdHoc(program(cpu), "herm");
  const blob = signed.subarray(signatureAt);
  const directory = blob.subarray(blob.readUInt32BE(16));
  const word = (at: number) => directory.readUInt32BE(at);

  it("contains a hash of each page of the file before it", () => {
    const hashes = directory.subarray(word(16));
    expect(word(28)).toBe(4);
    expect(word(32)).toBe(signatureAt);
    for (let at = 0, slot = 0; at < signatureAt; at += pageSize, slot += 1) {
      const bytes = signed.subarray(at, Math.min(at + pageSize, signatureAt));
      const hash = createHash("sha256").update(bytes).digest("hex");
      expect(hashes.toString("hex", slot * 32, slot * 32 + 32)).toBe(hash);
    }
  });

  it("is a single ad-hoc code directory for a main program", () => {
    expect([blob.readUInt32BE(0), blob.readUInt32BE(4), blob.readUInt32BE(8)]).toEqual([
      0xfade0cc0,
      blob.length,
      1,
    ]);
    expect([word(0), word(4), word(8)]).toEqual([0xfade0c02, directory.length, 0x20400]);
    expect(word(12) & 0x2).toBe(0x2);
    expect(directory.toString("latin1", word(20), word(20) + 5)).toBe("herm\0");
    expect([directory.readBigUInt64BE(72), directory.readBigUInt64BE(80)]).toEqual([BigInt(linkAt), 1n]);
  });

  it("is at the end of the file and of its segment", () => {
    const command = 32 + 2 * 72;
    expect(signed.readUInt32LE(command + 8) + signed.readUInt32LE(command + 12)).toBe(signed.length);
    const link = 32 + 72;
    expect(signed.readBigUInt64LE(link + 48)).toBe(BigInt(signed.length - linkAt));
    expect(Number(signed.readBigUInt64LE(link + 32)) % page).toBe(0);
    expect(signed.readBigUInt64LE(link + 32)).toBeGreaterThanOrEqual(signed.readBigUInt64LE(link + 48));
  });
});

it("an ad-hoc signature can be added only to a Mach-O program", () => {
  expect(() => signedAdHoc(Buffer.from("\x7fELF and more"), "herm")).toThrow("no Mach-O program of 64 bits");
  const unsigned = program(0x01000007);
  unsigned.writeUInt32LE(0x1b, 32 + 2 * 72);
  expect(() => signedAdHoc(unsigned, "herm")).toThrow("the program has no place for a signature");
});
