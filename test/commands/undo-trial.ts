import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPrivateFiles } from "../../src/files/private-files.js";
import type { ChangeItem } from "../../src/history/change.js";
import { readChange } from "../../src/history/read.js";
import { type HermResult, herm } from "../support/harness.js";
import { seeded } from "../support/seed.js";
import { type Cut, CutRoad, cutKinds } from "./cut-road.js";
import {
  afterChange,
  type Fields,
  look,
  type Snapshot,
  type UndoneVerb,
  type UndoneWorld,
  undoneVerbs,
} from "./undone-changes.js";

/** What happens to an undo, chosen by its seed. */
interface Trial {
  verb: UndoneVerb;
  random(): number;
}

/**
 * Makes a change; others change parts of it before its undo and while that reads; the undo is killed, loses its network
 * or responses, or also runs on a second machine. Repeats the undo until it ends with 0; returns false reports, lost
 * changes by others, and everything that wasn't restored.
 */
export async function randomUndo(seed: number): Promise<string[]> {
  const random = seeded(seed * 7919 + 1);
  const verbs = Object.keys(undoneVerbs) as UndoneVerb[];
  const verb = verbs[Math.floor(random() * verbs.length)] ?? "update";
  const problems = await afterChange(verb, (undone) => new Trials(undone, { verb, random }).run());
  return problems.map((problem) => `${problem} (${verb}, seed ${seed})`);
}

interface Row {
  automation_id: string | null;
  name: string | null;
  result: string;
  reason?: string;
}

/** What somebody else did to an automation, and what must remain of that. */
type Edit = { id: string } & ({ gone: true } | { field: "schedule" | "enabled"; value: unknown });

class Trials {
  readonly #edits: Edit[] = [];
  readonly #items: readonly ChangeItem[];
  readonly #problems: string[] = [];
  /** Somebody created an automation with this name while it was deleted. */
  #taken: string | undefined;

  constructor(
    private readonly undone: UndoneWorld,
    private readonly trial: Trial,
  ) {
    const self = { uid: process.getuid?.(), pid: process.pid, isRunning: () => true };
    const place = { files: createPrivateFiles(self), dataDir: undone.dataDir };
    this.#items = readChange(place, undone.id)?.items ?? [];
  }

  async run(): Promise<string[]> {
    const left = await look(this.undone.world);
    if (this.#chance(0.3)) await this.#edit([...left.keys()]);
    if (this.trial.verb === "delete" && this.#chance(0.2)) await this.#take();
    for (let tries = 1; tries <= 6; tries += 1) {
      const isLast = tries > 3;
      const code =
        !isLast && tries === 1 && this.#chance(0.25) ? await this.#onTwo() : await this.#once(isLast);
      if (code === 0) return [...this.#problems, ...this.#unfinished(await look(this.undone.world))];
    }
    return [...this.#problems, "never ended with 0"];
  }

  #chance(share: number): boolean {
    return this.trial.random() < share;
  }

  #pick(count: number): number {
    return Math.floor(this.trial.random() * count);
  }

  /** One run, complete or cut off; undefined if killed. */
  async #once(isWhole: boolean): Promise<number | undefined> {
    const { world, id } = this.undone;
    const before = await look(world);
    const edits = this.#edits.length;
    const road = isWhole ? new CutRoad() : new CutRoad(anyCut(this.trial), this.#editOnTheWay(before));
    const isById = this.trial.verb === "undo" || this.#chance(0.5);
    const words = ["undo", isById ? id : "last", "--yes", "--json"];
    const result = await road.run(world, words);
    if (result === undefined) return undefined;
    this.#checkRows(result, { before, after: await look(world), isEdited: this.#edits.length > edits });
    return result.code;
  }

  /** Two machines, each with the same history. */
  async #onTwo(): Promise<number | undefined> {
    const { world, id, home } = this.undone;
    const other = mkdtempSync(join(tmpdir(), "herm-other-"));
    try {
      cpSync(join(home, ".local"), join(other, ".local"), { recursive: true });
      const before = await look(world);
      const words = ["undo", id, "--yes", "--json"];
      const both = await Promise.all([
        world.runHerm(words),
        herm(words, { server: world.server, cwd: home, home: other }),
      ]);
      const after = await look(world);
      const names = [...after.values()].map(({ name }) => name);
      for (const name of new Set(names)) {
        const times = names.filter((each) => each === name).length;
        const isTold = both.some(({ code, stderr }) => code === 8 && stderr.includes(`"${name}" now exists`));
        if (times > 1 && !isTold) this.#problems.push(`nobody says that ${name} is there ${times} times`);
        if (times > 1) await this.#removeDuplicates(after, name, times - 1);
      }
      for (const result of both) this.#checkRows(result, { before, after, isEdited: true });
      return both[0]?.code;
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  }

  async #removeDuplicates(after: Snapshot, name: unknown, count: number): Promise<void> {
    const duplicates = [...after].filter(([, fields]) => fields.name === name).slice(0, count);
    for (const [id] of duplicates) await this.undone.world.call("DELETE", pathOf(id));
  }

  /** Somebody elsewhere edits or deletes one of these. */
  async #edit(ids: readonly string[]): Promise<void> {
    const id = ids[this.#pick(ids.length)];
    if (id === undefined || this.#edits.some((edit) => edit.id === id)) return;
    const { call } = this.undone.world;
    switch (this.#pick(3)) {
      case 0: {
        const value = `${this.#pick(60)} 23 * * *`;
        await call("PATCH", pathOf(id), { schedule: value });
        this.#edits.push({ id, field: "schedule", value });
        return;
      }
      case 1:
        await call("PATCH", pathOf(id), { enabled: false });
        this.#edits.push({ id, field: "enabled", value: false });
        return;
      default:
        await call("DELETE", pathOf(id));
        this.#edits.push({ id, gone: true });
    }
  }

  async #take(): Promise<void> {
    this.#taken = "A";
    await this.undone.world.create({ name: "A", instructions: "Something else" });
  }

  /** Right when the undo reads a single automation, which shows it the edit. */
  #editOnTheWay(before: Snapshot): (path: string) => Promise<void> {
    let isWanted = this.#chance(0.25);
    return async (path) => {
      const id = [...before.keys()].find((each) => path.endsWith(`/${each}`));
      if (!isWanted || id === undefined || !this.#chance(0.3)) return;
      isWanted = false;
      await this.#edit([id]);
    };
  }

  #checkRows(
    { code, stdout, stderr }: HermResult,
    { before, after, isEdited }: { before: Snapshot; after: Snapshot; isEdited: boolean },
  ): void {
    if (![0, 5, 6, 7, 8, 12].includes(code)) this.#problems.push(`ended with ${code}: ${stderr}`);
    const rows: Row[] = stdout.trim() === "" ? [] : JSON.parse(stdout);
    for (const row of rows) {
      const why = this.#untrue(row, { before, after, isEdited });
      if (why !== undefined) this.#problems.push(`${row.name}: ${row.result}, ${why}`);
    }
  }

