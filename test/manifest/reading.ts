import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import { readVariables } from "../../src/commands/manifest/file-flags.js";
import { ManifestError, positionText, whatIsWrong } from "../../src/manifest/mistake.js";
import {
  type ManifestSet,
  type ReadManifestOptions,
  readManifests,
} from "../../src/manifest/read/manifest-set.js";

/** A new folder with these files, by relative path, removed with the test. */
export function filesIn(files: Record<string, string> = {}): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "herm-manifest-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

/** Reads manifests like apply without flags. */
export function readIn(paths: string[], options: Partial<ReadManifestOptions> = {}): Promise<ManifestSet> {
  return readManifests(paths, {
    cwd: "/",
    stdin: Readable.from([]),
    signal: new AbortController().signal,
    givenValues: readVariables([]),
    valueFiles: [],
    findKey: () => undefined,
    isInEnvironment: () => false,
    isRecursive: false,
    prune: false,
    hasDeploymentFlags: false,
    now: new Date("2026-11-24T12:00:00Z"),
    ...options,
  });
}

/** The reported mistakes; throws if the manifest was accepted. */
export async function mistakesOf(reading: Promise<unknown>): Promise<string[]> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ManifestError)) throw error ?? new Error("it was read");
  return error.mistakes.map((mistake) => `${positionText(mistake.position)}: ${whatIsWrong(mistake)}`);
}
