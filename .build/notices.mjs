import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./esbuild-options.mjs";

/** The licence of every package that something was bundled from. Throws for one that has none. */
export function thirdPartyNotices(inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found !== null) folders.add(found[1]);
  }
  const rule = `\n${"-".repeat(78)}\n\n`;
  return `herm-cli contains code of these packages.\n${rule}${[...folders].map(notice).sort().join(rule)}`;
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name} is bundled and brings no licence text`);
  const text = readFileSync(join(root, folder, file), "utf8")
    .replaceAll("\r\n", "\n")
    .trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}
