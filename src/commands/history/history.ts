import type { DeploymentSummary } from "../../api/types.js";
import { declareCommand, type InputOf, requestCodes } from "../../command/declaration.js";
import { count, flag, inGroup, several, text, time } from "../../command/flags.js";
import { loadWindow } from "../../command-line/time-window.js";
import type { Context } from "../../context/context.js";
import { NothingFoundError } from "../../errors/cli-errors.js";
import { globMatcher } from "../../fleet/exclusions.js";
import { isDeploymentId, itemKey, type ParsedRef, parseRef, prefixReadings } from "../../fleet/refs.js";
import { findDeployments, listDeployments, noDeployments, type Selection } from "../../fleet/selection.js";
import { originInUse } from "../../history/api-identity.js";
import type { Change, ChangeItem } from "../../history/change.js";
import { isChangeId } from "../../history/folder.js";
import { incidentKey } from "../../history/incident-files.js";
import { readChange, readChanges } from "../../history/read.js";
import { isSameApi } from "../../incident/scope.js";
import {
  nameFlags,
  readSelection,
  refuseSelection,
  warnOfUnmatched,
} from "../../operations/selection/selection-flags.js";
import { pipedFields } from "../../output/columns.js";
import { counted, countedOf } from "../../output/count.js";
import { printList } from "../../output/print-list.js";
import { createPrinter } from "../../output/printer.js";
import { redactTexts } from "../../settings/key.js";
import { changeJson, historyColumns } from "./change-text.js";

export const command = declareCommand({
  effect: "reads",
  arguments: {
    refs: several(
      "id|ref",
      "a change to show (c_7f3kq9), or automations: ids, exact names, or <deployment>/<name>",
      {
        completes: "changes or refs",
      },
    ),
  },
  flags: {
    ...nameFlags,
    ...inGroup("Which ones", {
      since: time("only changes since a time: 12h, yesterday, 09:00, mon"),
      incident: text("name", "only this incident's changes", { completes: "incidents" }),
      reason: text("glob", "only changes whose reason matches a pattern: 'INC-42*'"),
      limit: count("at most this many", { usual: 50 }),
    }),
    ...inGroup("Output", { verbose: flag("every automation in one change, with full texts") }),
  },
  help: {
    about:
      "List changes made on this machine, newest first: who, when, what and why; or show one change in full.",
    use: "Find out who changed something and why. With an id, it shows the changes that command made, and each automation's result. It covers only changes made with this data folder.",
    notes:
      "Give an incident's name to list its pauses and resumes, or an automation's name, old or new, to list its changes. --reason accepts * and ?. History keeps at most 10,000 changes, or 256 MiB.",
    inPipe: `${pipedFields(historyColumns(new Date(0)))}; for one change, one line per automation: act, result, name, deployment and automation id, why it failed`,
    exitCodes: requestCodes({ 4: "no such change or automation" }),
    examples: [
      "herm history c_7f3kq9",
      "herm history --incident INC-42",
      "herm history --match 'Report*' --reason 'INC-42*' --output json",
    ],
  },
  run: async (context, input): Promise<void> => {
    const { refs } = input;
    const [id = ""] = refs;
    const shown = refs.length > 1 ? refs.find(isChangeId) : undefined;
    if (shown !== undefined)
      throw new NothingFoundError(`give only the change ${shown}`, {
        hint: (herm) => herm("history", shown),
      });
    const change = refs.length === 1 ? readChange(context.settings, id) : undefined;
    if (change === undefined && !isChangeId(id)) return listHistory(context, input);
    const { showChange, unknownChange } = await import("./show-change.js");
    if (change === undefined) throw unknownChange(context, id);
    await showChange(context, change);
  },
});

/** Prints matching changes. Counts those on other APIs, and warns about unreadable files. */
async function listHistory(context: Context, input: InputOf<typeof command>): Promise<void> {
  const { limit, refs } = input;
  const selection = readSelection(context, input);
  if (refs.length > 0) refuseSelection(selection);
  const { since } = (await loadWindow({ since: input.since }))(context.now());
  const printer = await createPrinter(context);
  const isHere = await currentTargetTest(context);
  const fits = await loadChangeFilter(context, refs, selection);
  const fitsReason = input.reason === undefined ? () => true : globMatcher(input.reason);
  const asked = input.incident && incidentKey(input.incident);
  const isOfIncident = ({ incident }: Change) =>
    asked === undefined || (incident !== undefined && incidentKey(incident) === asked);
  const counts = { here: 0, elsewhere: 0, broken: 0, isAtEnd: false };

  function* fitting(): Generator<Change> {
    let remaining = limit;
    const onBroken = () => {
      counts.broken += 1;
    };
    for (const change of readChanges(context.settings, { since, onBroken })) {
      if (!isHere(change)) counts.elsewhere += 1;
      else {
        counts.here += 1;
        if (!isOfIncident(change) || !fitsReason(change.reason ?? "") || !fits(change)) continue;
        if (remaining === 0) return;
        remaining -= 1;
        yield redactTexts(change, context.settings);
      }
    }
    counts.isAtEnd = true;
  }

  const place = `the history only covers changes made with the data folder ${context.settings.dataDir}`;
  await printList<Change>(printer, {
    items: fitting(),
    columns: historyColumns(context.now()),
    json: changeJson,
    name: ({ id }) => id,
    empty: async () => `${counts.here === 0 ? "no changes" : "no changes match"}: ${place}`,
    total: (found) => {
      const total = counts.isAtEnd ? found : undefined;
      return countedOf(found, "change", { limit, total, rank: "newest" });
    },
  });
  if (counts.isAtEnd) warnOfUnmatched(printer, selection);
  if (counts.elsewhere > 0)
    printer.note(
      `${counted(counts.elsewhere, "change")} on other servers not shown: to see them, use --profile, --api-url or --local`,
    );
  if (counts.broken > 0) printer.warn(`${counted(counts.broken, "history file")} can't be read`);
}

