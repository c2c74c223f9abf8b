import { declareCommand } from "../../command/declaration.js";
import { commandLine } from "../../command-line/next-command.js";
import { column, pipedFields } from "../../output/columns.js";
import { printList } from "../../output/print-list.js";
import { createPrinter } from "../../output/printer.js";
import type { Column } from "../../output/render-table.js";
import { configPath, credentialsPath, readConfig, readCredentials } from "../../settings/config-file.js";
import { lastFour } from "../../settings/key.js";
import type { Settings } from "../../settings/settings.js";

/** A saved profile, unaffected by flags and variables. */
export interface ProfileRow {
  profile: string;
  in_use: boolean;
  api_url: string | null;
  deployment: string | null;
  key: { last4: string | null; origin: string } | null;
}

const columns: Column<ProfileRow>[] = [
  column("profile", (row) => row.profile, { steps: { 9: 12, 11: 1 } }),
  column("in_use", (row) => (row.in_use ? "yes" : ""), {
    title: "IN USE",
    steps: { 3: { sign: (row) => (row.in_use ? "*" : "") }, 10: "hidden" },
  }),
  column("deployment", (row) => row.deployment ?? "", { steps: { 8: "hidden" } }),
  column("key", shownKey, { steps: { 7: "hidden" }, piped: (row) => row.key?.last4 ?? "" }),
  column("origin", (row) => row.key?.origin ?? "", {
    title: "FOR",
    steps: { 1: (row) => withoutScheme(row.key?.origin), 4: "hidden" },
  }),
  column("api_url", (row) => row.api_url ?? "", {
    title: "API",
    steps: { 2: (row) => withoutScheme(row.api_url), 5: 20, 6: "hidden" },
  }),
];

export const command = declareCommand({
  effect: "reads",
  help: {
    about: "Show profiles with the last 4 characters of their keys, and where settings and data are stored.",
    use: "See which profiles exist, which one is used, and where settings, keys and data are stored. To move the folders, set HERM_CONFIG_DIR and HERM_DATA_DIR.",
    inPipe: `one line per profile: ${pipedFields(columns)}; the files are listed on stderr`,
    examples: ["herm config list", "herm config list --output json"],
  },
  async run(context): Promise<void> {
    const printer = await createPrinter(context);
    const { settings } = context;
    const profiles = profileRows(settings);
    const { accessible } = readConfig(settings);
    const paths = pathsOf(settings);
    if (printer.format.whole !== undefined)
      return printer.format.whole(printer, { ...paths, accessible: accessible ?? null, profiles });
    await printList(printer, {
      items: profiles,
      columns,
      json: (row) => row,
      name: (row) => row.profile,
      empty: `no profiles yet; to create one: ${commandLine(context, ["auth", "login"])}`,
    });
    if (accessible !== undefined) printer.note(`accessible: ${accessible}`);
    for (const [what, path] of Object.entries(paths))
      if (path !== null) printer.note(`${what.replaceAll("_", " ")}: ${path}`);
  },
});

function pathsOf(settings: Settings): Record<string, string | null> {
  return {
    config_dir: settings.configDir,
    config_file: configPath(settings.configDir),
    credentials_file: credentialsPath(settings.configDir),
    data_dir: settings.dataDir,
    project_file: settings.project()?.path ?? null,
  };
}

function profileRows(settings: Settings): ProfileRow[] {
  const config = readConfig(settings);
  const keys = readCredentials(settings);
  const inUse = settings.profile().name;
  const names = [...new Set([...config.profiles.keys(), ...keys.keys()])].sort();
  return names.map((profile) => {
    const stored = keys.get(profile);
    const fields = config.profiles.get(profile);
    return {
      profile,
      in_use: profile === inUse,
      api_url: fields?.api_url ?? null,
      deployment: fields?.deployment ?? null,
      key: stored === undefined ? null : { last4: lastFour(stored.key), origin: stored.origin },
    };
  });
}

function withoutScheme(url: string | null | undefined): string {
  return (url ?? "").replace(/^https?:\/\//, "");
}

function shownKey({ key }: ProfileRow): string {
  if (key === null) return "none";
  return key.last4 === null ? "kept" : `…${key.last4}`;
}
