import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { addAutomation, call } from "../incident/fleet.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { filesBelow } from "./leaks.js";

/** A key for another profile than the one in use, which counts just as much. */
const key = "prism_live_4f9kq2zt7lw8xb3m";
const auto = "automations";

let server: Awaited<ReturnType<typeof startServer>>;
let home: string;
let requests: number;
let id: string;

beforeEach(async () => {
  server = await startServer();
  home = temporaryFolder();
  id = `dep_local/${await addAutomation(server, { name: "Weekly", instructions: "Go" })}`;
  requests = 0;
});

function run(words: readonly string[], options: HermOptions = {}) {
  const counted: NonNullable<HermOptions["fetch"]> = (url, init) => {
    requests += 1;
    return fetchFrom(server)(url, init);
  };
  return herm(words, { server, home, fetch: counted, ...options });
}

/** From now on, the key is among this user's keys. */
function keepKey(): void {
  const folder = join(home, ".config", "herm");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const profiles = { prod: { origin: "https://api.test", key } };
  writeFileSync(join(folder, "credentials.json"), JSON.stringify({ profiles }), { mode: 0o600 });
}

const stored = async () =>
  (await call(server, "GET", `/v1/deployments/${id.replace("/", "/automations/")}`)).body;

const filesWithKey = () =>
  filesBelow(home).filter(
    (file) => !file.endsWith("credentials.json") && readFileSync(file, "latin1").includes(key),
  );

describe("an API key in the user's own text", () => {
  const given = ["--schedule=every hour", "--instructions=Go", "-d", "dep_local"];

  it.each<[place: string, words: () => string[], env?: Record<string, string>]>([
    ["--reason", () => [auto, "pause", id, `--reason=because of ${key}`]],
    ["--reason", () => [auto, "delete", id, "--yes", "--reason", key]],
    ["HERM_REASON", () => [auto, "pause", id], { HERM_REASON: `see ${key}` }],
    ["HERM_REASON", () => ["undo", "last", "--yes"], { HERM_REASON: key }],
    ["--tell", () => [auto, "pause", id, "--incident", "INC-1", "--tell", `use ${key}`]],
    ["--incident", () => [auto, "pause", id, "--incident", key]],
    ["--as", () => ["incidents", "import", "ledger.jsonl", "--as", key]],
    ["--name", () => [auto, "create", "--name", `Report ${key}`, ...given]],
    ["--match", () => [auto, "pause", "--match", key, "--yes"]],
    ["--instructions", () => [auto, "update", id, `--instructions=Use ${key}`]],
    ["--schedule", () => [auto, "update", id, `--schedule=every hour ${key}`]],
    ["--thread", () => [auto, "create", "--name=A", `--thread=thr_${key}`, ...given]],
    ["an argument", () => ["runs", "answer", "run_1", `use ${key}`]],
    ["--text", () => ["runs", "answer", "--match", "*", "--text", key]],
    ["an argument", () => ["config", "set", "deployment", key]],
    ["--reason", () => [auto, "pause", id, `--reason=${Buffer.from(`user:${key}`).toString("base64")}`]],
  ])("is rejected before any write or request in %s", async (place, words, env = {}) => {
    keepKey();
    const { code, stdout, stderr } = await run(words(), { env });
    expect({ code, stdout, requests, files: filesWithKey() }).toEqual({
      code: 2,
      stdout: "",
      requests: 0,
      files: [],
    });
    expect(stderr).toContain(`error: an API key is in ${place}\n`);
    expect(stderr).not.toContain(key);
  });

  it("is ignored in a reason that is unused or only read", async () => {
    keepKey();
    const env = { HERM_REASON: key };
    expect(await run([auto, "pause", id, "--reason=none"], { env })).toMatchObject({ code: 0 });
    expect(await run([auto, "list", "-d", "dep_local"], { env })).toMatchObject({ code: 0 });
    expect(filesWithKey()).toEqual([]);
  });

  it("is rejected as an answer to a question", async () => {
    keepKey();
    const answers = [`Report ${key}`, "Go", "every hour", true];
    const asked = run([auto, "create", "-d", "dep_local"], { answers, columns: 200 });
    expect((await asked).stderr).toContain("it contains an API key: anyone who reads it could use the key");
    expect(filesWithKey()).toEqual([]);
  });

  it("opens the editor again at the line with the key", async () => {
    keepKey();
    const offered: string[] = [];
    const answers = [
      (text: string) => text.replace("Go", `Go\nUse ${key}`).replace("Weekly", `Weekly ${key}`),
      (text: string) => {
        offered.push(text);
        return text;
      },
    ];
    const { code, stderr } = await run([auto, "update", id, "--edit"], { answers });
    expect(code).toBe(2);
    expect(offered[0]).toMatch(/#! line 4: it contains an API key\n#! line 9: it contains an API key\n/);
    expect(stderr).not.toContain(key);
    expect(await stored()).toMatchObject({ name: "Weekly", instructions: "Go" });
  });
});

describe("a key in an older file", () => {
  it("is redacted in any output", async () => {
    // Written before it was known as a key.
    const all = ["-d", "dep_local", "--yes", `--reason=because of ${key}`];
    await run([auto, "update", id, `--name=Weekly ${key}`, `--instructions=Use ${key}`, ...all.slice(3)]);
    await run([auto, "pause", "--all", "--incident", key, ...all]);
    await run([auto, "resume", "--incident", key, "--yes", ...all.slice(3)]);
    await run(["incidents", "reopen", key]);
    await run([auto, "update", id, "--name=Weekly", "--instructions=Go"]);
    expect(filesWithKey().length).toBeGreaterThanOrEqual(3);
    keepKey();
    const { stdout } = await run(["history", "-o", "json"], { now: new Date("2099-01-01T00:00:00Z") });
    const [first, , , update] = JSON.parse(stdout) as { id: string }[];
    for (const words of [
      ["history"],
      ["history", "-o", "json"],
      ["history", "-o", "yaml"],
      ["history", update?.id ?? ""],
      ["history", update?.id ?? "", "-o", "json"],
      ["history", first?.id ?? "", "--verbose"],
      ["history", "c_nothat"],
      ["undo", first?.id ?? "", "--dry-run"],
      ["undo", first?.id ?? "", "--dry-run", "-o", "json"],
      ["undo", update?.id ?? "", "--dry-run", "--verbose"],
      ["undo", "last", "--dry-run"],
      ["incidents", "list"],
      ["incidents", "list", "-o", "json"],
      ["incidents", "show"],
      ["incidents", "show", "-o", "json"],
      ["incidents", "show", "--offline"],
      [auto, "list", "-d", "dep_local"],
      [auto, "get", id],
      ["status", "-d", "dep_local"],
      ["status", "-d", "dep_local", "-o", "json"],
    ]) {
      for (const tty of [true, false]) {
        // Narrow, so that cutting would leave a part of it.
        const { stdout: out, stderr } = await run(words, {
          tty,
          columns: 60,
          answers: tty ? [false] : undefined,
        });
        expect(out + stderr, words.join(" ")).not.toMatch(/prism_live|4f9kq2|zt7lw8/);
      }
    }
  });

  it("is restored exactly by an undo", async () => {
    await run([auto, "update", id, `--instructions=Use ${key}`]);
    await run([auto, "update", id, "--instructions=Go"]);
    keepKey();
    expect(await run(["undo", "last", "--yes"])).toMatchObject({ code: 0 });
    expect(await stored()).toMatchObject({ instructions: `Use ${key}` });
  });
});
