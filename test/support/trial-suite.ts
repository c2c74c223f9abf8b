import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const root = join(import.meta.dirname, "..", "..");

/**
 * A folder with test files, by name without `.trial.js`, which Vitest runs like ours; removed with the test. It is
 * within the project, so that its files find Vitest.
 */
export function trialSuite(files: Readonly<Record<string, string>>, options: object = {}): string {
  const cache = join(root, "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "herm-suite-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
  for (const [name, text] of Object.entries(files))
    put(`${name}.trial.js`, `import { it } from "vitest"; ${text}`);
  const reporters = [join(root, "test", "support", "closing-line.ts")];
  const test = { include: ["*.trial.js"], exclude: [], isolate: false, reporters, ...options };
  put("vitest.config.js", `export default ${JSON.stringify({ test })}`);
  return folder;
}
