const mostKnown = 4_000;

/** The same pure function, which works out each text once: a fleet has the same few schedules again and again. */
export function memoize<Value>(work: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, { value: Value }>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before.value;
    const value = work(text);
    if (known.size >= mostKnown) known.clear();
    known.set(text, { value });
    return value;
  };
}
