import { relative } from "node:path";
import type { Reporter, TestModule, TestSpecification } from "vitest/node";
import { seedLine } from "./seed.js";
import { thirdLine } from "./third.js";

/**
 * Ends every run with `N passed, N failed, N skipped`, a line that any CI can read, with the seed and the third of the
 * walks. A test file that was started but never ended, such as after a kill of its process, is named and counts as
 * failed.
 */
export default class ClosingLine implements Reporter {
  readonly #unfinished = new Map<string, string>();

  onTestRunStart(files: readonly TestSpecification[]): void {
    for (const { project, moduleId } of files)
      this.#unfinished.set(keyOf(project, moduleId), relative(project.config.root, moduleId));
  }

  onTestModuleEnd({ project, moduleId }: TestModule): void {
    this.#unfinished.delete(keyOf(project, moduleId));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
      if (module.state() === "failed" && module.errors().length > 0) counts.failed += 1;
    }
    counts.failed += unhandledErrors.length + this.#unfinished.size;
    if (this.#unfinished.size > 0) process.exitCode = 1;
    for (const file of this.#unfinished.values()) console.log(`\nnever came to its end: ${file}`);
    this.#unfinished.clear();
    console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    for (const line of [seedLine(), thirdLine()]) if (line !== undefined) console.log(line);
  }
}

function keyOf({ name }: TestModule["project"], moduleId: string): string {
  return `${name} ${moduleId}`;
}
