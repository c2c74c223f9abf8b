import { nearMisses } from "../../near-misses.js";
import { excerpt, type Mistake } from "../mistake.js";
import type { ManifestNode } from "./document.js";
import { isManifestKey } from "./folder.js";
import { rootKeys } from "./manifest.js";

const mostNamed = 4;

/** The mistake of a given file that has no key of a manifest at its top, nor one nearly so. */
export function whyNoManifest(root: ManifestNode | undefined): Omit<Mistake, "position"> | undefined {
  const entries = root?.kind === "map" ? root.entries : [];
  const keys = entries.map(({ key }) => excerpt(String(key.value)));
  const isNearly = (key: string) => isManifestKey(key) || nearMisses(key, rootKeys).length > 0;
  if (keys.length === 0 || keys.some(isNearly)) return undefined;
  const has = `${keys.slice(0, mostNamed).join(", ")}${keys.length > mostNamed ? ", …" : ""}`;
  const message = `a manifest needs automations or removed at its top; this has ${has}`;
  const isFlat = entries.every(({ value }) => value.kind === "scalar");
  return { message, suggestion: isFlat ? "--values takes a file of values" : undefined };
}

export function whyNoValues(root: ManifestNode | undefined): string | undefined {
  const isManifest =
    root?.kind === "map" &&
    root.entries.some(({ key, value }) => isManifestKey(key.value) && value.kind === "list");
  return isManifest ? "this looks like a manifest, which --file takes" : undefined;
}
