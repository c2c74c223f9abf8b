import { UsageError } from "../../../errors.js";

/** A text that is put in another's place, both to the letter. */
export interface Replacement {
  replace: string;
  with: string;
}

export interface Replaced {
  text: string;
  /** In how many places; 0 where the old text stands nowhere but within the new one. */
  count: number;
}

const mostCharacters = 1024 * 1024;

/**
 * Puts the new text in every place of the old one, from left to right. Where the new text holds the old one (`report`,
 * `weekly report`), what already stands there as the new one stays: done again, nothing more is replaced. Undefined where
 * the text doesn't hold the old one. Throws UsageError where it would grow beyond 1 MiB.
 */
export function replaceIn(text: string, { replace, with: by }: Replacement): Replaced | undefined {
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

/** Whether the same replacement, done once more, would go on: `aa` by `a` in `aaaa`. */
export function goesOn(text: string, replacement: Replacement): boolean {
  return (replaceIn(text, replacement)?.count ?? 0) > 0;
}
