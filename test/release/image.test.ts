import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { pathOf } from "./installer.js";
import { root } from "./steps.js";

const lines = readFileSync(join(root, ".github", "Dockerfile"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));
const image = lines.slice(lines.indexOf("FROM scratch"));
const copied = image.flatMap(
  (line) => /^COPY (?:--from=linked )?([^-].*) \S+$/.exec(line)?.[1]?.split(" ") ?? [],
);
const executable = join(root, "dist-binary", "herm-linux-x64-musl");

describe("the container image", () => {
  it("is built from scratch, with libraries from a pinned image", () => {
    expect(lines.filter((line) => line.startsWith("FROM "))).toEqual([
      expect.stringMatching(/^FROM alpine:\d+\.\d+\.\d+@sha256:[0-9a-f]{64} AS linked$/),
      "FROM scratch",
    ]);
  });

  it("runs the command as a user without a name but with a home", () => {
    expect(image).toContain("USER 65532:65532");
    expect(image).toContain("ENV HOME=/home/herm");
    expect(image).toContain("COPY --from=linked --chown=65532:65532 /owned/ /");
    expect(image.at(-1)).toBe('ENTRYPOINT ["/usr/local/bin/herm"]');
  });

  // `npm run build:binary -- --all` makes it, or `--platform linux-x64-musl`; readelf is in Debian's binutils.
  it.skipIf(!existsSync(executable) || pathOf("readelf") === undefined)(
    "contains all libraries of the executable",
    () => {
      const read = (flag: string) => spawnSync("readelf", [flag, executable], { encoding: "utf8" }).stdout;
      const [, loader] = /program interpreter: (\S+)\]/.exec(read("--program-headers")) ?? [];
      const needed = [...read("--dynamic").matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name = ""]) => name);
      expect(copied).toContain(loader);
      // The loader of musl is its C library too; libstdc++ needs libgcc_s.
      const libraries = [...needed.filter((name) => !name.startsWith("libc.musl-")), "libgcc_s.so.1"];
      expect(copied.map((path) => basename(path))).toEqual(expect.arrayContaining(libraries));
    },
  );
});
