/** Reads a fleet for a command, before and after its changes. */

import type { HermClient } from "../../api/client.js";
import { ApiError, NotFoundError, TimeoutError } from "../../api/errors.js";
import type { DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { hintTo, PartialFailureError } from "../../errors/cli-errors.js";
import type { KnownAutomation } from "../../fleet/lists.js";
import { isOutage, UnknownPresenceError } from "../../fleet/outcome.js";
import type { AskedBefore } from "../../fleet/presence.js";
import { type DeploymentReading, readFleet } from "../../fleet/read-fleet.js";
import { listDeployments, type Selection } from "../../fleet/selection.js";
import { readOneOfMany } from "../../fleet/silent-deployments.js";
import { readApiIdentity } from "../../history/api-identity.js";
import type { ApiIdentity, HeadLine } from "../../history/incident-lines.js";
import type { BrokenIncident } from "../../incident/incident-folder.js";
import type { LedgerState } from "../../incident/ledger-state.js";
import { type FleetItem, pausedItems } from "../../incident/pause-plan.js";
import { deploymentsOf, toScope } from "../../incident/scope.js";
import { addressHint, messageOf } from "../../invocation/report-error.js";
import { counted } from "../../output/count.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { factSeparatorFor } from "../../output/style.js";
import type { SincePause } from "../../runs/unexpected.js";
import { lastFour } from "../../settings/key.js";
import { describeProfile } from "../../settings/profile-name.js";
import { currentUser } from "../sending/change-head.js";
import { ReadingProgress } from "./progress.js";
import type { RunsReader, RunsReading, RunsUnderWay } from "./runs-reader.js";

/** The client, the API and the deployments of a command on a fleet. */
export interface FleetSession {
  client: HermClient;
  api: ApiIdentity;
  allDeployments: readonly DeploymentSummary[];
  printer: Printer;
}

export async function openFleetSession(context: Context): Promise<FleetSession> {
  const client = await context.client();
  const allDeployments = await listDeployments(client, undefined, context.signal);
  const api = await readApiIdentity(context, client);
  return { client, api, allDeployments, printer: await createPrinter(context) };
}

export interface ReadOptions {
  deployments: readonly DeploymentSummary[];
  /** Automations that are read one by one if they are missing from the lists (src/fleet/presence.ts). */
  known?: readonly KnownAutomation[];
  asked?: AskedBefore | undefined;
  /** All deployments of the account, if they were listed again. */
  existing?: readonly DeploymentSummary[];
  /** The key of the known automations: `INC-1 was started with …cdef`. */
  knownBy?: string | undefined;
  concurrency?: number | undefined;
  /** Doesn't draw a bar, because the screen shows other output. */
  isSilent?: boolean;
}

/**
 * Reads the automations of these deployments, with a bar on a terminal. A deployment that is missing from the account's
 * list becomes an UnseenError if the key is refused there.
 */
export async function readDeployments(
  context: Context,
  { client, printer, allDeployments }: FleetSession,
  { existing = allDeployments, knownBy, isSilent = false, ...options }: ReadOptions,
): Promise<DeploymentReading[]> {
  const progress = new ReadingProgress(context, printer, { isSilent, fewestShown: 2 });
  progress.start("deployments", options.deployments.length);
  const readings = await readFleet(client, {
    ...options,
    signal: context.signal,
    readOne: readOneOfMany(context, client, { isWatch: isSilent }),
    onRead: (_, { isFailure }) => progress.item(isFailure),
  }).finally(() => progress.finish());
  return markUnseen(readings, { existing, keys: [keyText(context), knownBy ?? []].flat().join("; ") });
}

/** The deployments with these ids; an unlisted one has only its id. */
export function deploymentsById(
  ids: Iterable<string>,
  existing: readonly DeploymentSummary[],
): DeploymentSummary[] {
  const listed = new Map(existing.map((each) => [each.deployment_id, each]));
  return [...new Set(ids)].map((deployment_id) => listed.get(deployment_id) ?? { deployment_id });
}

/**
 * Reads again after the last change; undefined after Ctrl-C. A refused key becomes the error of each deployment, so
 * that results are still reported. Doesn't wait again for the deployments in `unreadable`, which weren't changed.
 */
export async function readBackDeployments(
  context: Context,
  session: FleetSession,
  { unreadable, ...options }: ReadOptions & { unreadable: readonly DeploymentReading[] },
): Promise<DeploymentReading[] | undefined> {
  const { signal } = context;
  if (signal.aborted) return undefined;
  const away = unreadable.filter(({ error }) => isOutage(error) || error instanceof TimeoutError);
  const ids = new Set(away.map(({ deployment }) => deployment.deployment_id));
  const deployments = options.deployments.filter(({ deployment_id }) => !ids.has(deployment_id));
  const readings = await readDeployments(context, session, { ...options, deployments }).catch(
    (error: unknown) => {
      if (signal.aborted && error === signal.reason) return undefined;
      return deployments.map((deployment) => ({ deployment, automations: [], error }));
    },
  );
  return readings && [...readings, ...away];
}

interface RunsToRead extends Pick<RunsReading<FleetItem>, "onDetail" | "concurrency"> {
  reader: RunsReader;
  state: LedgerState | undefined;
  items: readonly FleetItem[];
  isSilent?: boolean;
}

/** Reads an incident's unfinished runs, with a bar on a terminal, then runs since its pauses, until Ctrl-C. */
export async function readIncidentRuns(
  context: Context,
  { printer }: FleetSession,
  { reader, state, items, isSilent = false, ...reading }: RunsToRead,
): Promise<{ underWay: RunsUnderWay<FleetItem>; since: ReadonlyMap<string, SincePause> }> {
  const { signal } = context;
  const progress = new ReadingProgress(context, printer, { isSilent, fewestShown: 2 });
  progress.start("runs", items.length);
  const onRead = () => progress.item();
  const underWay = await reader
    .underWay(items, { ...reading, signal, onRead })
    .finally(() => progress.finish());
  const unreadable = new Set(underWay.unreadable.map(({ item }) => item));
  const read = items.filter((item) => !unreadable.has(item));
  const { since } = await reader.sincePause(pausedItems(state, read), { signal });
  return { underWay, since };
}

/** `prod (--profile) · api.prismagents.com · key …9f2c · 187 of 200 deployments`. Plain text. */
export function targetLine(
  { settings, io }: Pick<Context, "settings" | "io">,
  { chosen, total }: { chosen: number; total: number },
): string {
  const target = settings.target();
  const { baseUrl, apiKey } = target;
  const last4 = apiKey === undefined ? null : lastFour(apiKey);
  const parts = [describeProfile(target)];
  if (baseUrl !== undefined) parts.push(new URL(baseUrl).host);
  if (apiKey !== undefined) parts.push(last4 === null ? "key" : `key …${last4}`);
  // A deployment that was named may be missing from the list.
  parts.push(`${chosen} of ${counted(Math.max(chosen, total), "deployment")}`);
  return parts.join(factSeparatorFor({ io }));
}

export function newLedgerHead(
  context: Context,
  { incident, reason, api }: { incident: string; reason: string | undefined; api: ApiIdentity },
): HeadLine {
  const { settings } = context;
  const { profile, apiKey } = settings.target();
  return {
    incident,
    version: 1,
    reason: reason ?? null,
    created_at: context.now().toISOString(),
    target: { ...api, profile, key_last4: apiKey === undefined ? null : lastFour(apiKey) },
    by: currentUser(context),
  };
}

export function brokenLedgerText({ name }: BrokenIncident): string {
  return `the ledger of incident ${name} can't be read, so it is unknown which automations it holds`;
}

/** Warns of unreadable ledgers, which may hold automations. */
export function warnOfBrokenLedgers(printer: Printer, broken: readonly BrokenIncident[]): void {
  for (const each of broken) printer.warn(brokenLedgerText(each));
}

/** The deployments that a selection in a fleet chooses, whichever is in use. Throws if a selector matches none. */
export function chooseDeployments(
  context: Pick<Context, "now">,
  { selection, existing }: { selection: Selection; existing: readonly DeploymentSummary[] },
): DeploymentSummary[] {
  const scope = toScope({ ...selection, except: [] }, { existing, at: context.now() });
  return deploymentsOf(scope, existing).filter(
    (deployment) => !selection.except.matchesDeployment(deployment),
  );
}

/** A known deployment that this key can't see (8). */
class UnseenError extends PartialFailureError {}

/** Marks unlisted deployments that the API refuses as invisible to this key. `keys`: text about the key. */
function markUnseen(
  readings: readonly DeploymentReading[],
  { existing, keys }: { existing: readonly { deployment_id: string }[]; keys: string },
): DeploymentReading[] {
  const listed = new Set(existing.map(({ deployment_id }) => deployment_id));
  return readings.map((reading) => {
    const { error, deployment } = reading;
    return listed.has(deployment.deployment_id) ? reading : { ...reading, error: asUnseen(error, keys) };
  });
}

function isPage({ body = "" }: ApiError): boolean {
  return /^\s*</.test(body);
}

/** Turns the API's own 403 or 404 for a deployment into an UnseenError; returns other errors unchanged. */
function asUnseen(error: unknown, keys: string): unknown {
  const isUnseen = error instanceof ApiError && [403, 404].includes(error.status) && !isPage(error);
  return isUnseen ? new UnseenError(`can't be seen with ${keys}`, { cause: error }) : error;
}

/** `key …6789`; a short key shows no characters. */
function keyText({ settings }: Pick<Context, "settings">): string {
  const { apiKey } = settings.target();
  const last4 = apiKey === undefined ? null : lastFour(apiKey);
  return last4 === null ? "this key" : `key …${last4}`;
}

/** A known deployment that couldn't be read at all (8). */
export class UnknownDeploymentError extends UnknownPresenceError {
  constructor(
    readonly deployment_id: string,
    cause: unknown,
  ) {
    const hint = hintTo("to see which key is used", "auth", "status");
    super(`${deployment_id} ${unreadableText(cause)}`, {
      cause,
      hint: cause instanceof UnseenError ? hint : undefined,
    });
  }

  /** True if the API refuses it: another key may see it. */
  get isUnseen(): boolean {
    return this.cause instanceof UnseenError;
  }
}

/** The reason why a deployment can't be seen or read, as it follows the name. */
export function unreadableText(error: unknown): string {
  return error instanceof UnseenError ? error.message : `can't be read: ${messageOf(error)}`;
}

/** Returns `dep_1 can't be seen with key …6789`, or why it can't be read. */
export function unknownDeployment(
  context: Pick<Context, "settings">,
  { deployment_id, cause }: { deployment_id: string; cause: unknown },
): UnknownDeploymentError {
  return new UnknownDeploymentError(deployment_id, asUnseen(cause, keyText(context)));
}

/** Returns that error if the API refuses the deployment, and any other unchanged, except a 404. */
export function deploymentError(
  context: Pick<Context, "settings">,
  of: { deployment_id: string; cause: unknown },
) {
  const unknown = unknownDeployment(context, of);
  return unknown.isUnseen ? unknown : withoutNotFound(of.cause);
}

/** Turns a foreign 404, such as a proxy's page, into an unknown presence (8); returns other errors unchanged. */
export function withoutNotFound(error: unknown): unknown {
  if (!(error instanceof NotFoundError)) return error;
  return new PartialFailureError(messageOf(error), { hint: addressHint, cause: error });
}
