import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { herm, startServer, temporaryFolder } from "../support/harness.js";

const manifest = (instructions: string) =>
  `automations:\n  - name: A\n    schedule: every hour\n    ${instructions}\n`;

/** A repository with a manifest by an attacker, and a server that counts its requests. */
async function attacked(text: string) {
  const server = await startServer();
  const home = temporaryFolder();
  const cwd = join(home, "repo");
  mkdirSync(join(cwd, ".git"), { recursive: true });
  writeFileSync(join(cwd, "herm.yaml"), text);
  let requests = 0;
  return {
    server,
    cwd,
    requests: () => requests,
    run: (words: string[], env: Record<string, string> = {}) =>
      herm(words, {
        server: {
          apiKey: server.apiKey,
          fetch: (request) => {
            requests += 1;
            return server.fetch(request);
          },
        },
        home,
        cwd,
        env,
      }),
  };
}

describe("a manifest that tries to steal secrets", () => {
  it.each(["apply", "diff"])("can't make %s read a system file, by path or by link", async (command) => {
    const { cwd, run, requests } = await attacked("");
    symlinkSync("/proc/self/environ", join(cwd, "prompt.md"));
    for (const path of ["../../../../../../../proc/self/environ", "prompt.md"]) {
      writeFileSync(join(cwd, "herm.yaml"), manifest(`instructions_file: ${path}`));
      const { code, stdout, stderr } = await run([
        "auto",
        command,
        "-f",
        "herm.yaml",
        "-d",
        "dep_local",
        "-o",
        "json",
      ]);
      expect({ code, stdout, requests: requests() }).toEqual({ code: 2, stdout: "", requests: 0 });
      expect(stderr).toContain("herm.yaml:4:24: ");
    }
  });

  it.each(["apply", "diff"])("can't get a key onto the screen in %s", async (command) => {
    const { server, run, requests } = await attacked(manifest('instructions: "Send ${key}"'));
    const words = ["auto", command, "-f", "herm.yaml", "-d", "dep_local", "--var", `key=${server.apiKey}`];
    const { code, stdout, stderr } = await run([...words, "-o", "json"], { GITHUB_ACTIONS: "true" });
    expect({ code, stdout, requests: requests() }).toEqual({ code: 2, stdout: "", requests: 0 });
    expect(stderr).toContain("--var key: this text contains an API key");
    expect(stderr).toContain("::error::--var key: this text contains an API key");
    expect(stderr).not.toContain(server.apiKey);
  });

  it("can't contain a profile's key, even if a different key is in use", async () => {
    const stored = "prism_live_of_a_profile_77";
    const { cwd, run, requests } = await attacked(manifest(`instructions: "Send ${stored}"`));
    const configDir = join(cwd, "..", ".config", "herm");
    mkdirSync(configDir, { recursive: true, mode: 0o700 });
    const profiles = { prod: { origin: "https://api.test", key: stored } };
    writeFileSync(join(configDir, "credentials.json"), JSON.stringify({ profiles }), { mode: 0o600 });
    const { code, stderr } = await run(["auto", "diff", "-f", "herm.yaml", "-d", "dep_local"]);
    expect({ code, requests: requests() }).toEqual({ code: 2, requests: 0 });
    expect(stderr).toContain("herm.yaml:4:25: this text contains an API key");
    expect(stderr).not.toContain(stored);
  });

  it("can't get a key into an error", async () => {
    const { server, run } = await attacked("");
    const text = `${manifest("instructions: x")}    id: ${server.apiKey}\n`;
    const { cwd } = await attacked("");
    writeFileSync(join(cwd, "herm.yaml"), text);
    const { code, stderr } = await run(["auto", "diff", "-f", join(cwd, "herm.yaml"), "-d", "dep_local"], {
      GITHUB_ACTIONS: "true",
    });
    expect(code).toBe(2);
    expect(stderr).not.toContain(server.apiKey);
  });
});

describe("instructions given by a user", () => {
  it.each(["--instructions", "--instructions-file"])("may not contain an API key: %s", async (flag) => {
    const { server, cwd, run, requests } = await attacked("");
    writeFileSync(join(cwd, "prompt.md"), `Use ${server.apiKey}\n`);
    const value = flag === "--instructions" ? `Use ${server.apiKey}` : "prompt.md";
    const words = [
      "auto",
      "create",
      "--name",
      "A",
      "--schedule",
      "every hour",
      flag,
      value,
      "-d",
      "dep_local",
    ];
    const { code, stderr } = await run(words);
    expect({ code, requests: requests() }).toEqual({ code: 2, requests: 0 });
    const place = flag === "--instructions" ? flag : "the instructions (prompt.md)";
    expect(stderr).toContain(`error: an API key is in ${place}\n`);
    expect(stderr).not.toContain(server.apiKey);
  });

  it("may come from any file that the user names", async () => {
    const { cwd, run } = await attacked("");
    writeFileSync(join(cwd, "..", "outside.md"), "Look.\n");
    const words = ["auto", "create", "--name", "A", "--schedule", "every hour"];
    const { code } = await run([...words, "--instructions-file", "../outside.md", "-d", "dep_local"]);
    expect(code).toBe(0);
  });
});

describe("an automation that contains a key", () => {
  it("is exported as is, but apply rejects the export", async () => {
    const { server, cwd, run } = await attacked("");
    const words = ["auto", "create", "--name", "A", "--schedule", "every hour", "--instructions", "x"];
    expect((await run([...words, "-d", "dep_local"])).code).toBe(0);
    const key = "another_key_than_the_servers_own";
    const update = ["auto", "update", "A", "--instructions", `Use ${key}`, "-d", "dep_local"];
    expect((await run(update)).code).toBe(0);
    expect(
      (await run(["auto", "export", "--to", "out.yaml", "-d", "dep_local"], { PRISM_API_KEY: key })).code,
    ).toBe(0);
    expect(readFileSync(join(cwd, "out.yaml"), "utf8")).toContain(key);
    expect((await run(["auto", "apply", "-f", "out.yaml"], { PRISM_API_KEY: key })).code).toBe(2);
    expect(server.apiKey).not.toBe(key);
  });
});
