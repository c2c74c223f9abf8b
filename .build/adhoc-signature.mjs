/**
 * The ad-hoc signature that macOS requires of a program: hashes of its pages, without anybody's name. Bun writes one
 * for arm64, but leaves its own, which no longer matches, in the executable for x64. This gives both the right one,
 * wherever they are built.
 */
import { createHash } from "node:crypto";

const machO64 = 0xfeedfacf;
const arm64 = 0x0100000c;
const segment = 0x19;
const codeSignature = 0x1d;
const pageBits = 12;
const hashLength = 32;
const directoryHead = 88;
/** Followed by one blob, the code directory. */
const superHead = 20;

/** Returns a Mach-O program's bytes with an ad-hoc signature in place of its own. Throws if it has none. */
export function signedAdHoc(program, identifier) {
  if (program.readUInt32LE(0) !== machO64) throw new Error("no Mach-O program of 64 bits");
  const commands = loadCommands(program);
  const segments = commands.filter(({ type }) => type === segment);
  const text = segments.find(({ at }) => nameOf(program, at) === "__TEXT");
  const link = segments.find(({ at }) => nameOf(program, at) === "__LINKEDIT");
  const signature = commands.find(({ type }) => type === codeSignature);
  if (text === undefined || link === undefined || signature === undefined) {
    throw new Error("the program has no place for a signature");
  }
  const end = program.readUInt32LE(signature.at + 8);
  const length = signatureLength(end, identifier);
  const signed = Buffer.alloc(end + length);
  program.copy(signed, 0, 0, end);
  // The signature comes last in the segment with the linker's data, which comes last in the file.
  signed.writeUInt32LE(length, signature.at + 12);
  const linkLength = BigInt(end + length) - signed.readBigUInt64LE(link.at + 40);
  const page = signed.readUInt32LE(4) === arm64 ? 0x4000n : 0x1000n;
  signed.writeBigUInt64LE(((linkLength + page - 1n) / page) * page, link.at + 32);
  signed.writeBigUInt64LE(linkLength, link.at + 48);
  writeSignature(signed, end, { identifier, textLength: signed.readBigUInt64LE(text.at + 48) });
  return signed;
}

function loadCommands(program) {
  const commands = [];
  let at = 32;
  for (let left = program.readUInt32LE(16); left > 0; left -= 1) {
    commands.push({ type: program.readUInt32LE(at), at });
    at += program.readUInt32LE(at + 4);
  }
  return commands;
}

function nameOf(program, at) {
  return program.toString("latin1", at + 8, at + 24).replace(/\0+$/, "");
}

function signatureLength(end, identifier) {
  return superHead + directoryHead + identifier.length + 1 + Math.ceil(end / 2 ** pageBits) * hashLength;
}

/** Big-endian, whatever the program's byte order. Hashes the pages as they are in the file; the last may be shorter. */
function writeSignature(signed, end, { identifier, textLength }) {
  const hashes = superHead + directoryHead + identifier.length + 1;
  const pages = Math.ceil(end / 2 ** pageBits);
  const superBlob = [0xfade0cc0, signed.length - end, 1, 0, superHead];
  const isAdHocByLinker = 0x20002;
  const directory = [
    0xfade0c02,
    signed.length - end - superHead,
    0x20400,
    isAdHocByLinker,
    hashes - superHead,
    directoryHead,
    0,
    pages,
    end,
    (hashLength << 24) | (2 << 16) | pageBits, // SHA-256
  ];
  [...superBlob, ...directory].forEach((word, index) => {
    signed.writeUInt32BE(word >>> 0, end + index * 4);
  });
  signed.writeBigUInt64BE(textLength, end + superHead + 72);
  const isMainProgram = 1n;
  signed.writeBigUInt64BE(isMainProgram, end + superHead + 80);
  signed.write(identifier, end + superHead + directoryHead, "latin1");
  for (let page = 0; page < pages; page += 1) {
    const bytes = signed.subarray(page << pageBits, Math.min((page + 1) << pageBits, end));
    createHash("sha256")
      .update(bytes)
      .digest()
      .copy(signed, end + hashes + page * hashLength);
  }
}
