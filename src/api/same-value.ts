/** Whether a field has one value in both; white space at a text's end is aside, since a server may drop it. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (typeof one === "string" && typeof other === "string") return one.trimEnd() === other.trimEnd();
  return (one ?? null) === (other ?? null);
}
