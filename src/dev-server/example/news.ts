import { platform } from "node:os";
import { fleet } from "./fleet.js";

/** The example is there for the first time, or in place of one that couldn't be read. */
export type ExampleNews = "new" | "replaced";

const setting = "export HERM_PROFILE=example";
const windowsSetting = '$env:HERM_PROFILE="example" (in cmd: set HERM_PROFILE=example)';

/** Lines for the first start of the example: what it is, and where to begin, with the export that the commands need. */
export function exampleNews(
  news: ExampleNews | undefined,
  { HERM_PROFILE }: { HERM_PROFILE?: string | undefined },
): string[] {
  if (news === undefined) return [];
  const automations = fleet.flatMap((deployment) => deployment.automations).length;
  const customers = new Set(fleet.map(({ customer }) => customer)).size;
  return [
    ...(news === "replaced" ? ["the example could not be read, and was recreated"] : []),
    `${customers} customers, ${automations} automations · what to try: herm help local-server`,
    ...(HERM_PROFILE === "example" ? [] : [`first: ${platform() === "win32" ? windowsSetting : setting}`]),
  ];
}
