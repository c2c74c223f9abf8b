import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./esbuild-options.mjs";

/** The package.json of each package that is bundled, in whole or in part, by folder. */
export function packagesOf(inputs) {
  const folders = new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []));
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return { folder, name, version, license };
  });
}

/** The packages' licences. Throws if a package has none. */
export function thirdPartyNotices(packages) {
  const rule = `\n${"-".repeat(78)}\n\n`;
  return `herm-cli contains code of these packages.\n${rule}${packages.map(notice).join(rule)}`;
}

function notice({ folder, name, version, license }) {
  const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name} is bundled and brings no licence text`);
  const text = readFileSync(join(root, folder, file), "utf8")
    .replaceAll("\r\n", "\n")
    .trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}