  /** Returns the reason why a row is false. */
  #untrue(
    { automation_id, name, result, reason = "" }: Row,
    { before, after, isEdited }: { before: Snapshot; after: Snapshot; isEdited: boolean },
  ): string | undefined {
    const made = /^created again, was (auto_\w+)$/.exec(reason)?.[1];
    const item = this.#items.find((each) => each.automation_id === (made ?? automation_id));
    if (item === undefined || automation_id === null) return "which nobody changed";
    // Later changes by others don't make the row false.
    if (isEdited && this.#edits.some(({ id }) => id === automation_id)) return undefined;
    if (result === "unknown") return undefined;
    if (result === "undone" && made !== undefined) {
      const isThere = isAs(after.get(automation_id), item.before);
      // Somebody deleted the other of two duplicates.
      return isThere || [...after.values()].some((fields) => isAs(fields, item.before))
        ? undefined
        : "and isn't there";
    }
    if (result === "undone" || result === "unchanged")
      return isBack(item, after) ? undefined : "and isn't as before";
    const same = JSON.stringify(after.get(automation_id)) === JSON.stringify(before.get(automation_id));
    return same || isEdited ? undefined : `and was changed: ${name}`;
  }

  /** Returns everything that is wrong once the undo has ended with 0. */
  #unfinished(found: Snapshot): string[] {
    const edited = new Set(this.#edits.map(({ id }) => id));
    const lost = this.#edits.flatMap((edit) => {
      const now = found.get(edit.id);
      if ("gone" in edit) return now === undefined ? [] : [`${edit.id} came back`];
      return now?.[edit.field] === edit.value
        ? []
        : [`an edit of ${edit.field} is lost: ${now?.[edit.field]}`];
    });
    const missing = this.#items.flatMap((item) => {
      const { automation_id: id, name } = item;
      if (id === null || edited.has(id) || name === this.#taken) return [];
      const isSame = [...found].some(
        ([key, fields]) => item.act === "delete" && edited.has(key) && fields.name === name,
      );
      return isSame || isBack(item, found) ? [] : [`${name} isn't as before`];
    });
    const names = [...found.values()].map(({ name }) => name);
    const duplicates = names
      .filter((name, at) => names.indexOf(name) !== at)
      .map((name) => `${name} is there twice`);
    const mine = new Set(this.#items.map(({ automation_id }) => automation_id));
    const moved = [...this.undone.before].filter(
      ([id, fields]) =>
        !mine.has(id) && !edited.has(id) && JSON.stringify(found.get(id)) !== JSON.stringify(fields),
    );
    return [...lost, ...missing, ...duplicates, ...moved.map(([id]) => `${id} moved`)];
  }
}

function pathOf(id: string): string {
  return `/v1/deployments/dep_local/automations/${id}`;
}

function isAs(fields: Fields | undefined, wanted: ChangeItem["before"] = {}): boolean {
  const names = ["name", "schedule", "instructions", "enabled"] as const;
  return (
    fields !== undefined &&
    names.every((field) => wanted[field] === undefined || fields[field] === wanted[field])
  );
}

/** True if an item is as it was before its change. */
function isBack({ act, automation_id, before = {}, after = {} }: ChangeItem, found: Snapshot): boolean {
  const now = found.get(automation_id ?? "");
  if (act === "create") return now === undefined;
  if (act === "delete") return [...found.values()].some((fields) => isAs(fields, before));
  const sent = Object.keys(after) as (keyof typeof after)[];
  return isAs(now, Object.fromEntries(sent.map((field) => [field, before[field]])));
}

/** At most one fault, at one request. */
function anyCut({ random }: Trial): Cut | undefined {
  const kind = cutKinds[Math.floor(random() * cutKinds.length)] ?? "gone before";
  const at = 1 + Math.floor(random() * 12);
  // An outage may end or not.
  const until = random() < 0.3 ? at + 1 + Math.floor(random() * 6) : undefined;
  return random() < 0.7 ? { kind, at, until } : undefined;
}
