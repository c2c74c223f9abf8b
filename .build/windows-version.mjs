/**
 * What Windows shows of a program: its name, description and version. Bun sets them on Windows alone; elsewhere an
 * executable would say that it is Bun. They are written over Bun's own, so nothing in the file moves.
 */

const versionResource = 16;
const isFolder = 0x80000000;

/** The bytes of a program, named anew. Throws for one without a version resource, or with one that is too small. */
export function namedForWindows(original, name, { description, version }) {
  const program = Buffer.from(original);
  const { at, length } = resourceOf(program, versionResource);
  const text = (key, value) => block(key, { value: utf16(`${value}\0`), isText: true });
  const strings = [
    text("FileDescription", description.split(":", 1)[0]),
    text("FileVersion", version),
    text("InternalName", name),
    text("OriginalFilename", `${name}.exe`),
    text("ProductName", name),
    text("ProductVersion", version),
  ];
  const englishInUnicode = "040904b0";
  const translation = Buffer.from([0x09, 0x04, 0xb0, 0x04]);
  const info = block("VS_VERSION_INFO", {
    value: fixedInfo(version),
    parts: [
      block("StringFileInfo", {
        parts: [block(englishInUnicode, { parts: strings, isText: true })],
        isText: true,
      }),
      block("VarFileInfo", { parts: [block("Translation", { value: translation })], isText: true }),
    ],
  });
  if (info.length > length) throw new Error("the program's version resource is too small");
  program.fill(0, at, at + length);
  info.copy(program, at);
  // The checksum is no longer that of the file; without one, none is looked for.
  program.writeUInt32LE(0, program.readUInt32LE(0x3c) + 24 + 64);
  return program;
}

/** Where the first resource of a type lies in the file. */
function resourceOf(program, type) {
  const section = sectionOf(program, ".rsrc");
  const entryOf = (folder, id) => {
    const count = program.readUInt16LE(folder + 12) + program.readUInt16LE(folder + 14);
    for (let entry = folder + 16; entry < folder + 16 + count * 8; entry += 8) {
      if (id !== undefined && program.readUInt32LE(entry) !== id) continue;
      const offset = program.readUInt32LE(entry + 4);
      const at = section.at + (offset & ~isFolder);
      return (offset & isFolder) === 0 ? at : entryOf(at);
    }
    throw new Error("the program has no version resource");
  };
  const data = entryOf(section.at, type);
  const at = program.readUInt32LE(data) - section.address + section.at;
  return { at, length: program.readUInt32LE(data + 4) };
}

function sectionOf(program, name) {
  const header = program.readUInt32LE(0x3c);
  const sections = header + 24 + program.readUInt16LE(header + 20);
  for (let left = program.readUInt16LE(header + 6), at = sections; left > 0; left -= 1, at += 40) {
    if (program.toString("latin1", at, at + 8).replace(/\0+$/, "") === name) {
      return { address: program.readUInt32LE(at + 12), at: program.readUInt32LE(at + 20) };
    }
  }
  throw new Error(`the program has no ${name}`);
}

/** A block has its length, that of its value (in characters where it is text), its kind, its key, and what is in it. */
function block(key, { value = Buffer.alloc(0), isText = false, parts = [] }) {
  const head = Buffer.alloc(6);
  const whole = parts.reduce(
    (sofar, part) => Buffer.concat([padded(sofar), part]),
    Buffer.concat([padded(Buffer.concat([head, utf16(`${key}\0`)])), value]),
  );
  whole.writeUInt16LE(whole.length, 0);
  whole.writeUInt16LE(isText ? value.length / 2 : value.length, 2);
  whole.writeUInt16LE(isText ? 1 : 0, 4);
  return whole;
}

function padded(bytes) {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

function utf16(text) {
  return Buffer.from(text, "utf16le");
}

function fixedInfo(version) {
  const [major, minor, patch] = version.split(/[.-]/).map(Number);
  const number = [(major << 16) | minor, patch << 16];
  const [windowsNT, program] = [0x40004, 1];
  const words = [0xfeef04bd, 0x10000, ...number, ...number, 0x3f, 0, windowsNT, program, 0, 0, 0];
  const info = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => {
    info.writeUInt32LE(word >>> 0, index * 4);
  });
  return info;
}
