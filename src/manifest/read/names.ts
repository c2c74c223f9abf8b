import { groupBy } from "../group-by.js";
import { excerpt, type FilePlace, type Mistakes } from "../mistake.js";

/** One automation's names in a deployment, as far as they are known. */
export interface NamedItem {
  name: string;
  place: FilePlace;
  formerly?: { name: string; place: FilePlace };
  id?: string | undefined;
}

/** What shall be gone: a name or an id. */
export interface NamedRemoval {
  ref: string;
  place: FilePlace;
}

/** Says what can't all be true in one deployment: a name twice, a name that is wanted and removed, an old name that is another's. */
export function checkNames(
  { items, removed }: { items: readonly NamedItem[]; removed: readonly NamedRemoval[] },
  mistakes: Mistakes,
): void {
  const byName = groupBy(items, (item) => item.name);
  const formerNames = items.flatMap(({ formerly }) => (formerly === undefined ? [] : [formerly]));
  const byFormerName = groupBy(formerNames, (former) => former.name);
  const byId = groupBy(
    items.filter((item) => item.id !== undefined),
    (item) => item.id ?? "",
  );
  for (const [name, [first, ...others]] of byName) {
    if ([first, ...others].every((item) => item?.id !== undefined)) continue;
    for (const { place } of others) add(place, `"${excerpt(name)}" appears twice`, first);
  }
  for (const [id, [first, ...others]] of byId) {
    for (const { place } of others) add(place, `${id} appears twice`, first);
  }
  for (const [name, [first, ...others]] of byFormerName) {
    const owner = byName.get(name)?.[0];
    if (owner !== undefined) add(first?.place, `formerly "${excerpt(name)}" is also a current name`, owner);
    for (const { place } of others) add(place, `formerly "${excerpt(name)}" appears twice`, first);
  }
  for (const { ref, place } of removed) {
    const kept = byName.get(ref)?.[0] ?? byId.get(ref)?.[0] ?? byFormerName.get(ref)?.[0];
    if (kept !== undefined) add(place, `"${excerpt(ref)}" is both in removed and in automations`, kept);
  }

  function add(place: FilePlace | undefined, message: string, other: { place: FilePlace } | undefined): void {
    if (place === undefined || other === undefined) return;
    const { file, line } = other.place;
    const where = file === place.file ? `line ${line}` : `${file}:${line}`;
    mistakes.add({ place, message, suggestion: `the other one: ${where}` });
  }
}
