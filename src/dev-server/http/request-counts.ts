const mostPaths = 10_000;

/** Counts requests by method and path; from some number of paths on, new ones are counted as one. */
export class RequestCounts {
  readonly #counts = new Map<string, { method: string; path: string; count: number }>();

  add(method: string, path: string): void {
    const isNew = !this.#counts.has(`${method} ${path}`);
    const counted = isNew && this.#counts.size >= mostPaths ? "(others)" : path;
    const key = `${method} ${counted}`;
    const entry = this.#counts.get(key) ?? { method, path: counted, count: 0 };
    entry.count += 1;
    this.#counts.set(key, entry);
  }

  list(): { method: string; path: string; count: number }[] {
    return [...this.#counts.values()];
  }
}
