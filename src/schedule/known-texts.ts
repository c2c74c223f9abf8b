const mostKnown = 5_000;
const longestKnown = 64;

/** What texts were read as, each read once: a fleet has the same few again and again, for plan, warnings and peaks. */
export class KnownTexts<Reading> {
  readonly #known = new Map<string, Reading>();

  /** `read` gives the same for the same text, and is never undefined. */
  get(text: string, read: (text: string) => Reading): Reading {
    const before = this.#known.get(text);
    if (before !== undefined) return before;
    const reading = read(text);
    if (this.#known.size >= mostKnown) this.#known.clear();
    if (text.length <= longestKnown) this.#known.set(text, reading);
    return reading;
  }
}
