import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import type { Automation } from "../../src/api/types.js";
import { testClient } from "../api/scripted-server.js";
import { call as callApi } from "../incident/fleet.js";
import { answer, fakeApi } from "../support/fake-api.js";
import { fetchFrom, herm, startServer, temporaryFolder } from "../support/harness.js";
import { seeded } from "../support/seed.js";
import { anyDamage, damaged, describeDamage, textOf } from "./odd-answers.js";

const names = ["Weekly report", "Inbox triage", "Backup check"];

/** Two deployments with three automations each, all of which have run; one is waiting for a human. */
async function startFleet() {
  const server = await startServer();
  const call = async (method: string, path: string, body?: object) =>
    (await callApi(server, method, `/v1/${path}`, body)).body;
  const other = await call("POST", "deployments", { customer_id: "cus_9", name: "Acme", system_prompt: "x" });
  await server.advance(60);
  const deployments = ["dep_local", String(other.deployment_id)];
  const automations: { deployment: string; id: string; name: string }[] = [];
  const runs: string[] = [];
  for (const deployment of deployments) {
    for (const name of names) {
      const instructions = name === "Inbox triage" ? "@dev ask May I?" : "Look at it.";
      const fields = { name: `${name} ${deployment}`, schedule: "0 9 * * 1", instructions };
      const made = await call("POST", `deployments/${deployment}/automations`, fields);
      const id = String(made.automation_id);
      automations.push({ deployment, id, name: fields.name });
      const started = await call("POST", `deployments/${deployment}/automations/${id}/trigger`);
      runs.push(String(started.run_id));
    }
  }
  await server.advance(30);
  const listed = async (deployment: string): Promise<Automation[]> => {
    const { data } = await call("GET", `deployments/${deployment}/automations`);
    return data as Automation[];
  };
  const enabled = async (): Promise<Map<string, boolean>> => {
    const all = (await Promise.all(deployments.map(listed))).flat();
    return new Map(all.map((each) => [each.automation_id, each.enabled === true]));
  };
  return { server, deployments, automations, runs, call, listed, enabled };
}

const nonsense = /\bundefined\b|\bNaN\b|\[object Object\]|Invalid Date|\bnull\b/;

