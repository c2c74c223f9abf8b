import { rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject } from "../../api/json.js";
import type { AutomationRef } from "../../api/types.js";
import { ignoreErrors } from "../../files/file-error.js";
import { readLines } from "../../files/json-text.js";
import { sha256 } from "../../files/sha256.js";
import type { ApiIdentity } from "../../history/incident-lines.js";
import { describeApi, isSameApi } from "../../incident/identity.js";
import { counted } from "../../output/count.js";
import type { Settings } from "../../settings/settings.js";
import { isProblem, type Problem } from "./facts.js";

/** What needed attention when a selection was looked at last; its names are for when it is gone. */
export interface SeenProblem extends AutomationRef {
  state: Problem;
  name?: string | null | undefined;
  deployment_name?: string | null | undefined;
}

/** A selection of one API. */
export interface Look {
  api: ApiIdentity;
  words: readonly string[];
}

interface Seen {
  seen: readonly SeenProblem[];
  isFirst: boolean;
  /** Why some of it isn't known any more. Plain text. */
  loss?: string;
}

type SeenStorage = Pick<Settings, "dataDir" | "files">;

const mostSelections = 50;
export const mostSeen = 10_000;

export function pathOfLook({ dataDir }: Pick<SeenStorage, "dataDir">, { api, words }: Look): string {
  const name = sha256(JSON.stringify([api.origin, ...words])).slice(0, 32);
  return join(dataDir, "news", `${name}.jsonl`);
}

/** Reads what was seen as far as the file still says it. Throws FileError where the file isn't ours, or can't be read. */
export function readSeen(storage: SeenStorage, look: Look): Seen {
  const path = pathOfLook(storage, look);
  const text = storage.files.read(path);
  if (text === undefined) return { seen: [], isFirst: true };
  const [head, ...lines] = readLines(text, isObject);
  if (!isHead(head)) return { seen: [], isFirst: true, loss: `${path} is damaged: starting anew` };
  if (!isSameApi(head, look.api)) {
    const loss = `what was seen before was in ${describeApi(head)}: starting anew`;
    return { seen: [], isFirst: true, loss };
  }
  const seen = lines.flatMap((line) => (isSeen(line) ? [line] : []));
  if (seen.length === lines.length) return { seen, isFirst: false };
  const lost = counted(lines.length - seen.length, "line");
  return { seen, isFirst: false, loss: `${path} is damaged: ${lost} can't be read` };
}

/** Replaces what was seen; the selections that nobody has looked at for longest go. */
export function writeSeen(storage: SeenStorage, look: Look, seen: readonly SeenProblem[]): void {
  const path = pathOfLook(storage, look);
  const { api, words } = look;
  const lines = [{ ...api, selection: words }, ...seen.slice(0, mostSeen)];
  storage.files.write(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  ignoreErrors(() => {
    const folder = dirname(path);
    const names = storage.files.names(folder).filter((name) => name.endsWith(".jsonl"));
    const others = names.map((name) => join(folder, name)).filter((each) => each !== path);
    const newestFirst = others
      .map((each) => ({ each, at: statSync(each).mtimeMs }))
      .sort((one, other) => other.at - one.at);
    for (const { each } of newestFirst.slice(mostSelections - 1)) rmSync(each, { force: true });
  });
}

function isHead(value: unknown): value is ApiIdentity {
  if (!isObject(value) || !Array.isArray(value.selection)) return false;
  const { origin, store_id: store } = value;
  return typeof origin === "string" && (store === undefined || typeof store === "string");
}

function isSeen(value: unknown): value is SeenProblem {
  if (!isObject(value) || !isProblem(value.state)) return false;
  const isNamed = [value.name, value.deployment_name].every(
    (name) => name == null || typeof name === "string",
  );
  return isNamed && typeof value.deployment_id === "string" && typeof value.automation_id === "string";
}
