import { newId } from "../ids.js";
import { AutomationTable } from "./automations.js";
import { prepareDataFile } from "./data-file.js";
import { type Database, openDatabase } from "./database.js";
import { DeploymentTable } from "./deployments.js";
import { EventTable, type StoredEvent } from "./events.js";
import { RunTable } from "./runs.js";
import { prepareTables } from "./schema.js";
import { integer, plain } from "./table.js";
import { ThreadTable } from "./threads.js";

export const inMemory = ":memory:";

type EventListener = (events: readonly StoredEvent[]) => void;

/**
 * Everything the server knows, in one SQLite database that it alone has open. What a transaction wrote is on the disk
 * when it returns, and only then do listeners hear of its events: an id that a client has seen survives a kill.
 */
export class Store {
  readonly deployments: DeploymentTable;
  readonly automations: AutomationTable;
  readonly threads: ThreadTable;
  readonly runs: RunTable;
  readonly events: EventTable;
  /** Made with the store and kept: tells one store from another, wherever it is served. */
  readonly storeId: string;
  readonly #listeners = new Set<EventListener>();

  constructor(private readonly database: Database) {
    prepareTables(database);
    this.deployments = new DeploymentTable(database);
    this.automations = new AutomationTable(database);
    this.threads = new ThreadTable(database);
    this.runs = new RunTable(database);
    this.events = new EventTable(database);
    const stored = this.setting("store_id");
    this.storeId = stored ?? newId("store");
    if (stored === undefined) this.setSetting("store_id", this.storeId);
  }

  transaction<T>(work: () => T): T {
    let result: T;
    try {
      result = this.database.transaction(work);
    } catch (error) {
      this.events.settle("rolled back");
      throw error;
    }
    const events = this.events.settle("committed");
    if (events.length > 0) for (const listener of [...this.#listeners]) listener(events);
    return result;
  }

  /** Hears of events in order, after they are durable. Gives back what ends it. */
  onEvents(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  counts(): { automations: number; runs: number } {
    const row = this.database.get(
      "SELECT (SELECT count(*) FROM automations) AS automations, (SELECT count(*) FROM runs) AS runs",
    );
    return { automations: integer.read(row?.automations), runs: integer.read(row?.runs) };
  }

  setting(name: string): string | undefined {
    const row = this.database.get("SELECT value FROM settings WHERE name = ?", name);
    return row && plain.read(row.value);
  }

  setSetting(name: string, value: string): void {
    this.database.run("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", name, value);
  }

  /** Keeps the log beside the data file from growing. */
  shrinkLog(): void {
    this.database.shrinkLog();
  }

  close(): void {
    this.#listeners.clear();
    this.database.close();
  }
}

/** A file, or `:memory:`. Throws DataFileBusyError if another server has it, CliError for what is no data of ours. */
export async function openStore(file: string): Promise<Store> {
  if (file !== inMemory) prepareDataFile(file);
  const database = await openDatabase(file);
  try {
    return new Store(database);
  } catch (error) {
    database.close();
    throw error;
  }
}
