/**
 * Builds dist-binary/herm: one executable of this platform with the command and a Node in it, for machines without Node.
 * Node's own single executables, because there the suite's runtime runs what the suite has tried. That Node is 150 MB:
 * fetched from npm when it is wanted and kept below node_modules, instead of installed with every clone.
 */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { bundled, compact, optional, root } from "./.build/esbuild-options.mjs";

const nodeVersion = "26.10.0";
const binary = join(root, "dist-binary", "herm");

/** The folder of the npm package that is Node for this platform, fetched where it isn't there yet. */
function fetchNode() {
  const { platform, arch } = process;
  const name = `${platform === "darwin" && arch === "arm64" ? "node-bin" : "node"}-${platform}-${arch}`;
  const kept = join(root, "node_modules", ".cache", "herm-binary", nodeVersion);
  const folder = join(kept, "node_modules", name);
  if (!existsSync(folder)) {
    mkdirSync(kept, { recursive: true });
    writeFileSync(join(kept, "package.json"), '{"private":true}\n');
    execFileSync("npm", ["install", "--no-save", "--ignore-scripts", `${name}@${nodeVersion}`], {
      cwd: kept,
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  return folder;
}

/** Without its symbols Node is a quarter smaller; where there is no `strip`, it stays as it is. */
function strip(executable, stripped) {
  try {
    execFileSync("strip", ["-o", stripped, executable], { stdio: "ignore" });
  } catch {
    copyFileSync(executable, stripped);
  }
}

const node = fetchNode();
const folder = mkdtempSync(join(tmpdir(), "herm-binary-"));
try {
  const code = join(folder, "herm.cjs");
  const executable = join(folder, "node");
  const plan = join(folder, "plan.json");
  await build({
    ...bundled,
    ...compact,
    ...optional,
    entryPoints: ["bin/standalone.ts"],
    outfile: code,
    format: "cjs",
  });
  strip(join(node, "bin", "node"), executable);
  const sea = {
    main: code,
    output: binary,
    executable,
    useCodeCache: true,
    disableExperimentalSEAWarning: true,
  };
  writeFileSync(plan, JSON.stringify(sea));
  rmSync(dirname(binary), { recursive: true, force: true });
  mkdirSync(dirname(binary));
  execFileSync(join(node, "bin", "node"), ["--build-sea", plan], { stdio: ["ignore", "ignore", "inherit"] });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const licences = [join(root, "dist", "THIRD-PARTY-NOTICES.txt"), join(node, "LICENSE")];
writeFileSync(
  join(dirname(binary), "THIRD-PARTY-NOTICES.txt"),
  licences
    .map((file) => readFileSync(file, "utf8"))
    .join(`\n${"-".repeat(78)}\n\nNode.js ${nodeVersion}\n\n`),
);
