import { itemKey } from "../fleet/refs.js";
import type { Begins, HeadLine, ItemLine, LedgerLine, OutcomeLine } from "../incident/ledger-lines.js";
import type { Change, ChangeItem } from "./change.js";
import { servedTime } from "./touch.js";

/** The commands that a ledger tells of, in their order. */
export function ledgerChanges(lines: readonly LedgerLine[]): (Change & { incident: string })[] {
  const [head] = lines;
  if (head?.type !== "incident") return [];
  const commands = new Commands(head);
  for (const line of lines) {
    if (line.type === "item") commands.found(line);
    else if (line.type === "sent") commands.sent(line);
    else if (line.type === "outcome") commands.over(line);
  }
  return commands.changes();
}

interface Command {
  begins: Begins;
  items: Map<string, ChangeItem & { isOver: boolean }>;
}

class Commands {
  readonly #commands: Command[] = [];
  readonly #found = new Map<string, ItemLine>();
  /** The last command that sent a change of an item. */
  readonly #last = new Map<string, Command>();

  constructor(private readonly head: HeadLine) {}

  found(line: ItemLine): void {
    this.#found.set(itemKey(line), line);
  }

  sent(line: Extract<LedgerLine, { type: "sent" }>): void {
    const { change, begins, deployment_id, automation_id } = line;
    const key = itemKey(line);
    if (begins !== undefined) this.#commands.push({ begins, items: new Map() });
    const command = this.#commands.at(-1);
    if (command === undefined) return;
    const { name = null, updated_at } = this.#found.get(key) ?? {};
    const enabled = change === "resume";
    command.items.set(key, {
      act: change,
      deployment_id,
      automation_id,
      name,
      before: { enabled: !enabled, updated_at: change === "pause" ? updated_at : undefined },
      after: { enabled },
      result: "unknown",
      isOver: false,
    });
    this.#last.set(`${change} ${key}`, command);
  }

  over(line: OutcomeLine): void {
    const { change, result, updated_at, reason, at, date } = line;
    const command = this.#last.get(`${change} ${itemKey(line)}`);
    const item = command?.items.get(itemKey(line));
    if (command === undefined || item === undefined) return;
    item.isOver = true;
    item.at = at;
    const servedAt = date && servedTime(new Date(at), new Date(date))?.toISOString();
    if (servedAt) item.served_at = servedAt;
    item.result = resultOf(result);
    item.updated_at = updated_at ?? item.updated_at;
    item.error = result === "done" ? undefined : reason;
  }

  changes(): (Change & { incident: string })[] {
    const { incident, target } = this.head;
    const { origin, store_id, profile } = target;
    return this.#commands.map(({ begins, items }) => ({
      ...begins,
      target: { origin, store_id, profile },
      incident,
      items: [...items.values()].map(({ isOver: _isOver, ...item }) => item),
      is_over: [...items.values()].every(({ isOver }) => isOver),
    }));
  }
}

function resultOf(result: OutcomeLine["result"]): ChangeItem["result"] {
  if (result === "done" || result === "failed" || result === "unknown") return result;
  return result === "gone" ? "failed" : "skipped";
}
