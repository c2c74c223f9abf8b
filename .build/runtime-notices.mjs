/**
 * The parts of Bun in the executable, their licences, and where their source is; the executable must be distributed
 * with these. The licences' texts are in licences/, with the names of their authors. All of it is updated with Bun's
 * version.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./esbuild-options.mjs";
import { bunVersion } from "./platforms.mjs";

const describedBun = "1.4.5";

/** `version` is a number, or the commit of its source; `key` is its name in Bun's process.versions. */
export const parts = [
  part("Bun", "MIT", "https://github.com/oven-sh/bun", {
    version: "a7733435cf40429e3b35c36072769df2052b80f1",
    key: "uwebsockets",
    text: "bun",
  }),
  part(
    "JavaScriptCore and WebKit",
    "LGPL-2.0-or-later AND BSD-2-Clause",
    "https://github.com/oven-sh/WebKit",
    {
      version: "d6375c72affe0f70222cdcb45012b10f0bf3a9d5",
      key: "webkit",
      text: "webkit",
    },
  ),
  part("TinyCC", "LGPL-2.1-or-later", "https://github.com/oven-sh/tinycc", {
    version: "05f0fafaa3be31e31d7b4b5c17dc60f62c991171",
    key: "tinycc",
  }),
  part("BoringSSL", "Apache-2.0", "https://github.com/oven-sh/boringssl", {
    version: "fe703e9faa3bfd22b04eb192066856557b7e015c",
    key: "boringssl",
  }),
  part("SQLite", "blessing", "https://sqlite.org", { version: "3.54.1", key: "sqlite" }),
  part("ICU", "Unicode-3.0", "https://github.com/unicode-org/icu", {
    version: "78.3",
    key: "icu",
    text: "icu",
  }),
  part("libarchive", "BSD-2-Clause", "https://github.com/libarchive/libarchive", {
    version: "27cbc7827172698143e440801fc0ba39ccb4f1f5",
    key: "libarchive",
    text: "libarchive",
  }),
  part("mimalloc", "MIT", "https://github.com/oven-sh/mimalloc", {
    version: "92ef6587c57b262f6e6abf513f7776a2f8d12aeb",
    key: "mimalloc",
    text: "mimalloc",
  }),
  part("picohttpparser", "MIT", "https://github.com/h2o/picohttpparser", {
    version: "f4d94b48b31e0abae029ebeafcfd9ca0680ede58",
    key: "picohttpparser",
    text: "picohttpparser",
  }),
  part("zlib-ng", "Zlib", "https://github.com/zlib-ng/zlib-ng", {
    version: "12731092979c6d07f42da27da673a9f6c7b13586",
    key: "zlib",
    text: "zlib-ng",
  }),
  part("lol-html", "BSD-3-Clause", "https://github.com/cloudflare/lol-html", {
    version: "725ce499aa9b71e38b7a2d0a9fbb6d7294a4079e",
    key: "lolhtml",
    text: "lol-html",
  }),
  part("c-ares", "MIT", "https://github.com/c-ares/c-ares", {
    version: "0b88066f79ac9745d6819899f1794df91b73c873",
    key: "ares",
    text: "c-ares",
  }),
  part("libdeflate", "MIT", "https://github.com/ebiggers/libdeflate", {
    version: "92e6a0db9fa848d742f9eb286c92afc60f2c3dda",
    key: "libdeflate",
    text: "libdeflate",
  }),
  part("ls-hpack", "MIT", "https://github.com/litespeedtech/ls-hpack", {
    version: "cf0f70dd10b352194c97448eb5d00b4aa484f531",
    key: "lshpack",
    text: "ls-hpack",
  }),
  part("Zstandard", "BSD-3-Clause", "https://github.com/facebook/zstd", {
    version: "f8745da6ff1ad1e7bab384bd1f9d742439278e99",
    key: "zstd",
    text: "zstd",
  }),
  part("llhttp", "MIT", "https://github.com/nodejs/llhttp", {
    version: "9.4.4",
    key: "llhttp",
    text: "llhttp",
  }),
  part("uSockets and uWebSockets", "Apache-2.0", "https://github.com/uNetworking"),
  part("parts of TigerBeetle", "Apache-2.0", "https://github.com/tigerbeetle/tigerbeetle"),
  part("parts of LLVM's libc++abi", "Apache-2.0 WITH LLVM-exception", "https://github.com/llvm/llvm-project"),
  part("Brotli", "MIT", "https://github.com/google/brotli", { text: "brotli" }),
  part("ls-qpack", "MIT", "https://github.com/litespeedtech/ls-qpack", { text: "ls-qpack" }),
  part("LSQUIC", "MIT AND BSD-3-Clause", "https://github.com/litespeedtech/lsquic", { text: "lsquic" }),
  part("simdutf", "MIT", "https://github.com/simdutf/simdutf", { text: "simdutf" }),
  part("base64", "BSD-2-Clause", "https://github.com/aklomp/base64", { text: "base64" }),
  part("Highway", "BSD-3-Clause", "https://github.com/google/highway", { text: "highway" }),
  part("uucode", "MIT", "https://github.com/jacobsandlund/uucode", { text: "uucode" }),
  part("HdrHistogram_c", "BSD-2-Clause", "https://github.com/HdrHistogram/HdrHistogram_c", {
    text: "hdrhistogram",
  }),
  part("libjpeg-turbo", "IJG AND BSD-3-Clause", "https://github.com/libjpeg-turbo/libjpeg-turbo", {
    text: "libjpeg-turbo",
  }),
  part("libspng", "BSD-2-Clause", "https://github.com/randy408/libspng", { text: "libspng" }),
  part("libwebp", "BSD-3-Clause", "https://github.com/webmproject/libwebp", { text: "libwebp" }),
  part("libuv (on Windows)", "MIT", "https://github.com/libuv/libuv", { text: "libuv" }),
  part("packages that stand in for Node's modules", "MIT", "https://github.com/oven-sh/bun", {
    text: "polyfills",
  }),
];

function part(name, licence, source, { version, key, text } = {}) {
  return { name, licence, source, version, key, text };
}

/** Licences that are long or that several parts share, each once at the end. */
const shared = ["LGPL-2.0", "LGPL-2.1", "Apache-2.0"];

/** The notices for Bun. Throws if they are for a different version from the one that is built. */
export function runtimeNotices() {
  if (describedBun !== bunVersion) {
    throw new Error(`.build/runtime-notices.mjs is about Bun ${describedBun}: renew it for ${bunVersion}`);
  }
  const rule = `\n${"-".repeat(78)}\n\n`;
  return [preface, ...parts.map(notice), ...shared.map((name) => `${name}\n\n${textOf(name)}`)].join(rule);
}

const preface = `The executable contains Bun ${describedBun}, and in it the following. Crates of Rust are named in Cargo.lock of Bun's
source, with the licences that their own sources state.

JavaScriptCore, WebKit and TinyCC are under the LGPL: you may change them, and put your own build of Bun into
herm in place of the one that it has. The source of each is where it is named below, at that commit; Bun's
LICENSE.md says how Bun is built with a changed one. herm's own source is under the MIT license, and what makes
the executable of it is .build/bun.mjs there: --compile-executable-path names the Bun that goes into it.
`;

function notice({ name, licence, source, version, text }) {
  const head = `${[name, version].filter(Boolean).join(" ")} (${licence})\n${source}\n`;
  return text === undefined ? head : `${head}\n${textOf(text)}`;
}

function textOf(name) {
  return readFileSync(join(root, ".build", "licences", `${name}.txt`), "utf8");
}
