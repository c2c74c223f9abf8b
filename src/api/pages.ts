import { innerController } from "./abort.js";
import { EndlessListError, HermError, UnexpectedAnswerError, ValidationError } from "./errors.js";
import { ExactNumber } from "./json.js";
import type { CallOptions, Requester } from "./request.js";
import { Schema } from "./schema.js";
import type { List, ListedPage, Page, PageQuery } from "./types.js";

const largestPage = 100;

interface ListCall<T extends object> {
  path: string;
  query: PageQuery | undefined;
  schema: Schema<T>;
  options: CallOptions | undefined;
}

/**
 * A list call. Sends no request until it is awaited (for the requested page) or iterated (for all items of all pages).
 */
export class PagedList<T extends object> implements List<T> {
  readonly [Symbol.toStringTag] = "PagedList";
  // A `#` field, because with TypeScript's `private`, printing the list would print the key.
  readonly #requester: Requester;
  readonly #call: ListCall<T>;
  #first: Promise<ListedPage<T>> | undefined;
  #takesLimit = true;

  constructor(requester: Requester, call: ListCall<T>) {
    this.#requester = requester;
    this.#call = call;
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting the list gives its first page, as in the SDK.
  then<A = ListedPage<T>, B = never>(
    onPage?: ((page: ListedPage<T>) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#first ??= this.#page({ ...this.#call.query }).then((came) => this.#listed(this.#validated(came)));
    return this.#first.then(onPage, onError);
  }

  catch<B = never>(onError?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<ListedPage<T> | B> {
    return this.then(undefined, onError);
  }

  finally(onSettled?: (() => void) | null): Promise<ListedPage<T>> {
    return this.then().finally(onSettled);
  }

  #listed(page: Page<T>): ListedPage<T> {
    const { next_cursor: cursor } = page;
    const getNextPage = async () => {
      if (cursor === null) throw new HermError("this is the last page");
      return new PagedList(this.#requester, { ...this.#call, query: { ...this.#call.query, cursor } });
    };
    // Not enumerable, so that printing or copying a page shows only the response's fields.
    const calls = { hasNextPage: { value: () => cursor !== null }, getNextPage: { value: getNextPage } };
    return Object.defineProperties(page as ListedPage<T>, calls);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for await (const page of this.pages()) yield* page.data;
  }

  /** Yields every page, each item once. Throws EndlessListError instead of looping. */
  async *pages({ prefetch = false }: { prefetch?: boolean } = {}): AsyncIterable<Page<T>> {
    const seenIds = new Set<string>();
    const seenCursors = new Set<string>();
    const { options, schema } = this.#call;
    // Created for the second page, because most lists have only one.
    let inner: AbortController | undefined;
    const prefetchPage = (cursor: string | undefined) => {
      inner ??= innerController(options?.signal);
      const page = this.#fullPage(cursor, { ...options, signal: inner.signal });
      // The page is awaited later, if at all, so this keeps its failure from being unhandled.
      page.catch(() => {});
      return page;
    };
    let { cursor } = this.#call.query ?? {};
    let coming = this.#fullPage(cursor, options);
    try {
      for (let isFirst = true; ; isFirst = false) {
        const came = await coming;
        cursor = came.next_cursor ?? undefined;
        const isKnown = cursor !== undefined && !isNew(seenCursors, cursor);
        const goesOn = cursor !== undefined && !isKnown;
        // Requests the next page before this page's items are processed, so that the two overlap.
        if (prefetch && goesOn) coming = prefetchPage(cursor);
        const page = this.#validated(came);
        const data = page.data.filter((item) => isNew(seenIds, String(Object(item)[schema.idField])));
        const fresh = data.length < page.data.length ? new Set(data) : undefined;
        const repeated = fresh && page.data.filter((item) => !fresh.has(item));
        const isCircling = data.length === 0 && (page.data.length > 0 || page.next_cursor !== null);
        if (isCircling && !isFirst) throw new EndlessListError("the API sent a page without any new items");
        yield repeated === undefined ? { ...page, data } : { ...page, data, repeated };
        if (isKnown) throw new EndlessListError("the API sent the same cursor twice");
        if (!goesOn) return;
        if (!prefetch) coming = this.#fullPage(cursor, options);
      }
    } finally {
      inner?.abort();
    }
  }

  #fullPage(cursor: string | undefined, options: CallOptions | undefined): Promise<Page<unknown>> {
    return this.#page({ limit: largestPage, ...this.#call.query, cursor }, options);
  }

  async #page(query: PageQuery, options = this.#call.options): Promise<Page<unknown>> {
    const { limit, ...rest } = query;
    try {
      return await this.#read(this.#takesLimit ? query : rest, options);
    } catch (error) {
      if (!namesLimit(error) || limit === undefined || !isInRange(limit) || !this.#takesLimit) throw error;
      this.#takesLimit = false;
      return this.#read(rest, options);
    }
  }

  async #read(query: PageQuery, options: CallOptions | undefined): Promise<Page<unknown>> {
    const { path } = this.#call;
    const page = await this.#requester.get({ path, query: { ...query }, schema: pageSchema, options });
    const { data, next_cursor: next } = page;
    if (!Array.isArray(data)) throw unexpected("the API sent a page without data");
    return { ...page, data, next_cursor: cursorOf(next) };
  }

  #validated(page: Page<unknown>): Page<T> {
    const data: T[] = [];
    const invalid: unknown[] = [];
    for (const entry of page.data) {
      const item = this.#call.schema.validate(entry);
      if (item === undefined) invalid.push(entry);
      else data.push(item);
    }
    const { repeated: _, ...came } = page;
    return { ...came, data, ...(invalid.length > 0 ? { invalid } : {}) };
  }
}

const pageSchema = new Schema<Record<string, unknown>>("");

/** Reads a number as a string, because it is sent back as a string. */
function cursorOf(next: unknown): string | null {
  if (next === undefined || next === null || next === "") return null;
  if (typeof next === "string") return next;
  if (typeof next === "number" || next instanceof ExactNumber) return String(next);
  throw unexpected("the API sent a cursor that isn't text");
}

function unexpected(message: string): UnexpectedAnswerError {
  return new UnexpectedAnswerError(message, { status: 200 });
}

function isNew(seen: Set<string>, id: string): boolean {
  return seen.size !== seen.add(id).size;
}

/** Some servers don't accept `limit` at all; any server may refuse a limit outside 1…100. */
function namesLimit(error: unknown): boolean {
  return error instanceof ValidationError && /\blimit\b/i.test(`${error.message} ${error.body ?? ""}`);
}

function isInRange(limit: number): boolean {
  return Number.isInteger(limit) && limit >= 1 && limit <= largestPage;
}
