import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { editText } from "../../src/prompt-editor.js";
import { answer, fakeApi } from "../support/fake-api.js";
import { embeddedUrl, temporaryFolder } from "../support/harness.js";
import { commandNames, matrix } from "./matrix.js";
import { tryCommand } from "./try.js";

const canary = "Zq7+Vx/3=Kw9.Tj5~Bn1_Rm8";
const tells = [
  // All but the last four characters may be shown nowhere, not even in pieces.
  ...Array.from({ length: canary.length - 4 - 5 }, (_, at) => canary.slice(at, at + 6)),
  encodeURIComponent(canary).slice(4, 16),
  Buffer.from(canary).toString("base64").slice(0, 10),
];

const echo = (headers: Record<string, string>) =>
  `${headers.Authorization ?? headers.authorization} ${Buffer.from(canary).toString("base64")} ${encodeURIComponent(canary)}`;

/** A server that says back, in every way it can, what it was sent. */
const refusing =
  (status: number): FetchLike =>
  async (_url, { headers }) =>
    answer(
      status,
      JSON.stringify({ error: "refused", message: `no: ${echo(headers)}` }),
      "application/json",
      { "x-request-id": echo(headers), "retry-after": "0" },
    );

/** Answers what only reads, so that a command comes as far as its changes. */
const refusingChanges =
  (refuse: FetchLike) =>
  (fine: FetchLike): FetchLike =>
  (url, init) =>
    (init.method === "GET" ? fine : refuse)(url, init);

const states: Record<string, (fine: FetchLike) => FetchLike> = {
  ok: (fine) => fine,
  "400 to changes": refusingChanges(refusing(400)),
  "500 to changes": refusingChanges(refusing(500)),
  "400": () => refusing(400),
  "401": () => refusing(401),
  "404": () => refusing(404),
  "500": () => refusing(500),
  crash:
    () =>
    async (_url, { headers }) => {
      throw new Error(`crashed with ${echo(headers)}`);
    },
};

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

const leaksIn = (text: string): string[] => tells.filter((tell) => text.includes(tell));

describe("the key", () => {
  it("is looked for in every command", () => {
    expect(commandNames().filter((name) => matrix[name] === undefined)).toEqual([]);
  });

  it.each(Object.entries(matrix))("never leaks from %s", { timeout: 60_000 }, async (_name, trials) => {
    const leaks: string[] = [];
    for (const [index, trial] of trials.entries()) {
      for (const [state, serve] of Object.entries(states)) {
        for (const debug of [[], ["--debug"]]) {
          const home = temporaryFolder();
          const isKept = index % 2 === 1;
          if (isKept) keepKey(home);
          const { stdout, stderr } = await tryCommand(trial, {
            text: "text",
            home,
            key: isKept ? null : canary,
            fetch: serve(fakeApi({ text: "text", runStatus: trial.runStatus })),
            more: debug,
          });
          const written = filesBelow(home)
            .filter((file) => !file.endsWith("credentials.json"))
            .map((file) => readFileSync(file, "latin1"));
          const found = [stdout, stderr, ...written].flatMap(leaksIn);
          if (found.length > 0) leaks.push(`${trial.argv("text").join(" ")} ${state} ${debug}: ${found[0]}`);
        }
      }
    }
    expect(leaks).toEqual([]);
  });

  it("is kept by a login in the credentials file alone", async () => {
    const home = temporaryFolder();
    const trial = { argv: () => ["auth", "login", "--with-token", "--debug"], stdin: () => canary };
    const fetch = fakeApi({ text: "text" });
    const { code, stdout, stderr } = await tryCommand(trial, { text: "", home, key: null, fetch });
    expect({ code, leaks: leaksIn(stdout + stderr) }).toEqual({ code: 0, leaks: [] });
    const holding = filesBelow(home).filter((file) => leaksIn(readFileSync(file, "latin1")).length > 0);
    expect(holding).toEqual([join(home, ".config", "herm", "credentials.json")]);
  });

  it("is neither in the environment nor in the arguments of an editor", async () => {
    const out = join(temporaryFolder(), "seen");
    await editText({
      text: "text",
      suffix: ".md",
      env: {
        ...withKeys,
        PATH: process.env.PATH ?? "",
        EDITOR: `sh -c 'env > ${out}; tr "\\0" " " < /proc/$$/cmdline >> ${out}' --`,
      },
      stdoutIsTty: true,
    });
    const seen = readFileSync(out, "utf8");
    expect({ hasPath: seen.includes("PATH="), leaks: leaksIn(seen) }).toEqual({ hasPath: true, leaks: [] });
  });

  it("is neither in the environment nor in the arguments of an agent", async () => {
    for (const [name, value] of Object.entries(withKeys)) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const out = join(temporaryFolder(), "seen");
    const agentCommand = `env > ${out}; tr "\\0" " " < /proc/$$/cmdline >> ${out}; echo done`;
    const server = await embedDevServer({ agentCommand });
    onTestFinished(() => server.close());
    const call = (path: string, body: object) =>
      server.fetch(
        new Request(`${embeddedUrl}/v1/deployments/dep_local/${path}`, {
          method: "POST",
          headers: { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
      );
    expect((await call("messages", { content: "go" })).status).toBeLessThan(300);
    await vi.waitFor(() => expect(readFileSync(out, "utf8")).toContain("/sh"), { timeout: 10_000 });
    const seen = readFileSync(out, "utf8");
    expect({ hasPath: seen.includes("PATH="), leaks: leaksIn(seen) }).toEqual({ hasPath: true, leaks: [] });
  });
});

const withKeys = { HERM_API_KEY: canary, PRISM_API_KEY: canary, HERM_DEV_KEY: canary, herm_api_key: canary };

function keepKey(home: string): void {
  const folder = join(home, ".config", "herm");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const credentials = { profiles: { default: { origin: embeddedUrl, key: canary } } };
  writeFileSync(join(folder, "credentials.json"), JSON.stringify(credentials), { mode: 0o600 });
  // The harness sets HERM_API_URL to the same origin.
}
