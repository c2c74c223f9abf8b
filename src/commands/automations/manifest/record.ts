import type { Context } from "../../../context.js";
import { NotPossibleError } from "../../../errors.js";
import { describeApi, isSameApi } from "../../../incident/identity.js";
import type { Desired } from "../../../manifest/desired.js";
import type { DeploymentPlan } from "../../../manifest/fleet-plan.js";
import { Mistakes } from "../../../manifest/mistake.js";
import type { PlanItem } from "../../../manifest/plan-item.js";
import type { ManifestSet } from "../../../manifest/read.js";
import {
  AutomationRecord,
  type RecordApi,
  type RecordEntry,
} from "../../../manifest/record/automation-record.js";
import { type RecordPlace, readRecordAt } from "../../../manifest/record/choose.js";
import type { RecordReading } from "../../../manifest/record/read.js";
import { withRecorded } from "../../../manifest/record/recorded.js";
import { settleRecord } from "../../../manifest/record/settle.js";
import type { Survey } from "../../../manifest/survey.js";
import type { Wish } from "../../../manifest/wishes.js";
import { counted, listed } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { readApiIdentity } from "../../fleet/identity.js";
import { lockRecord, RecordKeeper, type TaskKeeping } from "./record-keeper.js";

export interface RecordWork {
  found: NonNullable<ManifestSet["record"]>;
  printer: Printer;
  /** It is written too: nobody else does meanwhile. */
  isToBeWritten: boolean;
}

/**
 * Opens the record of a set of manifests; `close` it when the command is done. Throws ManifestError for what is wrong with
 * it, and where it is to be written NotPossibleError where it can't be, or somebody else keeps it.
 */
export async function openRecord(context: Context, work: RecordWork): Promise<OpenRecord> {
  const { found, printer, isToBeWritten } = work;
  const { place } = found;
  const api = await readApiIdentity(context, await context.client());
  if (!isToBeWritten) return new OpenRecord({ place, printer, ...standingOf(place, found.reading, api) });
  const files = context.settings.files.ofAnyone();
  const release = await lockRecord(context, { files, place, printer });
  try {
    const mistakes = new Mistakes();
    const reading = await readRecordAt(place, mistakes);
    mistakes.throwIfAny();
    const state = standingOf(place, reading, api);
    const { record, trouble, isForeign } = state;
    const isNew = trouble !== undefined || reading?.isUnsettled === true;
    const keeper = new RecordKeeper({ files, place, record, isToBeWritten: isNew, printer, release });
    return new OpenRecord({ place, printer, ...state, keeper, keeping: isForeign ? undefined : keeper });
  } catch (error) {
    release();
    throw error;
  }
}

interface Standing {
  record: AutomationRecord;
  /** Why nothing is known of what was made; absent: it is. */
  trouble?: string;
  /** It is another API's, and left as it is. */
  isForeign: boolean;
}

function standingOf(place: RecordPlace, reading: RecordReading | undefined, api: RecordApi): Standing {
  const record = reading?.record;
  if (record === undefined) {
    const is = reading === undefined ? "isn't there" : "is empty";
    return { record: new AutomationRecord(api), trouble: `${place.shown} ${is}`, isForeign: false };
  }
  if (isSameApi(record.api, api)) return { record, isForeign: false };
  const trouble = `${place.shown} is the record of ${describeApi(record.api)}, not of ${describeApi(api)}`;
  return { record: new AutomationRecord(api), trouble, isForeign: true };
}

interface Opened extends Standing {
  place: RecordPlace;
  printer: Printer;
  keeper?: RecordKeeper;
  keeping?: TaskKeeping | undefined;
}

type NameFilter = (automation: { automation_id: string; name: string }) => boolean;

const mostNamed = 3;

/** A record while a command plans by it, and perhaps writes it (src/manifest/README.md, "The record"). */
export class OpenRecord {
  /** By deployment. */
  readonly #desired = new Map<string, Desired>();

  constructor(private readonly opened: Opened) {}

  /** What is told of each step while it is done; absent where nothing is written. */
  get keeping(): TaskKeeping | undefined {
    return this.opened.keeping;
  }

  /** As it is named from the working folder. */
  get file(): string {
    return this.opened.place.shown;
  }

  /** It tells what was made: only then may anything be pruned. */
  get isKnown(): boolean {
    return this.opened.trouble === undefined;
  }

  /** Why it doesn't; absent: it does. */
  get trouble(): string | undefined {
    return this.opened.trouble;
  }

  /** What is wanted, with the ids that are known for it. */
  known({ target, desired }: Wish): Wish {
    const { record } = this.opened;
    const { deploymentId } = target;
    this.#desired.set(deploymentId, desired);
    return { target, desired: withRecorded(desired, { record, deploymentId }) };
  }

  has(deploymentId: string, automationId: string): boolean {
    return this.opened.record.entryOf(deploymentId, automationId) !== undefined;
  }

  /** Whether it has an automation of this id, in whichever deployment. */
  mayHave({ automation_id }: { automation_id: string }): boolean {
    return this.opened.record.hasAnywhere(automation_id);
  }

