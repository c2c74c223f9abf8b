import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { editText } from "../../src/prompts/editor.js";
import { commandNames } from "../support/declarations.js";
import { fakeApi } from "../support/fake-api.js";
import { embeddedUrl, temporaryFolder } from "../support/harness.js";
import { third } from "../support/third.js";
import { canary, filesBelow, leaksIn, leaksOf } from "./leaks.js";
import { matrix } from "./matrix.js";
import { tryCommand } from "./try.js";

describe("the API key", () => {
  it("is looked for in the output of every command", () => {
    expect(commandNames.filter((name) => matrix[name] === undefined)).toEqual([]);
  });

  it.each(Object.entries(matrix))("never leaks from %s", async (_name, trials) => {
    const leaks: string[] = [];
    for (const [index, trial] of third([...trials.entries()])) {
      leaks.push(...(await leaksOf(trial, { isKept: index % 2 === 1, home: temporaryFolder })).leaks);
    }
    expect(leaks).toEqual([]);
  });

  it("is saved by a login only in the credentials file", async () => {
    const home = temporaryFolder();
    const trial = { argv: () => ["auth", "login", "--with-token", "--debug"], stdin: () => canary };
    const fetch = fakeApi({ text: "text" });
    const { code, stdout, stderr } = await tryCommand(trial, { text: "", home, key: null, fetch });
    expect({ code, leaks: leaksIn(stdout + stderr) }).toEqual({ code: 0, leaks: [] });
    const holding = filesBelow(home).filter((file) => leaksIn(readFileSync(file, "latin1")).length > 0);
    expect(holding).toEqual([join(home, ".config", "herm", "credentials.json")]);
  });

  it("is absent from an editor's environment and arguments", async () => {
    const out = join(temporaryFolder(), "seen");
    await editText({
      text: "text",
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

  it("is absent from an agent's environment and arguments", async () => {
    for (const [name, value] of Object.entries(withKeys)) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const out = join(temporaryFolder(), "seen");
    const agentCommand = `env > ${out}.part; tr "\\0" " " < /proc/$$/cmdline >> ${out}.part; mv ${out}.part ${out}`;
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
    await expect.poll(() => existsSync(out)).toBe(true);
    const seen = readFileSync(out, "utf8");
    expect({ hasPath: seen.includes("PATH="), leaks: leaksIn(seen) }).toEqual({ hasPath: true, leaks: [] });
    expect(seen).toContain("/sh");
  });
});

const withKeys = { HERM_API_KEY: canary, PRISM_API_KEY: canary, HERM_DEV_KEY: canary, herm_api_key: canary };
