import type { Format } from "./format.js";

/** Formats by their `--output` value; each loads only its own code. The first is the default. */
const formats: ReadonlyMap<string, () => Promise<Format>> = new Map([
  ["table", async (): Promise<Format> => (await import("./table.js")).table],
  ["json", async () => (await import("./json.js")).json],
  ["jsonl", async () => (await import("./jsonl.js")).jsonl],
  ["name", async () => (await import("./name.js")).name],
]);

export const formatNames: readonly string[] = [...formats.keys()];

const [usual = ""] = formatNames;

export function loadFormat(name = usual): Promise<Format> {
  const load = formats.get(name);
  if (load === undefined) throw new Error(`there is no format ${name}`);
  return load();
}

/** The format that these words request, even unparsed, because a script that requests JSON also gets errors in JSON. */
export function formatAskedFor(words: readonly string[]): string | undefined {
  const asked = words.flatMap((word, at) => {
    if (word === "--json") return "json";
    const value = /^(?:--output|-\w*?o)=?(.*)$/s.exec(word)?.[1];
    return value === "" ? words[at + 1] : value;
  });
  return asked.findLast((name) => name !== undefined && formats.has(name));
}
