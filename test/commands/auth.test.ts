import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { main } from "../../src/main.js";
import { put } from "../settings/places.js";
import { embeddedUrl, herm, temporaryFolder, testSystem } from "../support/harness.js";

const key = "hk_live_canary_0123456789_9f2c";
let server: EmbeddedServer;

beforeAll(async () => {
  server = await embedDevServer({ apiKey: key });
  return () => server.close();
});

/** A home without a key, judged by the two files. */
function emptyHome() {
  const home = temporaryFolder();
  const folder = join(home, ".config", "herm");
  const read = (name: string) =>
    existsSync(join(folder, name)) ? JSON.parse(readFileSync(join(folder, name), "utf8")) : undefined;
  return {
    home,
    folder,
    credentials: () => read("credentials.json"),
    config: () => read("config.json"),
  };
}

/** A home with a key for the embedded server in the profile `default`. */
function homeWithKey(stored = key, origin = embeddedUrl) {
  const made = emptyHome();
  put(join(made.folder, "credentials.json"), { profiles: { default: { origin, key: stored } } });
  return made;
}

function collect(chunks: Buffer[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
}

const answering = (status: number, body: unknown = {}) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return async () => new Response(text, { status, headers: { "content-type": "application/json" } });
};

describe("auth login", () => {
  it("asks for the key on a terminal, checks it, and saves it for that origin", async () => {
    const { home, folder, credentials, config } = emptyHome();
    const result = await herm(["auth", "login"], { server, home, key: null, answers: [` ${key} `] });
    expect(result).toEqual({
      code: 0,
      stdout: [
        "profile  default",
        "origin   http://127.0.0.1",
        "key      …9f2c of the profile",
        "state    ✓ valid",
        "",
      ].join("\n"),
      stderr: `saved in ${join(folder, "credentials.json")}\n`,
    });
    expect(credentials()).toEqual({ profiles: { default: { origin: embeddedUrl, key } } });
    expect(config()).toEqual({ profiles: { default: { api_url: embeddedUrl } } });
    expect(statSync(join(folder, "credentials.json")).mode & 0o777).toBe(0o600);
  });

  it("reads the key from stdin with --with-token", async () => {
    const { home, folder, credentials } = emptyHome();
    const result = await herm(["auth", "login", "--with-token", "--json"], {
      server,
      home,
      key: null,
      stdin: `${key}\r\n`,
    });
    expect({ ...result, stdout: JSON.parse(result.stdout) }).toEqual({
      code: 0,
      stdout: { profile: "default", origin: embeddedUrl, source: "profile", last4: "9f2c", state: "valid" },
      stderr: `saved in ${join(folder, "credentials.json")}\n`,
    });
    expect(credentials()).toEqual({ profiles: { default: { origin: embeddedUrl, key } } });
  });

  it("saves the key in the named profile, and explains how to use it", async () => {
    const { home, credentials, config } = homeWithKey("another-key-1234");
    const args = [
      "auth",
      "login",
      "--profile",
      "stage",
      "--api-url",
      "http://127.0.0.1:8080/",
      "--with-token",
    ];
    const result = await herm(args, { server, home, key: null, stdin: key });
    expect(result.code).toBe(0);
    expect(result.stdout).toBe(
      "profile\tstage\norigin\thttp://127.0.0.1:8080\nsource\tprofile\nlast4\t9f2c\nstate\tvalid\n",
    );
    expect(result.stderr).toContain(
      "hint: use it with --profile stage, or always: herm config set profile stage\n",
    );
    expect(credentials()).toEqual({
      profiles: {
        default: { origin: embeddedUrl, key: "another-key-1234" },
        stage: { origin: "http://127.0.0.1:8080", key },
      },
    });
    expect(config()).toEqual({ profiles: { stage: { api_url: "http://127.0.0.1:8080" } } });
  });

  it("saves the key, and warns that the environment's key takes precedence", async () => {
    const { home, credentials } = emptyHome();
    const result = await herm(["auth", "login", "--with-token"], {
      server,
      home,
      key: "other-key-of-env",
      stdin: key,
    });
    expect(result.code).toBe(0);
    expect(result.stderr).toContain(
      "warning: HERM_API_KEY is set and takes precedence; to use this key, pass --profile default\n",
    );
    expect(credentials()).toEqual({ profiles: { default: { origin: embeddedUrl, key } } });
  });

  it("saves a key even if the environment's key doesn't match any server", async () => {
    const { home, folder, credentials } = emptyHome();
    put(join(folder, "config.json"), { profiles: { default: { api_url: "http://127.0.0.1:8080" } } });
    const env = { HERM_API_URL: "", HERM_API_KEY: "other-key-of-env" };
    expect((await herm(["auth", "status"], { server, home, env })).code).toBe(2);
    expect((await herm(["auth", "login", "--with-token"], { server, home, env, stdin: key })).code).toBe(0);
    expect(credentials()).toEqual({ profiles: { default: { origin: "http://127.0.0.1:8080", key } } });
  });

  it.each<[string, string[], Parameters<typeof herm>[1], number, string]>([
    [
      "there is no terminal",
      [],
      {},
      2,
      "error: no key given, and herm can't ask\nhint: set HERM_API_KEY, or pipe it in: herm auth login --with-token < key.txt\n",
    ],
    [
      "--with-token would read a terminal",
      ["--with-token"],
      { tty: true },
      2,
      "error: --with-token reads a file or a pipe; typed here, the key would be visible\n  on the terminal\nhint: to be asked for the key, leave out --with-token\n",
    ],
    ["stdin is empty", ["--with-token"], { stdin: "\n" }, 2, "error: stdin is empty\n"],
    [
      "stdin is too long to be a key",
      ["--with-token"],
      { stdin: "k".repeat(70_000) },
      2,
      "error: stdin is too long to be a key\n",
    ],
    [
      "stdin contains more than a key",
      ["--with-token"],
      { stdin: `${key}\n${key}` },
      2,
      "error: stdin isn't a key: character 31 is a space, a control or a special character\nhint: paste the key alone, on one line\n",
    ],
    [
      "the typed text can't be a key",
      [],
      { answers: ["two words"] },
      2,
      "error: the typed text isn't a key: character 4 is a space, a control or a\n  special character\nhint: paste the key alone, on one line\n",
    ],
    [
      "the API refuses the key",
      ["--with-token"],
      { stdin: key, fetch: answering(401, { error: "unauthorized", message: `no such key: ${key}` }) },
      3,
      "error: http://127.0.0.1 refused the key: no such key: [redacted]\nhint: nothing was saved; check that the key is complete and for this API\n",
    ],
    [
      "the key lacks the scope",
      ["--with-token"],
      { stdin: key, fetch: answering(403, { error: "forbidden", message: "deployments:read is missing" }) },
      3,
      "error: http://127.0.0.1 refused the key: deployments:read is missing\nhint: nothing was saved; check that the key is complete and for this API\n",
    ],
    [
      "the local server is meant",
      ["--with-token", "--local"],
      { stdin: key },
      2,
      "error: the local server needs no login: it creates its own key\nhint: for another profile, use --profile <name>\n",
    ],
  ])("saves no key if %s", async (_why, args, options, code, stderr) => {
    const { home, folder } = emptyHome();
    const result = await herm(["auth", "login", ...args], { server, home, key: null, ...options });
    expect(result).toEqual({ code, stdout: "", stderr });
    expect(existsSync(folder)).toBe(false);
  });

  it.each<[string, Parameters<typeof herm>[1]]>([
    ["no server is listening", { server: undefined }],
    ["the API fails", { fetch: answering(503) }],
    ["another program responds", { fetch: answering(200, "<html>hello</html>") }],
  ])("saves no key if %s", async (_why, options) => {
    const { home, folder } = emptyHome();
    const result = await herm(["auth", "login", "--with-token"], {
      server,
      home,
      key: null,
      stdin: key,
      ...options,
    });
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 7, stdout: "" });
    expect(result.stderr).toMatch(/^error: the key couldn't be checked: .+\nhint: nothing was saved; .+\n$/);
    expect(existsSync(folder)).toBe(false);
  });

  it("keeps the old key if the new one is refused", async () => {
    const { home, credentials } = homeWithKey();
    const before = credentials();
    const result = await herm(["auth", "login", "--with-token"], {
      server,
      home,
      key: null,
      stdin: "wrong-key-12345",
    });
    expect(result.code).toBe(3);
    expect(credentials()).toEqual(before);
  });

  it("saves no key if interrupted while stdin is open", async () => {
    const { home, folder } = emptyHome();
    const stdin = new PassThrough();
    const interrupt = new AbortController();
    const stderr: Buffer[] = [];
    const system = {
      ...testSystem(
        { server, home, key: null, signal: interrupt.signal },
        new PassThrough(),
        collect(stderr),
      ),
      stdin,
    };
    const ended = main(["auth", "login", "--with-token"], system);
    stdin.write(key);
    setTimeout(() => interrupt.abort(new InterruptedError()), 20);
    expect(await ended).toBe(130);
    expect(Buffer.concat(stderr).toString()).not.toContain(key);
    expect(existsSync(folder)).toBe(false);
  });

  it("doesn't repeat a key that was passed as an argument by mistake", async () => {
    const result = await herm(["auth", "login", key], { server, key: null });
    expect([result.code, result.stdout]).toEqual([2, ""]);
    expect(result.stderr).not.toContain(key);
  });
});

