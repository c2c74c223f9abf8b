import { beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { herm } from "../support/harness.js";
import { show } from "../support/terminal.js";
import { terminalTexts } from "../support/terminal-texts.js";

const commands = ["automations list", "automations get", "automations update"] as const;
const control = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]|\p{Bidi_Control}|\p{Surrogate}/u;
/** A third of the attacks: each kind of text goes through every command; the functions' own tests use all of them. */
const attacks = terminalTexts.attacks.filter((_attack, index) => index % 3 === 0);

let server: EmbeddedServer;
const ids: string[] = [];

beforeAll(async () => {
  server = await embedDevServer({});
  for (const { text } of attacks) {
    const body = JSON.stringify({ name: text, schedule: "0 9 * * 1", instructions: `${text}\n${text}` });
    const answer = await server.fetch(
      new Request("http://127.0.0.1/v1/deployments/dep_local/automations", {
        method: "POST",
        headers: { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" },
        body,
      }),
    );
    ids.push(JSON.parse(await answer.text()).automation_id);
  }
  return () => server.close();
});

function words(command: (typeof commands)[number], id: string): string[] {
  const more = {
    "automations list": [],
    "automations get": [id],
    "automations update": [id, "--name", `new ${id}`],
  };
  return [...command.split(" "), ...more[command], "-d", "dep_local"];
}

describe("a server's text in command output", () => {
  it.each(commands)("can't control a terminal: %s", async (command) => {
    for (const id of command === "automations list" ? ids.slice(0, 1) : ids) {
      const { code, stdout, stderr } = await herm(words(command, id), {
        server,
        tty: true,
        columns: 120,
        env: { NO_COLOR: "1" },
      });
      const screen = await show(`${stdout}${stderr}`, { columns: 4000 });
      expect(code).toBe(0);
      expect(screen.effects).toEqual([]);
      expect(`${stdout}${stderr}`).not.toMatch(control);
    }
  });

  it("leaves rows and values intact in a pipe", async () => {
    const table = await herm(["automations", "list", "-d", "dep_local"], { server });
    expect(table.stdout.split("\n")).toHaveLength(ids.length + 1);
    for (const row of table.stdout.trim().split("\n")) expect(row.split("\t")).toHaveLength(6);
    expect(table.stdout).not.toMatch(control);
    const { stdout } = await herm(["automations", "list", "-d", "dep_local", "-o", "jsonl"], { server });
    expect(stdout).not.toMatch(control);
    const listed = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).automation_id);
    expect(new Set(listed)).toEqual(new Set(ids));
  });

  it("contains no GitHub Actions command, on stdout, stderr or in errors", async () => {
    const env = { GITHUB_ACTIONS: "true" };
    const missing = await herm(["automations", "get", "-d", "dep_local", "::error::x ##[group]y"], {
      server,
      env,
    });
    expect(missing.code).toBe(4);
    expect(missing.stderr).toContain("##\u200b[group]y");
    const { stdout, stderr } = await herm(
      ["automations", "update", "-d", "dep_local", ids[0] ?? "", "--name", "##[error]z"],
      {
        server,
        env,
      },
    );
    expect(`${stdout}${stderr}`).toContain("##\u200b[error]z");
    const json = await herm(["automations", "get", "-d", "dep_local", ids[0] ?? "", "-o", "json"], {
      server,
      env,
    });
    expect(json.stdout).toContain("#\\u0023[error]z");
    for (const text of [missing.stderr, stdout, stderr, json.stdout])
      expect(text).not.toMatch(/##\[|^\s*::/m);
  });
});