  /** Whether it must be read whole to settle a create that was left open. */
  isInDoubt({ name }: { name: string }): boolean {
    return this.opened.record.makings.some((making) => making.name === name);
  }

  /** Settles by what is there what earlier commands left open. */
  settle(surveys: readonly Survey[]): void {
    const { record, printer, place } = this.opened;
    for (const { name, deploymentId, ids } of settleRecord(record, surveys)) {
      printer.warn(
        `"${name}" in ${deploymentId}: which of ${listed(ids)} an earlier apply made can't be told; none is in ${place.shown}`,
      );
    }
  }

  /** Throws NotPossibleError where it is another API's. */
  requireOurs(): void {
    const { trouble, isForeign } = this.opened;
    if (isForeign) throw new NotPossibleError(trouble ?? "", { hint: "name another one with --record" });
  }

  /** Takes in what is there, on the disk before it returns. Throws UnrecordedError where it can't be written. */
  adopt(entries: readonly RecordEntry[]): void {
    for (const entry of entries) this.opened.record.add(entry);
    this.opened.keeper?.writeNow();
  }

  /** Says what the record is, where a person has to know. */
  tell({ prune }: { prune: boolean }): void {
    const { trouble, isForeign, keeping, printer } = this.opened;
    if (trouble === undefined) return;
    if (isForeign) printer.warn(`${trouble}: it is neither used nor written`);
    else
      printer.note(`${trouble}: ${keeping === undefined ? "what was made isn't known" : "it is begun now"}`);
    if (prune) printer.warn("nothing is pruned, since it isn't known what was made from files");
  }

  /**
   * Says what the record has in deployments that the files don't name, and no longer reach: nothing is pruned there.
   * `named`: the ids of those that they name.
   */
  tellElsewhere({ named, includes }: { named: ReadonlySet<string>; includes: NameFilter }): void {
    const { record, printer } = this.opened;
    const elsewhere = record.entries.filter(
      ({ deploymentId, automationId, name }) =>
        !named.has(deploymentId) && includes({ automation_id: automationId, name }),
    );
    const [first] = elsewhere;
    if (first === undefined) return;
    const ids = [...new Set(elsewhere.map(({ deploymentId }) => deploymentId))];
    printer.note(
      `${this.file} has ${counted(elsewhere.length, "automation")} in ${listed(ids, mostNamed)}, which these files don't name: ${elsewhere.length > 1 ? "they aren't" : "it isn't"} pruned`,
    );
    printer.hint(
      `a file with deployments: [${first.deploymentId}] and automations: [] prunes there; lines of a deployment that is gone do no harm`,
    );
  }

  /**
   * Says so where it has nothing of the deployments that have automations, but something of others: keys of two accounts, and
   * environments, have one API.
   */
  tellUnknown(surveys: readonly Survey[]): void {
    const { record, printer } = this.opened;
    const known = new Set(record.entries.map(({ deploymentId }) => deploymentId));
    const inUse = surveys.flatMap(({ target, actual }) => (actual.length > 0 ? [target.name] : []));
    if (known.size === 0 || inUse.length === 0) return;
    if (surveys.some(({ target }) => known.has(target.deploymentId))) return;
    const others = known.size === 1 ? "another deployment" : `${known.size} other deployments`;
    printer.note(
      `${this.file} has nothing in ${listed(inUse, mostNamed)}, only in ${others}: if it is another environment's, --record names the right one`,
    );
  }

  /** From now on steps are kept. Throws UnrecordedError where the file can't be written. */
  begin(): void {
    if (this.opened.keeping !== undefined) this.opened.keeper?.begin();
  }

  /**
   * Once all is done: what the files call each by now, and what nobody needs to know any more, since it isn't there, and
   * another one is, or `removed` names it; `prune`: or the files don't name it.
   */
  note(plans: readonly DeploymentPlan[], { prune }: { prune: boolean }): void {
    const { record } = this.opened;
    for (const { target, items, known, error, isPassedOver } of plans) {
      if (error !== undefined || isPassedOver) continue;
      const { deploymentId } = target;
      for (const change of items) this.#rename(deploymentId, change);
      const desired = this.#desired.get(deploymentId);
      const named = new Set(desired?.items.flatMap(({ name, formerly }) => [name, formerly]));
      const unwanted = new Set(desired?.removed.map(({ ref }) => ref));
      const entries = record.entriesOf(deploymentId);
      const there = new Set(entries.flatMap((each) => (known.has(each.automationId) ? each.name : [])));
      for (const entry of entries.filter(({ automationId }) => !known.has(automationId))) {
        const isUnnamed = prune && !named.has(entry.name);
        if (isUnnamed || there.has(entry.name) || unwanted.has(entry.name)) record.remove(entry);
      }
    }
  }

  #rename(deploymentId: string, { action, name, automationId = "", error }: PlanItem): void {
    const isNamed = action !== "delete" && action !== "skipped" && error === undefined;
    if (isNamed && this.has(deploymentId, automationId))
      this.opened.record.add({ deploymentId, automationId, name });
  }

  /** Writes what there is to write, and lets others have it. */
  close(): void {
    this.opened.keeper?.close();
  }
}
