import { sha256 } from "../../files/sha256.js";
import { scheduleForm } from "../../schedule/equal.js";

/** Which API a record is of: its origin, and of a local server its store. */
export interface RecordApi {
  origin: string;
  store_id?: string;
}

/** An automation that was made from files, or adopted. */
export interface RecordEntry {
  deploymentId: string;
  automationId: string;
  /** What the files call it. */
  name: string;
}

/** A create that was about to be sent, and of which no answer is recorded. */
export interface Making {
  deploymentId: string;
  name: string;
  /** Tells what was sent, without holding it. */
  print: string;
}

/** What a create sends. */
interface Sent {
  name: string;
  schedule: string;
  instructions: string;
}

/** Equal for what a create sends and for what is there because of it. */
export function printOf({ name, schedule, instructions }: Sent): string {
  const text = JSON.stringify([name, scheduleForm(schedule), instructions]);
  return sha256(text).slice(0, 16);
}

/** Which automations apply made or adopted in which deployment (src/manifest/README.md, "The record"). In memory. */
export class AutomationRecord {
  /** By deployment and id. */
  readonly #entries = new Map<string, Map<string, RecordEntry>>();
  readonly #makings = new Map<string, Making>();
  /** Entries whose deletion was about to be sent. */
  readonly #deletions = new Map<string, RecordEntry>();

  constructor(public api: RecordApi) {}

  /** In the order in which they are written: by deployment, name and id. */
  get entries(): RecordEntry[] {
    return [...this.#entries.values()].flatMap((those) => [...those.values()]).toSorted(byPlaceAndName);
  }

  get makings(): Making[] {
    return [...this.#makings.values()];
  }

  get deletions(): RecordEntry[] {
    return [...this.#deletions.values()];
  }

  /** A deployment's ids by what the files call them; not of those that may be gone by a deletion of ours. */
  idsByName(deploymentId: string): Map<string, string[]> {
    const ids = new Map<string, string[]>();
    for (const { name, automationId } of this.#of(deploymentId).values()) {
      if (this.#deletions.has(`${deploymentId}/${automationId}`)) continue;
      const known = ids.get(name);
      if (known === undefined) ids.set(name, [automationId]);
      else known.push(automationId);
    }
    return ids;
  }

  entriesOf(deploymentId: string): RecordEntry[] {
    return [...this.#of(deploymentId).values()];
  }

  entryOf(deploymentId: string, automationId: string): RecordEntry | undefined {
    return this.#of(deploymentId).get(automationId);
  }

  hasAnywhere(automationId: string): boolean {
    for (const those of this.#entries.values()) if (those.has(automationId)) return true;
    return false;
  }

  /** Takes one in, or calls it otherwise from now on. */
  add(entry: RecordEntry): void {
    const those = this.#entries.get(entry.deploymentId) ?? new Map<string, RecordEntry>();
    this.#entries.set(entry.deploymentId, those.set(entry.automationId, entry));
  }

  remove({ deploymentId, automationId }: Omit<RecordEntry, "name">): void {
    this.#entries.get(deploymentId)?.delete(automationId);
    this.#deletions.delete(`${deploymentId}/${automationId}`);
  }

  addMaking(making: Making): void {
    this.#makings.set(keyOf(making), making);
  }

  /** The create is settled. */
  removeMaking(making: Making): void {
    this.#makings.delete(keyOf(making));
  }

  addDeletion(entry: RecordEntry): void {
    this.#deletions.set(`${entry.deploymentId}/${entry.automationId}`, entry);
  }

  /** The deletion didn't take place. */
  removeDeletion({ deploymentId, automationId }: RecordEntry): void {
    this.#deletions.delete(`${deploymentId}/${automationId}`);
  }

  #of(deploymentId: string): ReadonlyMap<string, RecordEntry> {
    return this.#entries.get(deploymentId) ?? new Map();
  }
}

function keyOf({ deploymentId, print }: Making): string {
  return `${deploymentId}/${print}`;
}

/** By code units, so that every machine writes the same. */
function byPlaceAndName(one: RecordEntry, other: RecordEntry): number {
  return (
    compare(one.deploymentId, other.deploymentId) ||
    compare(one.name, other.name) ||
    compare(one.automationId, other.automationId)
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
