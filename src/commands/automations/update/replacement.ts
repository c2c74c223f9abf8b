import { UsageError } from "../../../errors.js";

export interface Replacement {
  replace: string;
  with: string;
}

const mostCharacters = 1024 * 1024;

/**
 * Replaces the old text everywhere, from left to right. Where the new text holds the old one (`report`, `weekly
 * report`), what already is the new one stays: done again, nothing more is replaced. Undefined where the old text isn't
 * found. Throws UsageError where it would grow beyond 1 MiB.
 */
export function replaceIn(
  text: string,
  { replace, with: by }: Replacement,
): { text: string; count: number } | undefined {
  if (!text.includes(replace)) return undefined;
  const holdsOld = by.includes(replace);
  const parts: string[] = [];
  let count = 0;
  let length = text.length;
  let from = 0;
  for (;;) {
    const old = text.indexOf(replace, from);
    if (old === -1) break;
    const stays = holdsOld ? text.indexOf(by, from) : -1;
    const isStaying = stays !== -1 && stays <= old;
    const at = isStaying ? stays : old;
    parts.push(text.slice(from, at), by);
    from = at + (isStaying ? by.length : replace.length);
    if (isStaying) continue;
    count += 1;
    length += by.length - replace.length;
    if (length > Math.max(mostCharacters, text.length))
      throw new UsageError("with --replace the instructions would be larger than 1 MiB");
  }
  parts.push(text.slice(from));
  return { text: parts.join(""), count };
}

/** True when the same replacement, done once more, would go on: `aa` by `a` in `aaaa`. */
export function goesOn(text: string, replacement: Replacement): boolean {
  return (replaceIn(text, replacement)?.count ?? 0) > 0;
}
