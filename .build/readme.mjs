/**
 * The README for the package, whose readers don't have a clone. On npm, relative links don't lead into the repository,
 * so they become absolute or, while package.json doesn't name a repository on GitHub, only their text. `prepack` puts
 * it in the README's place, and `postpack` puts the README back.
 */
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./esbuild-options.mjs";

const markdownLink = /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g;
const anyTarget = /\]\(([^)\s]+)|^\[[^\]]+\]: *(\S+)|\b(?:src|srcset|href)="([^"]*)"/gm;

const released = "## Install\n\nIt needs Node 20.19 or newer.\n\n```sh\nnpm install -g herm-cli\n```\n";

/** Throws if a link is still relative, as in HTML. */
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

/** Links that are neither absolute nor to a heading on the same page. */
function isRelative(target) {
  return !/^(#|[a-z]+:)/.test(target);
}

const readme = join(root, "README.md");
const kept = join(root, "node_modules", ".cache", "herm-readme.md");
if (process.argv[2] === "pack") {
  const text = readFileSync(readme, "utf8");
  const packed = packedReadme(text, JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  // If an earlier pack was interrupted, the packed README is still in its place, so the saved one is the one to put
  // back.
  if (packed !== text) {
    mkdirSync(dirname(kept), { recursive: true });
    copyFileSync(readme, kept);
    writeFileSync(readme, packed);
  }
} else if (process.argv[2] === "restore") {
  renameSync(kept, readme);
}
