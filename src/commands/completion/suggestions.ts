import { join } from "node:path";
import { innerController } from "../../api/abort.js";
import type { HermClient } from "../../api/client.js";
import { isObject } from "../../api/json.js";
import type { CompletionKind } from "../../command/flags.js";
import type { Context } from "../../context/context.js";
import { automationPages } from "../../fleet/lists.js";
import { take } from "../../fleet/prefetch.js";
import { parseRef } from "../../fleet/refs.js";
import { skillPages } from "../../help/skill/skill-pages.js";
import { IncidentFolder } from "../../incident/incident-folder.js";
import { cachedRuns } from "../../runs/find.js";
import { profileFields, readConfig } from "../../settings/config-file.js";
import { redactTexts } from "../../settings/key.js";
import { defaultProfile, exampleProfile, localProfile } from "../../settings/profile-name.js";

export interface Suggestion {
  word: string;
  about?: string | undefined;
}

/** `current` only decides between ids and names. */
export async function suggestionsOf(
  context: Context,
  kind: CompletionKind | undefined,
  current: string,
): Promise<readonly Suggestion[] | "files"> {
  switch (kind) {
    case "deployments":
      return deployments(await knownNames(context), current);
    case "customers":
      return customers(await knownNames(context));
    case "exceptions": {
      const known = await knownNames(context);
      return [...deployments(known, current), ...customers(known), ...refs(known, current)];
    }
    case "refs":
      return refs(await knownNames(context), current);
    case "runs":
      return runs(context, await knownNames(context));
    case "runs or refs":
      return current.startsWith("run_")
        ? runs(context, await knownNames(context))
        : refs(await knownNames(context), current);
    case "incidents":
      return new IncidentFolder(context.settings)
        .list()
        .known.map(({ state }) => redactTexts(state.head, context.settings))
        .map(({ incident, reason }) => ({ word: incident, about: reason ?? undefined }));
    case "changes":
      return changes(context);
    case "changes or refs":
      return current.startsWith("c_") ? changes(context) : refs(await knownNames(context), current);
    case "profiles":
      return profiles(context);
    case "settings":
      return words("profile", "accessible", ...profileFields);
    case "shells":
      return words("bash", "zsh", "fish");
    case "skill pages":
      return skillPages.map(({ name, summary }) => ({ word: name, about: summary }));
    case "zones":
      return words("local", "UTC", ...Intl.supportedValuesOf("timeZone"));
    case "reports":
      return current.includes("=") ? "files" : words("junit=", "markdown=");
    case "files":
      return "files";
    // words.ts uses the earlier words to decide which.
    case "commands":
    case undefined:
      return [];
  }
}

function words(...each: readonly string[]): Suggestion[] {
  return each.map((word) => ({ word }));
}

/** Ids, or names if the text typed so far starts one. */
function deployments({ deployments: known }: KnownNames, current: string): Suggestion[] {
  const ids = known.map(({ id, name }) => ({ word: id, about: name }));
  const names = known.map(({ id, name }) => ({ word: name, about: id }));
  return current === "" ? ids : [...ids, ...names];
}

function customers({ deployments: known }: KnownNames): Suggestion[] {
  return [...new Set(known.map(({ customer }) => customer))].map((word) => ({ word }));
}

/**
 * Names, each as a ref to one automation. A name that deployments share is prefixed with the deployment's, unless the
 * user is typing it, since the command then asks. Ids if an id is being typed, or a deployment has the name twice.
 */
function refs({ automations, deployments: known }: KnownNames, current: string): Suggestion[] {
  if (current.startsWith("auto_")) return automations.map(({ id, name }) => ({ word: id, about: name }));
  const isSeveral = new Set(automations.map(({ deployment_id }) => deployment_id)).size > 1;
  const found = automations.map(({ id, name, deployment_id }) => {
    const alike = automations.filter((each) => each.name === name);
    const place = known.find((each) => each.id === deployment_id)?.name;
    if (alike.filter((each) => each.deployment_id === deployment_id).length > 1)
      return { word: isSeveral ? `${deployment_id}/${id}` : id, about: name };
    const word = parsedName(name) === name && !name.startsWith("-") ? name : `name:${name}`;
    if (alike.length === 1) return { word };
    return current !== "" && word.startsWith(current)
      ? { word, about: `in ${alike.length} deployments` }
      : { word: `${place || deployment_id}/${name}`, about: id };
  });
  return [...new Map(found.map((each) => [each.word, each])).values()];
}

function parsedName(text: string): string | undefined {
  try {
    return parseRef(text).name;
  } catch {
    return undefined;
  }
}

const mostRuns = 20;

