import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { commandFile } from "../support/command-file.js";
import { calls, entered } from "./entered.js";
import { sizeOf } from "./sources.js";

interface Declared {
  flags: readonly { flag: string }[];
}

/** The numbers that the budget limits, counted on the built command and its source. */
export async function countAll(): Promise<Record<string, number>> {
  const commands: readonly Declared[] = await printed("commands", "-o", "json");
  const flags = new Set(commands.flatMap((command) => command.flags.map(({ flag }) => flag)));
  const keys = new Set(namesIn(await printed("apply", "--print-schema")));
  keys.delete("$schema");
  const counts: Record<string, number> = {
    "lines of src": sizeOf("src").lines,
    commands: commands.length,
    flags: flags.size,
    "manifest keys": keys.size,
  };
  for (const [name, words] of Object.entries(calls))
    counts[`files that ${name} enters`] = await entered(words);
  return counts;
}

async function printed<Value>(...words: string[]): Promise<Value> {
  const { stdout } = await promisify(execFile)(process.execPath, [commandFile, ...words]);
  return JSON.parse(stdout);
}

/** The names of all properties in a JSON Schema. */
function namesIn(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === "properties" ? Object.keys(value) : []),
    ...namesIn(value),
  ]);
}

if (process.argv[1]?.endsWith("counts.ts")) {
  process.stdout.write(JSON.stringify(await countAll()));
  process.exit();
}