describe("auth status", () => {
  it.each<[string, string[], Parameters<typeof herm>[1], number, unknown]>([
    [
      "a key from the environment",
      [],
      {},
      0,
      { profile: "default", origin: embeddedUrl, source: "HERM_API_KEY", last4: "9f2c", state: "valid" },
    ],
    [
      "PRISM_API_KEY",
      [],
      { key: null, env: { PRISM_API_KEY: key } },
      0,
      { profile: "default", origin: embeddedUrl, source: "PRISM_API_KEY", last4: "9f2c", state: "valid" },
    ],
    [
      "a short key",
      [],
      { key: "short" },
      3,
      { profile: "default", origin: embeddedUrl, source: "HERM_API_KEY", last4: null, state: "refused" },
    ],
    [
      "a key without the scope",
      [],
      { fetch: answering(403) },
      3,
      { profile: "default", origin: embeddedUrl, source: "HERM_API_KEY", last4: "9f2c", state: "refused" },
    ],
    [
      "an unreachable API",
      [],
      { server: undefined, key },
      7,
      {
        profile: "default",
        origin: embeddedUrl,
        source: "HERM_API_KEY",
        last4: "9f2c",
        state: "unreachable",
      },
    ],
    [
      "a failing API",
      [],
      { fetch: answering(500) },
      7,
      {
        profile: "default",
        origin: embeddedUrl,
        source: "HERM_API_KEY",
        last4: "9f2c",
        state: "unreachable",
      },
    ],
    [
      "no key",
      [],
      { key: null },
      3,
      { profile: "default", origin: embeddedUrl, source: "none", last4: null, state: "none" },
    ],
    [
      "a profile without a key, despite the environment's key",
      ["--profile", "prod"],
      {},
      3,
      { profile: "prod", origin: "https://api.prismagents.com", source: "none", last4: null, state: "none" },
    ],
  ])("reports %s", async (_title, args, options, code, report) => {
    const result = await herm(["auth", "status", "--json", ...args], { server, ...options });
    expect({ code: result.code, report: JSON.parse(result.stdout) }).toEqual({ code, report });
    if (code !== 0) expect(JSON.parse(result.stderr)).toHaveProperty("error.code");
    else expect(result.stderr).toBe("");
    expect(result.stdout + result.stderr).not.toContain(key);
  });

  it("shows the profile's key on a terminal", async () => {
    const { home } = homeWithKey();
    expect(await herm(["auth", "status"], { server, home, key: null, tty: true })).toEqual({
      code: 0,
      stdout:
        "profile  default\norigin   http://127.0.0.1\nkey      …9f2c of the profile\nstate    ✓ valid\n",
      stderr: "",
    });
  });

  it("sends a profile's key only to its own origin, and says so", async () => {
    const { home } = homeWithKey(key, "https://api.prismagents.com");
    let requests = 0;
    const result = await herm(["auth", "status"], {
      home,
      key: null,
      fetch: async () => {
        requests += 1;
        return new Response("{}");
      },
    });
    expect(result).toEqual({
      code: 3,
      stdout: "profile\tdefault\norigin\thttp://127.0.0.1\nsource\tnone\nlast4\t\nstate\tnone\n",
      stderr: [
        'error: the key of profile "default" was saved for https://api.prismagents.com, so it isn\'t sent to http://127.0.0.1 (HERM_API_URL)',
        "hint: for the local server, add --local; to save a key for that address: herm auth login --api-url http://127.0.0.1",
        "",
      ].join("\n"),
    });
    expect(requests).toBe(0);
  });

  it("reports a broken file in one line, and leaves it unchanged", async () => {
    const { home, folder } = homeWithKey();
    const path = put(join(folder, "credentials.json"), `{"profiles": {"default": {"key": "${key}"`);
    const result = await herm(["auth", "status"], { server, home, key: null });
    expect(result).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: ${path}:1:66 isn't valid JSON\nhint: fix the file, or move it away; herm left it unchanged\n`,
    });
    expect(readFileSync(path, "utf8")).toContain(key);
  });
});

describe("auth logout", () => {
  it("removes the profile's key, and does nothing the second time", async () => {
    const { home, credentials } = homeWithKey();
    const first = await herm(["auth", "logout", "--json"], { home, key: null });
    expect({ ...first, stdout: JSON.parse(first.stdout) }).toEqual({
      code: 0,
      stdout: { profile: "default", removed: true },
      stderr: "",
    });
    expect(credentials()).toEqual({ profiles: {} });
    expect(await herm(["auth", "logout"], { home, key: null })).toEqual({
      code: 0,
      stdout: "profile\tdefault\nremoved\tfalse\n",
      stderr: "",
    });
  });

  it("names the key that is still in use", async () => {
    const { home } = homeWithKey();
    expect(await herm(["auth", "logout"], { home, key, tty: true })).toEqual({
      code: 0,
      stdout: "profile  default: key removed\n",
      stderr: "warning: HERM_API_KEY is set, so its key is still used\n",
    });
  });

  it("rejects the local profile", async () => {
    expect(await herm(["auth", "logout", "--local"], { key: null })).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: the local server's key isn't stored in a profile\nhint: to stop the server: herm dev stop\n",
    });
  });
});