/** The last runs seen from here, each with its automation. */
function runs({ settings }: Context, { automations }: KnownNames): Suggestion[] {
  return cachedRuns(settings)
    .slice(-mostRuns)
    .toReversed()
    .map(({ run_id, automation_id }) => ({
      word: run_id,
      about: automations.find(({ id }) => id === automation_id)?.name ?? automation_id,
    }));
}

const mostChanges = 20;

async function changes({ settings }: Context): Promise<Suggestion[]> {
  const [{ readChanges }, { whatText }] = await Promise.all([
    import("../../history/read.js"),
    import("../history/change-text.js"),
  ]);
  const found: Suggestion[] = [];
  for (const change of readChanges(settings)) {
    found.push({ word: change.id, about: whatText(redactTexts(change, settings)) });
    if (found.length === mostChanges) break;
  }
  return found;
}

function profiles({ settings }: Context): Suggestion[] {
  return words(defaultProfile, localProfile, exampleProfile, ...readConfig(settings).profiles.keys());
}

interface KnownNames {
  /** Automations in the current deployment or, if none is set, in all of them. */
  automations: readonly { id: string; name: string; deployment_id: string }[];
  deployments: readonly { id: string; name: string; customer: string }[];
}

interface CachedNames extends KnownNames {
  scope: string;
  /** The time, in ms since 1970, until which the server isn't asked again. */
  freshUntil: number;
}

const cachedMs = 60_000;
/** Milliseconds before asking again a server that wasn't there. */
const restMs = 10_000;
const longestWaitMs = 700;
const most = 1_000;
const mostDeployments = 50;
const none: KnownNames = { automations: [], deployments: [] };

/** Names read within the last minute, read quickly now, or kept from the last read. Never throws or starts a server. */
async function knownNames(context: Context): Promise<KnownNames> {
  try {
    const { isLocal, keyProblem } = context.settings.target();
    if (!isLocal && keyProblem !== undefined) return none;
    const path = join(context.settings.dataDir, "completion.json");
    const scope = `${context.settings.apiUrl() ?? context.settings.profile().name} ${context.settings.deployment()?.ref ?? ""}`;
    const cached = cachedNames(context, path, scope);
    const now = context.now().getTime();
    if (cached !== undefined && now < cached.freshUntil && cached.freshUntil <= now + cachedMs) return cached;
    const fresh = await readNow(context).catch(() => undefined);
    const isRead = fresh !== undefined;
    const known = fresh ?? cached ?? none;
    const { automations, deployments } = known;
    const freshUntil = now + (isRead ? cachedMs : restMs);
    cache(context, path, { scope, freshUntil, automations, deployments });
    return known;
  } catch {
    return none;
  }
}

async function readNow(context: Context): Promise<KnownNames | undefined> {
  const client = await context.clientIfUp();
  if (client === undefined) return undefined;
  const asking = innerController(context.signal, AbortSignal.timeout(longestWaitMs));
  try {
    return await askFor(client, { chosen: context.settings.deployment()?.ref, signal: asking.signal });
  } finally {
    asking.abort();
  }
}

async function askFor(
  client: HermClient,
  { chosen, signal }: { chosen: string | undefined; signal: AbortSignal },
): Promise<KnownNames> {
  const deployments = [];
  for await (const each of take(client.deployments.list({ limit: 100 }, { signal }), most)) {
    deployments.push({ id: each.deployment_id, name: each.name ?? "", customer: each.customer_id ?? "" });
  }
  const named = deployments.filter(
    ({ id, name }) => chosen === undefined || id === chosen || name === chosen,
  );
  const lists = await Promise.allSettled(
    named.slice(0, mostDeployments).map(async ({ id: deployment_id }) => {
      const found: KnownNames["automations"][number][] = [];
      for await (const { data } of automationPages(client, deployment_id, { signal })) {
        found.push(...data.map(({ automation_id: id, name }) => ({ id, name: name ?? "", deployment_id })));
        if (found.length >= most) break;
      }
      return found.slice(0, most);
    }),
  );
  // Slow lists are left out. If there is only one deployment, throwing makes its last names be used instead.
  const [first] = lists;
  if (lists.length === 1 && first?.status === "rejected") throw first.reason;
  const automations = lists.flatMap((list) => (list.status === "fulfilled" ? list.value : []));
  return { automations: automations.slice(0, most), deployments };
}

function cachedNames({ settings }: Context, path: string, scope: string): CachedNames | undefined {
  try {
    const cached: unknown = JSON.parse(settings.files.read(path) ?? "null");
    return isObject(cached) && cached.scope === scope ? (cached as unknown as CachedNames) : undefined;
  } catch {
    return undefined;
  }
}

function cache({ settings }: Context, path: string, names: CachedNames): void {
  try {
    settings.files.write(path, JSON.stringify(names));
  } catch {
    // If the disk can't be written to, names are read each time.
  }
}
