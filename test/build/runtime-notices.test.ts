import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fetchedBun, isFetched } from "../../.build/fetch-bun.mjs";
import { thisPlatform } from "../../.build/platforms.mjs";
import { parts, runtimeNotices } from "../../.build/runtime-notices.mjs";

const root = join(import.meta.dirname, "..", "..");
const kept = join(root, "node_modules", ".cache", "herm-binary");

it("each part is listed with its licence, its source and every included licence text", () => {
  const notices = runtimeNotices();
  for (const { name, licence, source } of parts) {
    expect(notices).toContain(name);
    expect(notices).toContain(`(${licence})\n${source}\n`);
  }
  const texts = new Set(parts.map(({ text }) => text).filter(Boolean));
  const files = readdirSync(join(root, ".build", "licences")).map((file) => file.replace(/\.txt$/, ""));
  expect(files.sort()).toEqual([...texts, "Apache-2.0", "LGPL-2.0", "LGPL-2.1"].sort());
  expect(notices).toContain("GNU LIBRARY GENERAL PUBLIC LICENSE");
  expect(notices).toContain("GNU LESSER GENERAL PUBLIC LICENSE");
});

it("every part of the runtime has its own licence text or shares one", () => {
  const without = parts.filter(
    ({ text, licence }) => text === undefined && !/^(Apache|LGPL|blessing)/.test(licence),
  );
  expect(without).toEqual([]);
});

// Only `npm run build:binary` fetches Bun.
it.skipIf(!isFetched(thisPlatform(), kept))(
  "the versions match those reported by Bun, if it is installed",
  () => {
    const said: Record<string, string> = JSON.parse(
      execFileSync(fetchedBun(thisPlatform(), kept), ["-p", "JSON.stringify(process.versions)"], {
        encoding: "utf8",
      }),
    );
    const named = parts.flatMap(({ key, version }) => (key === undefined ? [] : [[key, version]]));
    expect(named.length).toBeGreaterThan(10);
    expect(Object.fromEntries(named.map(([key]) => [key, said[key]]))).toEqual(Object.fromEntries(named));
  },
);
