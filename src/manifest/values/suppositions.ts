import { isDeploymentId } from "../../fleet/refs.js";
import type { Audience, AudienceRef, DeploymentValues } from "./variables.js";

/** No id, name or customer: no file can hold it. */
const unknown = "\0";
const anyone: DeploymentValues = {
  "deployment.id": unknown,
  "deployment.name": unknown,
  "deployment.customer_id": unknown,
};

/** Deployments that may be of all these audiences, one at least for each ref of a `for`; none where none can be. */
export function suppositions(audiences: readonly Audience[]): DeploymentValues[] {
  let found = [anyone];
  const known: Audience[] = [];
  for (const audience of audiences) {
    known.push(audience);
    const { forRefs: refs = [] } = audience;
    const isOfAll = (supposed: DeploymentValues) =>
      known.every((each) => each.rankFor(supposed) !== undefined);
    const meet = (supposed: DeploymentValues, ref: AudienceRef) => meetings(supposed, ref).find(isOfAll);
    const kept = found.flatMap((each) =>
      isOfAll(each) ? each : (firstOf(refs, (ref) => meet(each, ref)) ?? []),
    );
    const added = refs.flatMap((ref) => firstOf(found, (each) => meet(each, ref)) ?? []);
    found = [...new Map([...kept, ...added].map((each) => [Object.values(each).join("\n"), each])).values()];
  }
  return found;
}

/** Deployments that a ref may mean which are also the supposed one; a glob is its own name. */
function meetings(supposed: DeploymentValues, { kind, ref }: AudienceRef): DeploymentValues[] {
  if (kind === "deployment" && !isDeploymentId(ref)) {
    const name = supposed["deployment.name"];
    const names = name === unknown ? [ref] : [ref, name, name + ref, ref + name];
    return names.map((each) => ({ ...supposed, "deployment.name": each }));
  }
  const key = kind === "customer" ? "deployment.customer_id" : "deployment.id";
  return supposed[key] === unknown ? [{ ...supposed, [key]: ref }] : supposed[key] === ref ? [supposed] : [];
}

function firstOf<Item, Found>(
  items: readonly Item[],
  find: (item: Item) => Found | undefined,
): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
