/**
 * README as it is packed. Whoever reads it there has the package, and needs no clone. On npm nothing leads into the
 * repository, so links become absolute, or, as long as package.json names no repository on GitHub, their text alone. `prepack` puts it in README's place, `postpack` puts README back.
 */
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./esbuild-options.mjs";

const markdownLink = /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g;
const anyTarget = /\]\(([^)\s]+)|^\[[^\]]+\]: *(\S+)|\b(?:src|srcset|href)="([^"]*)"/gm;

const released = "## Install\n\nIt needs Node 20.19 or newer.\n\n```sh\nnpm install -g herm-cli\n```\n";

/** Throws where a link stays relative, as one in HTML does. */
export function packedReadme(text, { repository, version }) {
  const [, name] = /github\.com[/:]([^/]+\/[^/]+?)(?:\.git)?$/.exec(repository?.url ?? "") ?? [];
  const packed = text
    .replace(/## Try it\n.*?## Install\n.*?\n```\n/s, released)
    .replace(markdownLink, (link, mark, label, target) => {
      if (!isRelative(target)) return link;
      const isPicture = mark === "!";
      if (name === undefined) return isPicture ? "" : label;
      const place = isPicture ? "https://raw.githubusercontent.com/" : "https://github.com/";
      return `${mark}[${label}](${place}${name}/${isPicture ? "" : "blob/"}v${version}/${target})`;
    })
    .replace(/\n{3,}/g, "\n\n");
  const left = [...packed.matchAll(anyTarget)].map((found) => found.slice(1).find(Boolean) ?? "");
  const relative = left.filter(isRelative);
  if (relative.length > 0)
    throw new Error(`README.md has links that npm can't follow: ${relative.join(", ")}`);
  return packed;
}

/** Neither absolute nor to a heading of the same page. */
function isRelative(target) {
  return !/^(#|[a-z]+:)/.test(target);
}

const readme = join(root, "README.md");
const kept = join(root, "node_modules", ".cache", "herm-readme.md");
if (process.argv[2] === "pack") {
  const text = readFileSync(readme, "utf8");
  const packed = packedReadme(text, JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  // One that is packed already stands there where a pack broke off: what is kept is the one to put back.
  if (packed !== text) {
    mkdirSync(dirname(kept), { recursive: true });
    copyFileSync(readme, kept);
    writeFileSync(readme, packed);
  }
} else if (process.argv[2] === "restore") {
  renameSync(kept, readme);
}
