import type { Automation } from "../api/types.js";
import { type Hint, NothingFoundError, NotPossibleError } from "../errors/cli-errors.js";
import { askWhetherMeant, nearMisses } from "../errors/near-misses.js";
import {
  itemKey,
  type ParsedRef,
  type PrefixReading,
  parseRef,
  prefixReadings,
  seeAutomationsNamed,
} from "./refs.js";
import { ambiguousNameError } from "./selection.js";

export interface RefDeployment {
  deployment_id: string;
  /** The deployment's name; null if it has none, in which case refs need its id. */
  deployment_name?: string | null | undefined;
  /** True if this deployment is searched only for refs that name it. */
  isOnlyNamed?: boolean;
  automations: readonly Automation[];
}

interface FoundRef {
  deployment_id: string;
  automation: Automation;
}

/**
 * Resolves refs to automations across deployments, each automation once; a name may match one in each deployment
 * (src/commands/README.md, "Refs"). Throws NothingFoundError for a ref that matches nothing, and NotPossibleError for
 * one that matches several in a deployment, or in more than one way.
 */
export function resolveRefs(refs: readonly string[], candidates: readonly RefDeployment[]): FoundRef[] {
  const found = refs.flatMap((ref) => resolveRef(ref, candidates));
  return [...new Map(found.map((each) => [keyOf(each), each])).values()];
}

export function keysOfRefs(refs: readonly string[], candidates: readonly RefDeployment[]): string[] {
  return resolveRefs(refs, candidates).map(keyOf);
}

function keyOf({ deployment_id, automation: { automation_id } }: FoundRef): string {
  return itemKey({ deployment_id, automation_id });
}

function resolveRef(text: string, everywhere: readonly RefDeployment[]): FoundRef[] {
  const ref = parseRef(text);
  const candidates = everywhere.filter(({ deployment_id, isOnlyNamed = false }) =>
    ref.deployment_id === undefined ? !isOnlyNamed : ref.deployment_id === deployment_id,
  );
  const found = findIn(candidates, ref);
  const readings = readingsOf(ref, everywhere);
  if (found.length === 0) refuseSeveral(readings);
  const behind = readings.flatMap((reading) => findIn(reading.candidates, reading.ref));
  if (behind.length === 0 && found.length > 0) return found;
  if (behind.length === 1 && found.length === 0) return behind;
  if (behind.length > 0) throw severalWays(text, [...found, ...behind]);
  throw nothingFound(ref, { candidates, readings, everywhere });
}

interface RefReading extends PrefixReading {
  candidates: readonly RefDeployment[];
}

function readingsOf(ref: ParsedRef, everywhere: readonly RefDeployment[]): RefReading[] {
  return prefixReadings(ref)
    .map((named) => ({
      ...named,
      candidates: everywhere.filter(({ deployment_name }) => deployment_name === named.deployment),
    }))
    .filter(({ candidates }) => candidates.length > 0);
}

function refuseSeveral(readings: readonly RefReading[]): void {
  for (const { deployment, candidates } of readings) {
    if (candidates.length < 2) continue;
    const ids = candidates.map(({ deployment_id }) => deployment_id);
    throw ambiguousNameError(deployment, ids);
  }
}

function severalWays(text: string, found: readonly FoundRef[]): NotPossibleError {
  return new NotPossibleError(`${JSON.stringify(text)} matches ${found.length} automations`, {
    hint: `give one of their ids: ${found.map(keyOf).join(", ")}; name:<text> means the automation with that name`,
  });
}

function nothingFound(
  ref: ParsedRef,
  {
    candidates,
    readings,
    everywhere,
  }: {
    candidates: readonly RefDeployment[];
    readings: readonly RefReading[];
    everywhere: readonly RefDeployment[];
  },
): NothingFoundError {
  const [first] = readings;
  const what =
    first === undefined
      ? `${JSON.stringify(ref.text)} in the selection`
      : `${JSON.stringify(first.ref.name ?? first.ref.automation_id)} in ${first.deployment}`;
  const behind = readings.flatMap((reading) =>
    namesIn(reading.candidates).map((name) => `${reading.deployment}/${name}`),
  );
  const elsewhere = prefixReadings(ref).flatMap((named) => {
    const having = everywhere.filter((candidate) => namesIn([candidate]).includes(named.ref.name ?? ""));
    return nearRefs(
      named,
      having.flatMap(({ deployment_name }) => deployment_name ?? []),
    );
  });
  return new NothingFoundError(`no automation ${what}`, {
    hint: hintFor(ref.name ?? "", [...namesIn(candidates), ...behind], elsewhere, first?.deployment),
  });
}

function nearRefs({ deployment, ref }: PrefixReading, deployments: readonly string[]): string[] {
  return nearMisses(deployment, deployments).map((name) => name + ref.text.slice(deployment.length));
}

/** Resolves a name in one deployment. `deployments`: names that may precede it. Throws what `resolveRefs` throws. */
export function resolveName(
  ref: ParsedRef,
  candidate: RefDeployment,
  deployments: readonly string[] = [],
): Automation {
  const found = matchIn(candidate, ref);
  if (found !== undefined) return found;
  const { name = "" } = ref;
  const named = prefixReadings(ref);
  const isOfNone = named[0] === undefined ? "" : `, and no deployment named "${named[0].deployment}"`;
  throw new NothingFoundError(`no automation named "${name}" in ${candidate.deployment_id}${isOfNone}`, {
    hint: hintFor(
      name,
      namesIn([candidate]),
      named.flatMap((each) => nearRefs(each, deployments)),
      ref.deployment_id,
    ),
  });
}

function hintFor(
  name: string,
  names: readonly string[],
  others: readonly string[],
  deployment: string | undefined,
): Hint {
  if (/^run_\w+$/.test(name)) return (herm) => `${name} is a run: ${herm("runs", "show", name)}`;
  const near = [...new Set([...nearMisses(name, names), ...others])].slice(0, 3);
  return askWhetherMeant(near.map((each) => `"${each}"`)) ?? seeAutomationsNamed(name, deployment);
}

function findIn(candidates: readonly RefDeployment[], ref: ParsedRef): FoundRef[] {
  return candidates.flatMap((candidate) => {
    const automation = matchIn(candidate, ref);
    return automation === undefined ? [] : [{ deployment_id: candidate.deployment_id, automation }];
  });
}

function matchIn({ deployment_id, automations }: RefDeployment, ref: ParsedRef): Automation | undefined {
  const fitting = automations.filter(({ automation_id, name }) =>
    ref.automation_id === undefined ? name === ref.name : automation_id === ref.automation_id,
  );
  if (fitting.length < 2) return fitting[0];
  throw new NotPossibleError(`${fitting.length} automations in ${deployment_id} are named "${ref.name}"`, {
    hint: `give one of their ids: ${fitting.map(({ automation_id }) => automation_id).join(", ")}`,
  });
}

function namesIn(candidates: readonly RefDeployment[]): string[] {
  return candidates.flatMap(({ automations }) => automations.flatMap(({ name }) => name ?? []));
}