const mostWaitMs = 2_000;

/**
 * Returns a function that tells whether a change was sent to the current target. Needs no key and starts no server,
 * so a stopped local server is known only by its address.
 */
async function currentTargetTest(context: Context): Promise<(change: Pick<Change, "target">) => boolean> {
  const { origin, mayBeLocal } = originInUse(context);
  const store_id = mayBeLocal ? await storeIfUp(context) : undefined;
  const api = { origin, store_id };
  const isByAddress = mayBeLocal && store_id === undefined;
  return ({ target }) => (isByAddress ? target.origin === origin : isSameApi(target, api));
}

async function storeIfUp(context: Context): Promise<string | undefined> {
  try {
    const client = await context.clientIfUp();
    return await client?.storeId({ signal: context.signal, maxWaitMs: mostWaitMs });
  } catch (error) {
    if (context.signal.aborted) throw error;
    return undefined;
  }
}

interface FilterRef extends Pick<ParsedRef, "automation_id" | "name"> {
  deployments: ReadonlySet<string> | undefined;
}

/**
 * Loads a filter of changes by refs and selectors. Requests nothing except the list of deployments, and that only if
 * one is named, because the history also contains deleted automations. Test the newest changes first, so that a name
 * found there also finds older names. An incident's name matches its changes.
 */
async function loadChangeFilter(
  context: Context,
  texts: readonly string[],
  { deployments, customer, match, except }: Selection,
): Promise<(change: Change) => boolean> {
  const parsed = texts.map(parseRef);
  const isPlaced = parsed.some((ref) => prefixReadings(ref).length > 0);
  const isListed = isPlaced || customer !== undefined || except.values.length > 0;
  const existing = isListed ? await listDeployments(await context.client(), undefined, context.signal) : [];
  const known = new Map(existing.map((each) => [each.deployment_id, each]));
  const idsWhere = (fits: (deployment: DeploymentSummary) => boolean) =>
    existing.filter(fits).map(({ deployment_id }) => deployment_id);
  const ids =
    customer === undefined
      ? await idsOf(context, deployments)
      : idsWhere(({ customer_id }) => customer_id === customer);
  if (customer !== undefined && ids.length === 0) throw noDeployments(customer);
  const chosen = customer === undefined && deployments.length === 0 ? undefined : new Set(ids);
  const refs = parsed.flatMap((ref): FilterRef[] => [
    { ...ref, deployments: ref.deployment_id === undefined ? undefined : new Set([ref.deployment_id]) },
    ...prefixReadings(ref).flatMap(({ deployment, ref: inside }) => {
      const named = idsWhere(({ name }) => name === deployment);
      return named.length === 0 ? [] : [{ ...inside, deployments: new Set(named) }];
    }),
  ]);
  const fitsGlob = match === undefined ? undefined : globMatcher(match);
  const matched = new Set<string>();
  const fitsItem = (item: ChangeItem): boolean => {
    const { deployment_id, automation_id, name, after } = item;
    if (chosen?.has(deployment_id) === false) return false;
    const { name: deployment_name, customer_id } = known.get(deployment_id) ?? {};
    const ids = { deployment_id, automation_id: automation_id ?? undefined };
    if (except.matches({ ...ids, deployment_name, customer_id, name })) return false;
    if (matched.has(itemKey(item))) return true;
    const isNamed = (ref: FilterRef) => {
      if (ref.deployments?.has(deployment_id) === false) return false;
      if (ref.automation_id !== undefined) return ref.automation_id === automation_id;
      return ref.name === name || ref.name === after?.name;
    };
    const isMatched = fitsGlob === undefined || [name, after?.name].some((each) => each && fitsGlob(each));
    const isFound = isMatched && (refs.length === 0 || refs.some(isNamed));
    if (isFound && automation_id !== null) matched.add(itemKey(item));
    return isFound;
  };
  const isEverything =
    refs.length + except.values.length === 0 && chosen === undefined && match === undefined;
  return ({ items, incident }) => {
    if (incident !== undefined && refs.some(({ name }) => isOf(incident, name))) return true;
    // Without a filter, empty changes are shown as well. Every item is tested, because the test learns names from it.
    return items.length === 0 ? isEverything : items.filter(fitsItem).length > 0;
  };
}

function isOf(incident: string, name: string | undefined): boolean {
  return name !== undefined && incidentKey(name) === incidentKey(incident);
}

async function idsOf(context: Context, refs: readonly string[]): Promise<readonly string[]> {
  if (refs.every(isDeploymentId)) return refs;
  const found = await findDeployments(await context.client(), refs, context.signal);
  return found.map(({ deployment_id }) => deployment_id);
}
