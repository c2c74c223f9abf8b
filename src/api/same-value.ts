/** Compares two values of a field; white space at a text's end doesn't count, since a server may drop it. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (typeof one === "string" && typeof other === "string") return one.trimEnd() === other.trimEnd();
  return (one ?? null) === (other ?? null);
}

export function isPresent<Value>(value: Value): value is NonNullable<Value> {
  return value !== undefined && value !== null;
}
