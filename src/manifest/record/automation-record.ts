/** The record: its entries by key, and its text. */

import type { AutomationRef } from "../../api/types.js";
import { sha256 } from "../../files/sha256.js";
import { scheduleForm } from "../../schedule/compare.js";

/** A record's API; a local server is identified by its store. */
export interface RecordApi {
  origin: string;
  store_id?: string;
}

/** `paused`: the files keep it paused; `initial`: it has belonged to the customer since its creation. */
export type RecordMark = "paused" | "initial";

export interface RecordEntry extends AutomationRef {
  key: RecordKey;
  mark?: RecordMark | undefined;
}

/** A create that was about to be sent, with no recorded response. */
export interface PendingCreate {
  deployment_id: string;
  id?: string | undefined;
  name: string;
  /** A hash of the sent fields. */
  fingerprint: string;
  mark?: RecordMark | undefined;
}

interface Sent {
  name: string;
  schedule: string;
  instructions: string;
}

/** The line for a create before it is sent. `key`: its name in the files. */
export function pendingCreate(
  deployment_id: string,
  fields: Sent,
  { key, mark }: Partial<RecordEntry>,
): PendingCreate {
  const id = key?.startsWith('"') === false ? key : undefined;
  return { deployment_id, id, name: fields.name, fingerprint: fingerprintOf(fields), mark };
}

/** A hash of the fields, the same for a create and the automation that it made. */
export function fingerprintOf({ name, schedule, instructions }: Sent): string {
  const text = JSON.stringify([name, scheduleForm(schedule), instructions]);
  return sha256(text).slice(0, 16);
}

/** The automations that apply created or adopted, by deployment (src/manifest/README.md, "The record"). In memory. */
export class AutomationRecord {
  /** Lines by deployment. A merge may have left two lines for one automation. */
  readonly #entries = new Map<string, RecordEntry[]>();
  readonly #pendingCreates = new Map<string, PendingCreate>();
  readonly #pendingDeletions = new Map<string, RecordEntry>();

  constructor(public api: RecordApi) {}

  /** Entries in written order: by deployment, key and id. */
  get entries(): RecordEntry[] {
    const all = [...this.#entries.values()].flat();
    return all.toSorted((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
  }

  get deploymentIds(): string[] {
    return [...this.#entries].flatMap(([id, entries]) => (entries.length > 0 ? [id] : []));
  }

  get pendingCreates(): PendingCreate[] {
    return [...this.#pendingCreates.values()];
  }

  get pendingDeletions(): RecordEntry[] {
    return [...this.#pendingDeletions.values()];
  }

  entriesOf(deployment_id: string): readonly RecordEntry[] {
    return this.#entries.get(deployment_id) ?? [];
  }

  entryOf(deployment_id: string, automation_id: string): RecordEntry | undefined {
    return this.#entries.get(deployment_id)?.find((entry) => entry.automation_id === automation_id);
  }

  addLine(entry: RecordEntry): void {
    const entries = this.#entries.get(entry.deployment_id);
    if (entries === undefined) this.#entries.set(entry.deployment_id, [entry]);
    else entries.push(entry);
  }

  add(entry: RecordEntry): void {
    this.#drop(entry);
    this.addLine(entry);
  }

  remove(entry: Omit<RecordEntry, "key">): void {
    this.#drop(entry);
    this.#pendingDeletions.delete(`${entry.deployment_id}/${entry.automation_id}`);
  }

  forget(deployment_id: string): void {
    for (const entry of this.entriesOf(deployment_id)) this.remove(entry);
    for (const create of this.pendingCreates)
      if (create.deployment_id === deployment_id) this.removePendingCreate(create);
  }

  addPendingCreate(create: PendingCreate): void {
    this.#pendingCreates.set(createId(create), create);
  }

  removePendingCreate(create: PendingCreate): void {
    this.#pendingCreates.delete(createId(create));
  }

  addPendingDeletion(entry: RecordEntry): void {
    this.#pendingDeletions.set(`${entry.deployment_id}/${entry.automation_id}`, entry);
  }

  removePendingDeletion({ deployment_id, automation_id }: RecordEntry): void {
    this.#pendingDeletions.delete(`${deployment_id}/${automation_id}`);
  }

  #drop({ deployment_id, automation_id }: Omit<RecordEntry, "key">): void {
    const others = this.#entries.get(deployment_id)?.filter((each) => each.automation_id !== automation_id);
    if (others !== undefined) this.#entries.set(deployment_id, others);
  }
}

function createId({ deployment_id, fingerprint }: PendingCreate): string {
  return `${deployment_id}/${fingerprint}`;
}

/** Sorts entries by deployment, key and id, by code units, so that every machine writes the same order. */
export function sortKey({ deployment_id, key, automation_id }: RecordEntry): string {
  return `${deployment_id}\0${key}\0${automation_id}`;
}

const about =
  "# Which automations herm made or adopted. apply and adopt write this file: keep it, and don't edit it.";

/** The record's file: a line for each automation, sorted so that git merges it. */
export function recordText(record: AutomationRecord): string {
  const { origin, store_id } = record.api;
  return [
    about,
    "record: 1",
    `api: ${keyOfName(origin)}`,
    ...(store_id === undefined ? [] : [`store: ${keyOfName(store_id)}`]),
    "made:",
    "",
  ]
    .join("\n")
    .concat(
      ...record.entries.map(entryLine),
      ...record.pendingCreates.map(pendingCreateLine),
      ...record.pendingDeletions.map(pendingDeletionLine),
    );
}

/** A line, with its mark at the end, which YAML reads as a comment. */
export function entryLine({ deployment_id, automation_id, key, mark }: RecordEntry): string {
  return `  ${deployment_id}/${automation_id}: ${key}${mark === undefined ? "" : ` # ${mark}`}\n`;
}

export function pendingCreateLine({ deployment_id, fingerprint, id, name }: PendingCreate): string {
  const key = id === undefined ? "" : `${id} `;
  return `  ${deployment_id}/making-${fingerprint}: ${key}${keyOfName(name)}\n`;
}

export function pendingDeletionLine({ deployment_id, automation_id, key }: RecordEntry): string {
  return `  ${deployment_id}/deleting-${automation_id}: ${key}\n`;
}

/** An automation's key in the record: its item's id, or its name in quotes. */
export type RecordKey = string;

export const idForm = /^[A-Za-z0-9-]{1,128}$/;

export function keyOf({ id, name }: { id?: string | undefined; name: string }): RecordKey {
  return id ?? keyOfName(name);
}

export function nameInKey(key: RecordKey): string {
  return key.startsWith('"') ? JSON.parse(key) : key;
}

/** Quotes a name as JSON, which YAML also reads; escapes invisible characters, and those that end a line. */
export function keyOfName(name: string): RecordKey {
  return JSON.stringify(name).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffd\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