describe("one odd item in the API's responses", () => {
  it("never stops a command from showing the others", async () => {
    const { server, deployments, automations, runs } = await startFleet();
    const home = temporaryFolder();
    const random = seeded(17);
    const [first] = automations;
    const manifest = {
      automations: automations
        .slice(0, 3)
        .map(({ name }) => ({ name, schedule: "0 9 * * 1", instructions: "New." })),
    };
    writeFileSync(join(home, "herm.json"), JSON.stringify(manifest));
    const all = "--all-deployments";
    const commands: [words: string[], shows: "all" | "automations" | "runs" | "deployments" | "nothing"][] = [
      [["automations", "list", all], "automations"],
      [["automations", "list", all, "-o", "json"], "automations"],
      [["automations", "list", all, "--overdue", "--failing", "--waiting", "--sort", "next"], "nothing"],
      [["automations", "get", `${first?.deployment}/${first?.id}`], "nothing"],
      [["automations", "get", `${first?.deployment}/${first?.id}`, "-o", "json"], "nothing"],
      [["automations", "upcoming", all, "--within", "7d"], "nothing"],
      [["automations", "audit", all, "--verbose"], "nothing"],
      [["automations", "audit", all, "--verbose", "-o", "json"], "nothing"],
      [["export", "-d", "dep_local"], "nothing"],
      [["diff", "-f", "herm.json", "-d", "dep_local"], "nothing"],
      [["runs", "list", all], "runs"],
      [["runs", "list", all, "-o", "jsonl"], "runs"],
      [["automations", "audit", all, "--by", "automation"], "nothing"],
      [["runs", "show", `${first?.deployment}/${runs[0]}`], "nothing"],
      [["status", all], "nothing"],
      [["status", all, "-o", "json"], "nothing"],
      [["deployments", "list"], "deployments"],
      [["doctor"], "nothing"],
    ];
    for (let trial = 0; trial < 150; trial += 1) {
      const damage = anyDamage([...automations.map(({ id }) => id), ...runs, ...deployments], random);
      for (const tty of [false, true]) {
        const [words, shows] = commands[Math.floor(random() * commands.length)] ?? [[], "nothing"];
        const about = `${trial}: ${describeDamage(damage)} · herm ${words.join(" ")}${tty ? " on a terminal" : ""}`;
        const fetch = damaged(fetchFrom(server), damage);
        const { code, stdout, stderr } = await herm(words, {
          server,
          fetch,
          home,
          cwd: home,
          tty,
          columns: 160,
        });
        expect(stderr, about).not.toContain("a bug in herm");
        if (!words.includes("json") && !words.includes("jsonl")) expect(stdout, about).not.toMatch(nonsense);
        const ids = { automations: automations.map(({ id }) => id), runs, deployments, all: [], nothing: [] }[
          shows
        ];
        // A deployment whose own entry is lost can't be read.
        const isLost =
          damage.victim?.startsWith("dep_") === true && ["", "deployment_id"].includes(damage.field);
        if (isLost || tty || shows === "nothing") continue;
        expect([0, 8], about).toContain(code);
        const hidden = shows === "runs" && damage.victim?.startsWith("auto_");
        for (const id of ids) if (id !== damage.victim && !hidden) expect(stdout, about).toContain(id);
      }
    }
  }, 240_000);

  it("never prevents a pause or resume of the others", async () => {
    const random = seeded(4);
    const { server, automations, call, enabled } = await startFleet();
    for (let trial = 0; trial < 60; trial += 1) {
      const damage = anyDamage(
        automations.map(({ id }) => id),
        random,
      );
      const about = `${trial}: ${describeDamage(damage)}`;
      const options = { server, home: temporaryFolder(), fetch: damaged(fetchFrom(server), damage) };
      const others = automations.filter(({ id }) => id !== damage.victim).map(({ id }) => id);
      const stateOf = async (wanted: boolean) => {
        const now = await enabled();
        return others.filter((id) => now.get(id) !== wanted);
      };
      const paused = await herm(
        ["automations", "pause", "--all-deployments", "--incident", "i", "--yes"],
        options,
      );
      expect(paused.stderr, about).not.toContain("a bug in herm");
      expect(`${paused.stdout}${paused.stderr}`, about).not.toMatch(nonsense);
      expect(await stateOf(false), about).toEqual([]);
      const shown = await herm(["incidents", "show", "i"], options);
      expect(shown.stderr, about).not.toContain("a bug in herm");
      expect(`${shown.stdout}${shown.stderr}`, about).not.toMatch(nonsense);
      expect([0, 8], about).toContain(shown.code);
      const resumed = await herm(["automations", "resume", "--incident", "i", "--yes"], options);
      expect(resumed.stderr, about).not.toContain("a bug in herm");
      expect(`${resumed.stdout}${resumed.stderr}`, about).not.toMatch(nonsense);
      expect(await stateOf(true), about).toEqual([]);
      const victim = automations.find(({ id }) => id === damage.victim);
      if (victim !== undefined)
        await call("PATCH", `deployments/${victim.deployment}/automations/${victim.id}`, { enabled: true });
    }
  }, 240_000);

  it("never prevents apply from changing the others", async () => {
    const random = seeded(9);
    const { server, automations, call, listed } = await startFleet();
    const mine = automations.filter(({ deployment }) => deployment === "dep_local");
    for (let trial = 0; trial < 40; trial += 1) {
      const damage = anyDamage(
        mine.map(({ id }) => id),
        random,
      );
      const about = `${trial}: ${describeDamage(damage)}`;
      const wanted = `Look again, ${trial}.`;
      const items = mine.map(({ name }) => ({ name, schedule: "0 9 * * 1", instructions: wanted }));
      const { stderr } = await herm(["apply", "-f", "-", "-d", "dep_local", "--yes"], {
        server,
        home: temporaryFolder(),
        stdin: JSON.stringify({ automations: items }),
        fetch: damaged(fetchFrom(server), damage),
      });
      expect(stderr, about).not.toContain("a bug in herm");
      for (const { deployment, id } of mine) {
        if (id === damage.victim) continue;
        const { instructions } = await call("GET", `deployments/${deployment}/automations/${id}`);
        expect(instructions, about).toBe(wanted);
      }
      // Removes everything that was created beside the victim.
      const others = (await listed("dep_local")).filter(
        (each) => !mine.some(({ id }) => id === each.automation_id),
      );
      for (const { automation_id } of others)
        await call("DELETE", `deployments/dep_local/automations/${automation_id}`);
    }
  }, 240_000);
});

