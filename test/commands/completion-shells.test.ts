import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { herm, startServer } from "../support/harness.js";
import { openShell, type Shell } from "../support/shell-session.js";
import { isInstalled } from "../support/shells.js";

const names = [
  "Weekly video",
  "Report: sales",
  'it\'s $(touch owned) `id` "q"!',
  "週報まとめ",
  "evil\u001b]0;x\u0007",
];

/** The text typed before the tab, and the arguments that the command gets. */
const lines: [string, string[]][] = [
  ["automations cr", ["automations", "create"]],
  ["automations list --faili", ["automations", "list", "--failing"]],
  ["deployments list --status prov", ["deployments", "list", "--status", "provisioning"]],
  ["deployments list --status=prov", ["deployments", "list", "--status=provisioning"]],
  ["automations get -d dep_lo", ["automations", "get", "-d", "dep_local"]],
  ["automations get Week", ["automations", "get", "Weekly video"]],
  ['automations get "Week', ["automations", "get", "Weekly video"]],
  ["automations get Weekly\\ v", ["automations", "get", "Weekly video"]],
  ['automations list --deployment="dep_lo', ["automations", "list", "--deployment=dep_local"]],
  ["apply --file=some", ["apply", "--file=some-file.yaml"]],
  ["automations get Report", ["automations", "get", "Report: sales"]],
  ["automations get 'Report: s", ["automations", "get", "Report: sales"]],
  ["automations get it", ["automations", "get", names[2] ?? ""]],
  ["automations get 週", ["automations", "get", "週報まとめ"]],
  ["automations get evil", ["automations", "get", "evil"]],
  ["apply --file some", ["apply", "--file", "some-file.yaml"]],
];

// CI has at most bash; the others are tested where they are installed.
describe.each<Shell>(["bash", "zsh", "fish"])("completion in %s", (shell) => {
  it.skipIf(!isInstalled(shell))("passes the intended words to the command", async () => {
    const server = await startServer();
    const { url } = await server.listen();
    for (const name of names) {
      const flags = [`--name=${name}`, "--schedule=@daily", "--instructions=x", "-d", "dep_local"];
      await herm(["automations", "create", ...flags], { server });
    }
    const env = { HERM_API_URL: url, HERM_API_KEY: server.apiKey, HERM_DEPLOYMENT: "dep_local" };
    const session = await openShell(shell, env);
    for (const [typed, expected] of lines) expect(await session.complete(typed), typed).toEqual(expected);
  });
});

describe("completion in the bash of macOS, 3.2", () => {
  /** Disables features that it doesn't have, and passes words as it does, not split at = and :. */
  it.skipIf(!isInstalled("bash"))("replaces the right word, and leaves file names to bash", async () => {
    const { stdout: script } = await herm(["completion", "bash"]);
    const asThere = `
      enable -n compopt mapfile readarray
      ${script}
      herm() { printf '%s\\n' "$@"; }
      COMP_LINE='herm deployments list --status=prov' COMP_POINT=35 COMP_CWORD=3
      COMP_WORDS=(herm deployments list --status=prov)
      _herm herm prov list
      printf '%s\\n' "\${COMPREPLY[@]}"; complete -p herm`;
    expect(execFileSync("bash", ["-c", asThere], { encoding: "utf8" }).split("\n")).toEqual([
      ...["completion", "words", "bash", "--", "herm deployments list --status=prov", "prov"],
      "complete -o default -F _herm herm",
      "",
    ]);
  });
});
