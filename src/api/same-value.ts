/** Whether a field has one value in both; white space at a text's end is aside, since a server may drop it. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (typeof one === "string" && typeof other === "string") return one.trimEnd() === other.trimEnd();
  return (one ?? null) === (other ?? null);
}

/** Whether the API tells a value: it is neither left out nor null. */
export function isPresent<Value>(value: Value): value is NonNullable<Value> {
  return value !== undefined && value !== null;
}
