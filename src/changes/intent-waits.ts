import { schedulesEqual } from "../schedule/equal.js";
import { type JournalContext, type OpenLine, readOpenIntents } from "./journal.js";

/** So long after its time an intent may still take effect on the server without having been answered. */
const openForMs = 16_000;

/** What is about to be created, or triggered, in one deployment of an API. */
export interface ChangesToBe {
  origin: string;
  deploymentId: string;
  creates?: readonly { name: string; schedule: string }[];
  /** Ids of automations. */
  triggers?: ReadonlySet<string>;
}

/**
 * Tells how long a list has to wait so that it shows what others may have made of the same (src/changes/README.md, "At
 * most once"): until the open intents of any other command with this data folder, of the same name and schedule, or to
 * trigger the same, are 16 s old.
 */
export class IntentWaits {
  readonly #told = new Set<string>();

  constructor(private readonly context: JournalContext) {}

  /** In ms; each intent is waited for once. 0 is the common case. */
  leftMs(changes: ChangesToBe): number {
    const now = this.context.now().getTime();
    const left = readOpenIntents(this.context, changes.deploymentId).flatMap(({ file, line }) => {
      const ageMs = now - Date.parse(line.at);
      const key = `${file} ${line.intent} ${line.at}`;
      // One of the near future was written before the clock was put back.
      if (!isSame(line, changes) || Math.abs(ageMs) >= openForMs || this.#told.has(key)) return [];
      this.#told.add(key);
      return [openForMs - Math.max(0, ageMs)];
    });
    return Math.max(0, ...left);
  }
}

function isSame(line: OpenLine, { origin, creates = [], triggers }: ChangesToBe): boolean {
  const { kind, name, schedule = "" } = line;
  if (line.origin !== origin) return false;
  if (kind === "trigger") return triggers?.has(name) === true;
  if (kind !== "create") return false;
  return creates.some((create) => create.name === name && schedulesEqual(create.schedule, schedule));
}
