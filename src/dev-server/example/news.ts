import { platform } from "node:os";
import { fleet } from "./fleet.js";

/** The example was newly created, or replaced an unreadable one. */
export type ExampleNews = "new" | "replaced";

const setting = "export HERM_PROFILE=example";
const windowsSetting = '$env:HERM_PROFILE="example" (in cmd: set HERM_PROFILE=example)';

/** Lines for the example's first start: its description and first steps, with the export that commands need. */
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
