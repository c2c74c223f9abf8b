import { groupBy } from "../group-by.js";
import { excerpt, type FilePosition, type Mistakes, otherOne } from "../mistake.js";
import type { PositionedRef } from "./manifest.js";

interface NamedItem {
  name: string;
  position?: FilePosition | undefined;
  formerly?: { name: string; position?: FilePosition | undefined } | undefined;
  id?: string | undefined;
}

/**
 * Reports contradictions in one deployment: a name twice, one both there and in `removed`, an old name that is
 * another's.
 */
export function checkNames(
  { items, removed }: { items: readonly NamedItem[]; removed: readonly PositionedRef[] },
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
    for (const { position } of others) add(position, `"${excerpt(name)}" appears twice`, first);
  }
  for (const [id, [first, ...others]] of byId) {
    for (const { position } of others) add(position, `${id} appears twice`, first);
  }
  for (const [name, [first, ...others]] of byFormerName) {
    const owner = byName.get(name)?.[0];
    if (owner !== undefined)
      add(first?.position, `formerly "${excerpt(name)}" is also a current name`, owner);
    for (const { position } of others) add(position, `formerly "${excerpt(name)}" appears twice`, first);
  }
  for (const { ref, position } of removed) {
    const desired = byName.get(ref)?.[0] ?? byId.get(ref)?.[0] ?? byFormerName.get(ref)?.[0];
    if (desired !== undefined)
      add(position, `"${excerpt(ref)}" is both in removed and in automations`, desired);
  }

  function add(
    position: FilePosition | undefined,
    message: string,
    other: Pick<NamedItem, "position"> = {},
  ): void {
    if (position === undefined || other.position === undefined) return;
    mistakes.add({ position, message, suggestion: otherOne(other.position, position) });
  }
}
