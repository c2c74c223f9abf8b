import { Readable } from "node:stream";
import { itemScheduleReader, spreadSchedule } from "../../src/manifest/item-schedule.js";
import { Mistakes } from "../../src/manifest/mistake.js";
import type { ActualAutomation } from "../../src/manifest/plan/plan-item.js";
import type { Manifest } from "../../src/manifest/read/manifest.js";
import type { ManifestSet } from "../../src/manifest/read/manifest-set.js";
import { keyOfName } from "../../src/manifest/record/automation-record.js";
import {
  type DesiredItem,
  type DesiredItems,
  desiredFor,
  type ReadOptions,
} from "../../src/manifest/state/desired-items.js";
import { readIn } from "./reading.js";

const now = new Date("2026-11-24T12:00:00Z");
const readSchedule = itemScheduleReader(now);

/** Reads the text of one manifest as if it were piped. */
export function readText(text: string): Promise<ManifestSet> {
  return readIn(["-"], { stdin: Readable.from([Buffer.from(text)]) });
}

/** The items that manifests want in a deployment; throws ManifestError for mistakes there. */
export function desiredIn(
  manifests: readonly Manifest[],
  options: Omit<ReadOptions, "mistakes">,
): DesiredItems {
  const mistakes = new Mistakes();
  const desired = desiredFor(manifests, { ...options, mistakes });
  mistakes.throwIfAny();
  return desired;
}

export type ItemOptions = Partial<Omit<DesiredItem, "schedule" | "spread" | "position">> & {
  schedule?: string;
  tz?: string;
  line?: number;
  deployment_id?: string;
  /** In minutes. */
  spread?: number;
};

/** An item of a manifest, as the reader returns it. */
export function item(name: string, options: ItemOptions = {}): DesiredItem {
  const {
    schedule = "every day at 9am",
    tz,
    line = 2,
    instructions = "do it",
    deployment_id = "dep_1",
    spread: windowMinutes,
    ...rest
  } = options;
  const position = { file: "herm.yaml", line, column: 5 };
  const read = readSchedule({ text: schedule, zone: tz });
  if (!read.ok) throw new Error(read.reason);
  const spread = windowMinutes === undefined ? undefined : { deployment_id, windowMinutes, schedule: read };
  const moved = spread === undefined ? read : spreadSchedule(spread, name);
  return {
    position,
    name,
    schedule: { ...moved, position },
    ...(spread === undefined ? {} : { spread }),
    instructions,
    ...rest,
  };
}

/** `lines`: the record's lines by id; absent if there is no record. */
export function desired(
  items: DesiredItem[],
  removed: string[] = [],
  lines?: Record<string, string>,
): DesiredItems {
  const entries = Object.entries(lines ?? {}).map(([automation_id, name]) => ({
    deployment_id: "dep_1",
    automation_id,
    key: name.startsWith("id:") ? name.slice(3) : keyOfName(name),
  }));
  return {
    ...(lines !== undefined && { recorded: { entries } }),
    items,
    removed: removed.map((ref, index) => ({
      ref,
      position: { file: "herm.yaml", line: 90 + index, column: 12 },
    })),
  };
}

/** An automation on the server; by default exactly as the `item` with the same name wants it. */
export function actual(id: string, name: string, options: Partial<ActualAutomation> = {}): ActualAutomation {
  return {
    automation_id: `auto_${id}`,
    name,
    schedule: "0 9 * * *",
    enabled: true,
    instructions: "do it",
    ...options,
  };
}