describe("a too deeply nested response", () => {
  const deep = `${"[".repeat(5_000)}${"]".repeat(5_000)}`;

  it.each([
    "automations list -o json",
    "automations list --all-deployments -o jsonl",
    "automations get Inbox* -o json",
    "automations upcoming",
    "automations audit",
    "export",
    "diff -f -",
    "apply -f - --yes",
    "automations pause --all --yes",
    "automations pause --all --incident i --yes",
    "automations catch-up --since 1d --yes",
    "automations create --name N --schedule @daily --instructions x",
    "runs list -o json",
    "automations audit --by automation",
    "status -o json",
    "deployments list -o json",
    "automations trigger Inbox* --no-follow",
    "doctor",
  ])("is rejected like any odd response: %s", async (words) => {
    const { server, automations, enabled } = await startFleet();
    const served = fetchFrom(server);
    const fetch: FetchLike = async (url, init) => {
      const whole = await served(url, init);
      const text = await textOf(whole);
      return answer(whole.status, text.replace(/\}$/, `,"more":${deep}}`), "application/json");
    };
    const stdin = JSON.stringify({ automations: [{ name: "N", schedule: "@daily", instructions: "x" }] });
    const argv = words.replace("Inbox*", `dep_local/${automations[1]?.id}`).split(" ");
    const env: Record<string, string> = words.includes("--all") ? {} : { HERM_DEPLOYMENT: "dep_local" };
    const { code, stdout, stderr } = await herm(argv, { server, fetch, stdin, env });
    expect(`${stdout}${stderr}`).toContain("JSON nested more than 64 levels deep");
    expect(stderr).not.toMatch(/call stack|a bug in herm/);
    expect(code).not.toBe(0);
    expect([...(await enabled()).values()]).not.toContain(false);
  });

  it("is accepted as text in an event", async () => {
    const text = `event: token
id: evt_1
data: {"more":${deep}}

`;
    const { herm: client } = testClient("http://127.0.0.1", {
      fetch: async () => answer(200, text, "text/event-stream"),
    });
    const stream = await client.deployments.events.stream("dep_1");
    const events: unknown[] = [];
    for await (const event of stream) {
      events.push(event);
      break;
    }
    expect(events).toEqual([{ event: "token", id: "evt_1", data: `{"more":${deep}}` }]);
  });
});

describe("odd values in an event", () => {
  const names = [
    "token",
    "tool_call",
    "tool_result",
    "steering_request",
    "filesystem",
    "run_status",
    "other",
  ];
  const fields = [
    "run_id",
    "thread_id",
    "delta",
    "tool",
    "arguments",
    "result",
    "summary",
    "status",
    "error",
    "path",
  ];
  const odd: unknown[] = [null, 7, "", [], [null], {}, { toString: 1, toJSON: 2 }, true, undefined];

  it("never cause an internal error in commands that print or follow it", async () => {
    const random = seeded(3);
    const anyOf = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)];
    const commands = [
      ["automations", "trigger", "dep_1/auto_1", "--follow"],
      ["automations", "trigger", "dep_1/auto_1", "--follow", "-o", "json"],
    ];
    for (let trial = 0; trial < 25; trial += 1) {
      const events = names.map((name): [string, object] => {
        const data = {
          status: "running",
          [anyOf(fields) ?? ""]: anyOf(odd),
          [anyOf(fields) ?? ""]: anyOf(odd),
        };
        return [name, data];
      });
      events.push(["run_status", { status: "completed" }]);
      for (const words of commands) {
        const fetch = fakeApi({ text: "x", events, runStatus: "running" });
        for (const tty of [false, true]) {
          const { stderr } = await herm(words, { key: "key_of_the_tests", tty, fetch });
          expect(stderr, JSON.stringify([words, events])).not.toContain("a bug in herm");
        }
      }
    }
  }, 240_000);
});
