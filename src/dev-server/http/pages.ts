import type { PageRequest } from "../store/table.js";
import { answer, RefusedRequest } from "./answers.js";
import { readLimit } from "./validate.js";

const newest = Number.MAX_SAFE_INTEGER;

/** Answers with one page of a list, newest first: `limit` and `cursor` as in src/api/README.md, "Deployments". */
export function answerPage<Item extends { seq: number }, Shown>(options: {
  query: { limit?: string; cursor?: string };
  read(page: PageRequest): Item[];
  show(item: Item): Shown;
}): Response {
  const limit = readLimit(options.query.limit);
  const before = readCursor(options.query.cursor);
  const items = options.read({ before, rows: limit + 1 });
  const last = items.length > limit ? items[limit - 1] : undefined;
  const next_cursor = last ? Buffer.from(`seq:${last.seq}`).toString("base64url") : null;
  return answer(200, { data: items.slice(0, limit).map(options.show), next_cursor });
}

function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return newest;
  const seq = /^seq:(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1];
  if (seq === undefined) throw new RefusedRequest(400, "cursor is not one of this list");
  return Number(seq);
}
