/** Bytes and texts, without anything that only Node has. */
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Many times as fast as a loop where it exists, which counts in a stream. */
const { Buffer: FastBytes }: { Buffer?: typeof Buffer } = globalThis;

export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

export function utf8Text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function latin1Text(bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes;
  if (FastBytes !== undefined) return FastBytes.from(buffer, byteOffset, byteLength).toString("latin1");
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

export function latin1Bytes(text: string): Uint8Array {
  if (FastBytes !== undefined) return FastBytes.from(text, "latin1");
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
