import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import {
  embeddedUrl,
  type HermOptions,
  type HermResult,
  herm,
  startServer,
  temporaryFolder,
} from "./harness.js";
import { readShellLine, type ShellCommand } from "./shell-line.js";

/** A server and files on which every command line in the documentation can be run unchanged. */
export interface DocumentedWorld {
  /** Runs the `herm` commands in the line, after replacing the documents' ids and `<run>` with existing ones. */
  runLine(line: string, options?: HermOptions): Promise<HermResult>;
  server: EmbeddedServer;
}

const manifest = `automations:
  - name: Weekly video variations
    schedule: every Monday at 9am
    instructions: Make five variations.
`;

const files: Readonly<Record<string, string>> = {
  "prompt.md": "Make five variations of last week's best video.\n",
  "herm.yaml": manifest,
  "automations/weekly.yaml": manifest,
  "defaults.yaml": manifest.replace("Make five", "For ${team} make five"),
  "prod.yaml": "team: growth\n",
  "prod/values.yaml": "live: true\n",
};

export async function startDocumentedWorld(): Promise<DocumentedWorld> {
  const server = await startServer();
  const home = temporaryFolder();
  const cwd = join(home, "work");
  const call = async (path: string, body?: object): Promise<Record<string, string>> => {
    const answer = await server.fetch(
      new Request(`http://127.0.0.1/v1/${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    const fields: Record<string, string> = JSON.parse(await answer.text());
    return fields;
  };
  const create = async (name: string, instructions: string) =>
    (await call("deployments/dep_local/automations", { name, schedule: "0 9 * * 1", instructions }))
      .automation_id ?? "";
  const weekly = await create("Weekly video variations", "Make five variations.");
  const other = await create("Report to sales", "@dev ask May I send it?");
  const run = (await call(`deployments/dep_local/automations/${other}/trigger`)).run_id ?? "";
  await call(`deployments/dep_local/automations/${weekly}/trigger`);
  await server.advance(1);
  const customer = await customerOf(server);
  const ids: Record<string, string> = {
    dep_7xK9s2: "dep_local",
    auto_5cT2k9: weekly,
    auto_9mW3x1: other,
    run_8Qk2: run,
    "<run>": run,
    "<id>": "dep_local",
    "<ref>": `'Weekly video variations'`,
    "<file>": "inc-42.jsonl",
    cus_42: customer,
    cus_9: customer,
    cus_1: customer,
    "<topic>": "schedules",
    '"Aldermoor Foods/Inbox triage"': `'Weekly video variations'`,
    $HERM_DATA_DIR: ".herm",
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, ".."), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  writeFileSync(join(cwd, "key.txt"), server.apiKey);
  const runWords = (words: readonly string[], options: HermOptions) =>
    herm(words, {
      server,
      cwd,
      home,
      sleep: (ms, signal) => pause(ms, undefined, { signal }),
      ...options,
      env: { HERM_DEPLOYMENT: "dep_local", ...options.env },
    });
  /** Makes only the objects that the line needs, because an incident takes two pauses of everything. */
  const prepare = async (line: string) => {
    if (line.includes("--profile")) {
      const login = ["auth", "login", "--profile", "prod", "--with-token", "--api-url", embeddedUrl];
      await runWords(login, { stdin: server.apiKey });
      for (const [key, value] of [
        ["deployment", "dep_local"],
        ["api_url", embeddedUrl],
      ])
        await runWords(["config", "set", String(key), String(value), "--profile", "prod"], {});
    }
    const [, record] = /--record (\S+)/.exec(line.replace("$HERM_DATA_DIR", ".herm")) ?? [];
    const named = record === undefined ? [] : ["--record", record];
    if (/--prune|--record/.test(line)) await runWords(["adopt", "-f", "automations", ...named, "--yes"], {});
    if (line.includes("--file weekly.yaml") && !existsSync(join(cwd, "weekly.yaml")))
      await runWords(["export", "--match", "Weekly*", "--by-name", "--to", "weekly.yaml"], {});
    if (line.startsWith("herm automations create"))
      await runWords(["automations", "delete", weekly, "--yes"], {});
    if (line.includes("dep_9mW3x1") && ids.dep_9mW3x1 === undefined) {
      const acme = { customer_id: customer, name: "Acme", system_prompt: "x" };
      ids.dep_9mW3x1 = (await call("deployments", acme)).deployment_id ?? "";
      await server.advance(1);
    }
    if (line.startsWith("herm undo")) {
      await runWords(["automations", "pause", weekly], {});
      const { stderr } = await runWords(["undo", "last", "--dry-run"], {});
      ids.c_7f3kq9 = /c_[a-z2-9]{6}/.exec(stderr)?.[0] ?? "";
    }
    const pause = ["automations", "pause", "--all", "--incident", "INC-42", "--yes"];
    if (line.includes("INC-42") && !line.includes("pause")) await runWords(pause, {});
    if (line.includes("c_7f3kq9")) {
      await runWords(["automations", "pause", weekly], {});
      ids.c_7f3kq9 = (await runWords(["history", "--limit=1", "-o", "name"], {})).stdout.trim();
    }
    if (!line.includes("import")) return;
    const elsewhere = temporaryFolder();
    await runWords(
      ["automations", "create", "--name", "Theirs", "--schedule", "@daily", "--instructions", "Do."],
      {},
    );
    await runWords(pause, { home: elsewhere });
    const sent = readFileSync(join(elsewhere, ".local/share/herm/history/incidents/inc-42.jsonl"));
    writeFileSync(join(cwd, "inc-42.jsonl"), sent);
  };

  const runCommand = async (command: ShellCommand, stdin: string | undefined, options: HermOptions) => {
    const input =
      command.stdinFile === undefined ? stdin : readFileSync(join(cwd, command.stdinFile), "utf8");
    const [, ...words] = command.words;
    return runWords(words, {
      ...options,
      env: command.env,
      ...(input === undefined ? {} : { stdin: input }),
    });
  };

  return {
    server,
    async runLine(line, options = {}) {
      await prepare(line);
      const present = Object.entries(ids).reduce((text, [from, to]) => text.replaceAll(from, to), line);
      let result: HermResult | undefined;
      for (const command of readShellLine(present).filter(({ words }) => words[0] === "herm")) {
        result = await runCommand(command, result?.stdout, options);
      }
      if (result === undefined) throw new Error(`no herm command in: ${line}`);
      return result;
    },
  };
}

async function customerOf(server: { apiKey: string; fetch(request: Request): Promise<Response> }) {
  const headers = { authorization: `Bearer ${server.apiKey}` };
  const answer = await server.fetch(new Request("http://127.0.0.1/v1/deployments/dep_local", { headers }));
  const { customer_id }: { customer_id: string } = JSON.parse(await answer.text());
  return customer_id;
}
