import { lstatSync, renameSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../api/json.js";
import { readLines } from "../files/json-text.js";
import type { PrivateFiles } from "../files/private-files.js";

/** A change that was sent to an automation, or may have been. Triggers and messages aren't changes. */
export interface Touch {
  deploymentId: string;
  automationId: string;
  change: "create" | "update" | "pause" | "resume" | "delete";
  /** The incident that it belongs to. */
  incident?: string | undefined;
  at: Date;
  /** The same by the server's clock, where that is known to be another: a local server's may have been moved. */
  servedAt?: Date | undefined;
}

export interface TouchPlace {
  files: PrivateFiles;
  dataDir: string;
}

/** Where touches are added; close it. */
export interface TouchLog {
  add(...touches: Touch[]): void;
  close(): void;
}

const largestLogBytes = 8 * 1024 * 1024;

/**
 * Keeps in the data folder that changes were sent: an incident leaves alone what was touched after it paused it, and
 * lateness doesn't count what was due before. To be added once the request went out, whatever came back. Throws
 * FileError.
 */
export async function openTouches(place: TouchPlace): Promise<TouchLog> {
  await rotate(place);
  const log = place.files.log(pathOf(place));
  return {
    add: (...touches) => {
      if (touches.length > 0)
        log.append(touches.map((touch) => `${JSON.stringify(toLine(touch))}\n`).join(""));
    },
    close: () => log.close(),
  };
}

/** Every touch that is kept, in the order in which they were recorded. A line that was cut off is passed over. */
export function readTouches(place: TouchPlace): Touch[] {
  const texts = [olderPathOf(place), pathOf(place)].map((path) => place.files.read(path) ?? "");
  return texts.flatMap((text) => readLines(text, isTouchLine)).map(fromLine);
}

function pathOf({ dataDir }: TouchPlace): string {
  return join(dataDir, "touches.jsonl");
}

function olderPathOf({ dataDir }: TouchPlace): string {
  return join(dataDir, "touches.older.jsonl");
}

/** Some fifty thousand touches are kept at least. Who still appends to the renamed file is read there. */
async function rotate(place: TouchPlace): Promise<void> {
  const path = pathOf(place);
  const isFull = () => (lstatSync(path, { throwIfNoEntry: false })?.size ?? 0) > largestLogBytes;
  if (!isFull()) return;
  await place.files.withLock(path, () => {
    if (isFull()) renameSync(path, olderPathOf(place));
  });
}

interface TouchLine {
  at: string;
  served_at?: string | undefined;
  deployment_id: string;
  automation_id: string;
  change: Touch["change"];
  incident?: string | undefined;
}

function toLine({ at, servedAt, deploymentId, automationId, change, incident }: Touch): TouchLine {
  return {
    at: at.toISOString(),
    served_at: servedAt?.toISOString(),
    deployment_id: deploymentId,
    automation_id: automationId,
    change,
    incident,
  };
}

function fromLine(line: TouchLine): Touch {
  const { deployment_id: deploymentId, automation_id: automationId, change, incident, served_at } = line;
  const touch = { deploymentId, automationId, change, incident, at: new Date(line.at) };
  return served_at === undefined ? touch : { ...touch, servedAt: new Date(served_at) };
}

const changes: readonly unknown[] = ["create", "update", "pause", "resume", "delete"];

function isTouchLine(value: unknown): value is TouchLine {
  if (!isObject(value)) return false;
  const { at, served_at, deployment_id, automation_id, change, incident } = value;
  return (
    typeof at === "string" &&
    !Number.isNaN(Date.parse(at)) &&
    (served_at === undefined || (typeof served_at === "string" && !Number.isNaN(Date.parse(served_at)))) &&
    typeof deployment_id === "string" &&
    typeof automation_id === "string" &&
    changes.includes(change) &&
    (incident === undefined || typeof incident === "string")
  );
}
