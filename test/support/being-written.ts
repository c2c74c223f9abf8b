import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

/** Starts a command, and acts while its change is being written to the disk, before anything is sent. */
export async function whileWritten<T>(
  home: string,
  { start, act }: { start(): Promise<T>; act(): void },
): Promise<T> {
  const before = changesIn(home);
  let isOver = false;
  const running = start().finally(() => {
    isOver = true;
  });
  while (!isOver && changesIn(home) === before) await setImmediate();
  act();
  return running;
}

function changesIn(home: string): number {
  const folder = join(home, ".local", "share", "herm");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.filter((file) => /^history.*\.jsonl$/.test(file)).length;
}
