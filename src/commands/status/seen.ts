import { rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject } from "../../api/json.js";
import { ignoreErrors } from "../../files/file-error.js";
import { readLines } from "../../files/json-text.js";
import { sha256 } from "../../files/sha256.js";
import type { ApiIdentity } from "../../history/incident-lines.js";
import { describeApi, isSameApi } from "../../incident/identity.js";
import type { Candidate } from "../../incident/scope.js";
import { counted } from "../../output/count.js";
import type { Settings } from "../../settings/settings.js";
import { isProblem, type Problem } from "./facts.js";

/** What needed attention when a selection was looked at last; its names are for when it is gone. */
export interface SeenProblem extends Candidate {
  state: Problem;
  /** RFC 3339, as it was shown first; absent where nobody could say. */
  since?: string | undefined;
}

/** A selection of one API. */
export interface Look {
  api: ApiIdentity;
  selection: object;
}

type SeenStorage = Pick<Settings, "dataDir" | "files">;

const mostSelections = 50;
export const mostSeen = 10_000;

export function pathOfLook({ dataDir }: Pick<SeenStorage, "dataDir">, { api, selection }: Look): string {
  const name = sha256(JSON.stringify([api.origin, selection])).slice(0, 32);
  return join(dataDir, "news", `${name}.jsonl`);
}

/**
 * Reads what was seen as far as the file still says it; `loss`, plain text, says why some isn't known any more. Throws
 * FileError where the file isn't ours, or can't be read.
 */
export function readSeen(storage: SeenStorage, look: Look) {
  const path = pathOfLook(storage, look);
  const text = storage.files.read(path);
  if (text === undefined) return { seen: [], isFirst: true };
  const [head, ...lines] = readLines(text, isObject);
  const anew = (why: string) => ({ seen: [], isFirst: true, loss: `${why}: starting over` });
  if (!isIdentity(head)) return anew(`${path} is damaged`);
  if (!isSameApi(head, look.api)) return anew(`what was seen before was in ${describeApi(head)}`);
  const seen = lines.flatMap((line) => (isSeen(line) ? [line] : []));
  if (seen.length === lines.length) return { seen, isFirst: false };
  const lost = counted(lines.length - seen.length, "line");
  return { seen, isFirst: false, loss: `${path} is damaged: ${lost} can't be read` };
}

/** Replaces what was seen; the selections that nobody has looked at for longest go. */
export function writeSeen(storage: SeenStorage, look: Look, seen: readonly SeenProblem[]): void {
  const path = pathOfLook(storage, look);
  const lines = [{ ...look.api, selection: look.selection }, ...seen.slice(0, mostSeen)];
  storage.files.write(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  ignoreErrors(() => {
    const folder = dirname(path);
    const names = storage.files.names(folder).filter((name) => name.endsWith(".jsonl"));
    const newestFirst = names
      .map((name) => ({ file: join(folder, name), at: statSync(join(folder, name)).mtimeMs }))
      .sort((one, other) => other.at - one.at);
    for (const { file } of newestFirst.slice(mostSelections)) rmSync(file, { force: true });
  });
}

function isIdentity(value: unknown): value is ApiIdentity {
  if (!isObject(value)) return false;
  const { origin, store_id: store } = value;
  return typeof origin === "string" && (store === undefined || typeof store === "string");
}

function isSeen(value: unknown): value is SeenProblem {
  if (!isObject(value) || !isProblem(value.state)) return false;
  const areTexts = [value.name, value.deployment_name, value.since].every(
    (text) => text == null || typeof text === "string",
  );
  return areTexts && typeof value.deployment_id === "string" && typeof value.automation_id === "string";
}
