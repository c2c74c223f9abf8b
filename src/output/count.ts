/** `1 run`, `2 runs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `20 of 371 runs` if all of them are known, `the first 20 runs` if there may be more. */
export function countedOf(
  count: number,
  thing: string,
  { limit, total, rank = "first" }: { limit: number | undefined; total: number | undefined; rank?: string },
): string {
  if (total !== undefined && total > count) return `${count} of ${counted(total, thing)}`;
  const mayBeMore = count === limit && total === undefined;
  return mayBeMore ? `the ${rank} ${counted(count, thing)}` : counted(count, thing);
}

/** `A, B, C and 4 more`. */
export function joinNames(names: readonly string[], most = 3): string {
  const more = names.length - most;
  return `${names.slice(0, most).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

export function limitLines(lines: readonly string[], most: number): string[] {
  if (lines.length <= most) return [...lines];
  return [...lines.slice(0, most), `  … and ${lines.length - most} more`];
}
