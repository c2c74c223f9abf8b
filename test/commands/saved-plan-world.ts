import { join } from "node:path";
import type { HermOptions } from "../support/harness.js";
import { type ManifestServer, startManifestServer } from "./manifest-server.js";

export const here = ["-d", "dep_local"];
export const item = (name: string, rest: Record<string, unknown> = {}) => ({
  name,
  schedule: "0 9 * * 1",
  instructions: `Do ${name}.`,
  ...rest,
});

interface Row {
  action: string;
  name: string;
  result?: string;
  error?: string;
}

/** Rows of JSON output in short: `create A done`, `update B failed: …`. */
export function short(stdout: string): string[] {
  return (JSON.parse(stdout) as Row[]).map(({ action, name, result, error }) =>
    [action, name, result && (error === undefined ? result : `${result}: ${error}`)]
      .filter(Boolean)
      .join(" "),
  );
}

/** A server with what `there` holds, and a saved plan that makes it what `wanted` says. */
export async function planned(there: readonly object[], wanted: object, words: readonly string[] = []) {
  const made = await startManifestServer();
  const ids = new Map<string, string>();
  for (const fields of there) {
    const { name, automation_id } = await made.create(fields);
    ids.set(String(name), automation_id);
  }
  made.write({ "herm.json": JSON.stringify(wanted) });
  await made.writes();
  const saving = await made.run(["apply", "-f", "herm.json", ...here, "--plan-out", "plan.json", ...words]);
  const apply = (more: readonly string[] = [], options: HermOptions = {}) =>
    made.run(["apply", "--plan", "plan.json", ...more], options);
  return { ...made, ids, saving, apply, file: join(made.cwd, "plan.json") };
}

export const change = ({ call }: ManifestServer, id: string | undefined, fields: object) =>
  call("PATCH", `/v1/deployments/dep_local/automations/${id}`, fields);
