import { join } from "node:path";
import type { FetchLike } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { readLedger } from "../../src/incident/ledger.js";
import type { LedgerState } from "../../src/incident/ledger-state.js";
import { self } from "../settings/self.js";
import { fetchFrom, type HermResult, herm } from "../support/harness.js";
import { addAutomation, listAll, type Server } from "./fleet.js";

const files = createPrivateFiles(self);

/** An incident's ledger in a home's data folder, if there is one. */
export function ledgerOf(home: string, incident: string): LedgerState | undefined {
  const path = join(
    home,
    ".local",
    "share",
    "herm",
    "history",
    "incidents",
    `${incident.toLowerCase()}.jsonl`,
  );
  return readLedger(files, { path, isOutsideDataDir: false });
}

export function ledgerAt(path: string): LedgerState | undefined {
  return readLedger(files, { path, isOutsideDataDir: true });
}

/** Automations for which a ledger and the server differ; none if the ledger is true. */
export async function differences(state: LedgerState | undefined, server: Server): Promise<string[]> {
  if (state === undefined) return ["there is no ledger"];
  const found: string[] = [];
  const now = new Map((await listAll(server)).map((item) => [item.automation_id, item.enabled]));
  for (const { line, pause, resume } of state.items.values()) {
    const enabled = now.get(line.automation_id);
    const isPausedByLedger = !line.was_enabled || (pause === "done" && resume !== "done");
    const says = `${line.name}: ledger ${pause}/${resume}, server ${enabled ? "enabled" : "paused"}`;
    if (pause === "unknown" || pause === "sent" || resume === "unknown" || resume === "sent")
      found.push(`${says} (in doubt)`);
    else if (enabled === isPausedByLedger) found.push(says);
  }
  return found;
}

export interface Interruption {
  server: Server;
  home: string;
  words: readonly string[];
  stdin?: string;
  /** Ctrl-C comes at this request of the command, the first being 1… */
  atRequest: number;
  /** …before it is sent, or after its response has arrived (or the connection broke). */
  isAfter: boolean;
}

/** Runs the command in process and presses Ctrl-C at one of its requests. */
export async function interrupted({
  server,
  home,
  words,
  stdin = "",
  atRequest,
  isAfter,
}: Interruption): Promise<HermResult> {
  const controller = new AbortController();
  const press = () => controller.abort(new InterruptedError());
  const send = fetchFrom(server);
  let count = 0;
  const fetch: FetchLike = async (url, init) => {
    count += 1;
    const isNow = count === atRequest;
    if (isNow && !isAfter) press();
    try {
      return await send(url, init);
    } finally {
      if (isNow && isAfter) press();
    }
  };
  return herm(words, { server, home, stdin, fetch, signal: controller.signal });
}

/** Automations `a0…`, and `purpose`, which is already paused. */
export async function addMany(server: Server, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await addAutomation(server, { name: `a${at}` });
  await addAutomation(server, { name: "purpose", enabled: false });
}
