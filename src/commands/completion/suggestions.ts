import type { CompletionKind } from "../../command/arguments.js";
import type { Context } from "../../context.js";
import { parseRef } from "../../fleet/refs.js";
import { skillPages } from "../../help/skill/pages.js";
import { IncidentFolder } from "../../incident/incident-folder.js";
import { cachedRuns } from "../../runs/run-cache.js";
import { profileFields, readConfig } from "../../settings/config-file.js";
import { defaultProfile, exampleProfile, localProfile } from "../../settings/profile-name.js";
import { redactTexts } from "../../settings/redact.js";
import { type KnownNames, knownNames } from "./known-names.js";

export interface Suggestion {
  word: string;
  about?: string | undefined;
}

/** `current` only chooses between ids and names. */
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
    // The words before say which: words.ts looks there.
    case "commands":
    case undefined:
      return [];
  }
}

function words(...each: readonly string[]): Suggestion[] {
  return each.map((word) => ({ word }));
}

/** Ids; names where a name was begun. */
function deployments({ deployments: known }: KnownNames, current: string): Suggestion[] {
  const ids = known.map(({ id, name }) => ({ word: id, about: name }));
  const names = known.map(({ id, name }) => ({ word: name, about: id }));
  return current === "" ? ids : [...ids, ...names];
}

function customers({ deployments: known }: KnownNames): Suggestion[] {
  return [...new Set(known.map(({ customer }) => customer))].map((word) => ({ word }));
}

/**
 * Names, as a ref that means just this one: behind its deployment's name where others have the name elsewhere, but once a
 * name was begun, of which the command asks. Ids where an id was begun, or several of one deployment have the name.
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

/** The last runs that were seen from here, each with its automation. */
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
