import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { addAutomation, addDeployment } from "../incident/fleet.js";
import {
  embeddedUrl,
  fetchFrom,
  type HermOptions,
  herm,
  startServer,
  temporaryFolder,
} from "../support/harness.js";

const names = [
  "Weekly",
  "Weekly video",
  "Report: sales",
  "週報まとめ",
  "twice",
  "twice",
  "-dash",
  "auto_like",
  "dep_1/x",
  "evil\u001b]0;owned\u0007",
  "two\nlines",
  "hidden\u202etext",
];

async function prepare() {
  const server = await startServer();
  const home = temporaryFolder();
  const run = (argv: readonly string[], options: HermOptions = {}) =>
    herm(argv, { server, home, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
  const ids = new Map<string, string>();
  for (const name of names) {
    const flags = [`--name=${name}`, "--schedule=@daily", "--instructions=x", "--allow-duplicate"];
    const { stdout } = await run(["automations", "create", ...flags, "-o", "name"]);
    ids.set(stdout.trim(), name);
  }
  /** The words offered to zsh, without their descriptions. */
  const offered = async (words: readonly string[], options: HermOptions = {}) => {
    const { code, stdout, stderr } = await run(["completion", "words", "zsh", "--", ...words], options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => (line === "\t" ? line : line.split("\t")[0]))
      .sort();
  };
  return { server, home, run, offered, ids };
}

const files = ["\t"];

describe("a completion at the cursor", () => {
  it("is the id of a change after undo", async () => {
    const { offered, run } = await prepare();
    const { stdout } = await run(["history", "--limit", "1", "-o", "name"]);
    const found = await offered(["undo", ""]);
    expect(found).toContain(stdout.trim());
    expect(found.every((word) => word?.startsWith("c_"))).toBe(true);
  });

  it("is a command, flag, value, server name, or file", async () => {
    const { offered } = await prepare();
    const table: [string[], string[]][] = [
      [["automations", "cr"], ["create"]],
      [["auto", "p"], ["pause"]],
      [["p"], []],
      [["pause", "--exc"], ["--except"]],
      [["get", "Report"], ["Report: sales"]],
      [["-o", "json", "ru"], ["runs"]],
      [["--output=json", "--local", "conf"], ["config"]],
      [
        ["automations", "list", "--fail"],
        ["--failing", "--failures"],
      ],
      [["automations", "list", "--verb"], []],
      [["automations", "list", "--help", "--verb"], ["--verbose"]],
      [["automations", "pause", "-h", "--verb"], ["--verbose"]],
      [["help", "automations", "list", "--verb"], ["--verbose"]],
      [["automations", "list", "--waiting", "--wait"], []],
      [["automations", "pause", "--except", "x", "--exc"], ["--except"]],
      [["dev", "--back"], []],
      [
        ["automations", "list", "-o", "j"],
        ["json", "jsonl"],
      ],
      [
        ["automations", "list", "--output=j"],
        ["--output=json", "--output=jsonl"],
      ],
      [
        ["deployments", "list", "--status", ""],
        ["error", "provisioning", "ready"],
      ],
      [
        ["automations", "list", "--sort", "n"],
        ["name", "next"],
      ],
      [["schedule", "explain", "@daily", "--tz", "Europe/Berl"], ["Europe/Berlin"]],
      [
        ["completion", ""],
        ["bash", "fish", "zsh"],
      ],
      [
        ["config", "unset", ""],
        ["accessible", "api_url", "deployment", "profile"],
      ],
      [["config", "set", "deployment", ""], []],
      [
        ["automations", "get", "We"],
        ["Weekly", "Weekly video"],
      ],
      [["automations", "get", "Weekly", ""], []],
      [["automations", "pause", "Weekly", "We"], ["Weekly video"]],
      [["runs", "answer", "Weekly", ""], []],
      [["automations", "get", "-d", ""], ["dep_local"]],
      [["deployments", "use", ""], ["dep_local"]],
      [["automations", "create", "--name", ""], []],
      [["automations", "list", ""], []],
      [["automations", "list", "--"], expect.arrayContaining(["--failing", "--output", "--help"])],
      [["automations", "list", "--", "-"], []],
      [["apply", "--file", ""], files],
      [["export", "--to=her"], files],
      [
        ["diff", "--report", ""],
        ["junit=", "markdown="],
      ],
      [["diff", "--report=ju"], ["--report=junit="]],
      [["apply", "--report", "junit=out/"], files],
      [["incidents", "import", ""], files],
      [["automations", "list", "--sort", "next_"], []],
      [
        ["automations", "list", "--columns", "name,last_run"],
        ["name,last_run_at", "name,last_run_status"],
      ],
      [["automations", "list", "--columns", "name,na"], []],
      [["help", "auto", "p"], ["pause"]],
      [
        ["help", "sche"],
        ["schedule", "schedules"],
      ],
      [["help", "inc"], ["incidents"]],
      [["help", "topi"], ["topics"]],
      [["help", "automations", "sche"], []],
      [
        ["help", "aut"],
        ["auth", "automations"],
      ],
      [["help", "runs", "show", ""], []],
      [["help", "nonsense", ""], []],
      [["nonsense", ""], expect.arrayContaining(["automations"])],
    ];
    for (const [words, expected] of table) expect(await offered(words), words.join(" ")).toEqual(expected);
  });

  it("is a name only if it is unambiguous and can't be misread", async () => {
    const { offered, ids } = await prepare();
    const twice = [...ids].filter(([, name]) => name === "twice").map(([id]) => id);
    expect(await offered(["automations", "get", ""])).toEqual(
      [
        ...["Weekly", "Weekly video", "Report: sales", "週報まとめ"],
        ...["name:-dash", "name:auto_like", "name:dep_1/x"],
        ...twice,
      ].sort(),
    );
    expect(await offered(["automations", "get", "auto_"])).toEqual([...ids.keys()].sort());
  });

  it("includes the deployment if there are several, until part of the name is typed", async () => {
    const { offered, run, server } = await prepare();
    const deployment = await addDeployment(server, { name: "Acme" });
    await addAutomation(server, { deployment, name: "Weekly" });
    const all = { env: {} };
    const unbegun = await offered(["automations", "get", ""], all);
    expect(unbegun.filter((word) => word?.endsWith("Weekly"))).toEqual(["Acme/Weekly", "Local/Weekly"]);
    expect(await offered(["automations", "get", "We"], all)).toEqual(["Weekly", "Weekly video"]);
    expect(await offered(["automations", "get", "Ac"], all)).toEqual(["Acme/Weekly"]);
    const { stdout } = await run(["completion", "words", "zsh", "--", "automations", "get", "Weekly"], all);
    expect(stdout.split("\n")[0]).toBe("Weekly\tin 2 deployments");
  });

  it("has a description, on one line", async () => {
    const { run } = await prepare();
    const { stdout } = await run(["completion", "words", "fish", "--", "automations", "lis"]);
    expect(stdout).toBe("list\tlist automations in one deployment or many\n");
  });

  it("may be a local run, incident or profile, which needs no request", async () => {
    const { run, offered } = await prepare();
    await run(["automations", "pause", "--all", "--incident", "INC-42", "--yes"]);
    await run(["config", "set", "deployment", "dep_9", "--profile", "prod"]);
    const triggered = await run(["automations", "trigger", "Weekly", "--no-follow", "-o", "name", "--yes"]);
    const none = { fetch: refuse };
    expect(await offered(["incidents", "show", ""], none)).toEqual(["INC-42"]);
    expect(await offered(["automations", "resume", "--incident", "inc"], none)).toEqual([]);
    expect(await offered(["--profile", ""], none)).toEqual(["default", "example", "local", "prod"]);
    expect(await offered(["runs", "show", "run_"], none)).toEqual([triggered.stdout.trim()]);
  });
});

const refuse: FetchLike = async () => {
  throw new Error("nothing may be asked");
};

describe("completions from the server", () => {
  it("are requested at most once a minute, and remain available offline", async () => {
    const { server, offered } = await prepare();
    let requests = 0;
    let isDown = false;
    const fetch: FetchLike = (url, init) => {
      requests += 1;
      if (isDown) throw Object.assign(new Error("gone"), { code: "ECONNREFUSED" });
      return fetchFrom(server)(url, init);
    };
    const start = Date.now();
    const requestsFor = async (seconds: number) => {
      const before = requests;
      const now = new Date(start + seconds * 1000);
      expect(await offered(["runs", "list", "-d", "dep"], { fetch, now })).toEqual(["dep_local"]);
      return requests - before;
    };
    expect(await requestsFor(0)).toBeGreaterThan(0);
    expect(await requestsFor(59)).toBe(0);
    isDown = true;
    expect(await requestsFor(61)).toBeGreaterThan(0);
    expect(await requestsFor(65)).toBe(0);
    isDown = false;
    expect(await requestsFor(72)).toBeGreaterThan(0);
  });

  it("are available even if they can't be saved or reread", async () => {
    const { offered } = await prepare();
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    writeFileSync(join(folder, "completion.json"), '{"scope"', { mode: 0o600 });
    for (const HERM_DATA_DIR of [folder, join(folder, "file")]) {
      const env = { HERM_DEPLOYMENT: "dep_local", HERM_DATA_DIR };
      expect(await offered(["automations", "get", "Weekly v"], { env })).toEqual(["Weekly video"]);
    }
    expect(JSON.parse(readFileSync(join(folder, "completion.json"), "utf8"))).toHaveProperty("automations");
  });

  it("don't wait for an unresponsive server", async () => {
    const { offered } = await prepare();
    const fetch: FetchLike = (_url, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    expect(await offered(["automations", "get", ""], { fetch, home: temporaryFolder() })).toEqual([]);
  });

  it("belong to the profile, address and deployment on the line", async () => {
    const { server, run } = await prepare();
    const asked: string[] = [];
    const fetch: FetchLike = (url, init) => {
      asked.push(`${new URL(url).origin} ${init.headers.Authorization ?? init.headers.authorization}`);
      return fetchFrom(server)(url, init);
    };
    await run(["auth", "login", "--profile", "prod", "--with-token", "--api-url", "http://127.0.0.9"], {
      stdin: server.apiKey,
      fetch,
    });
    asked.length = 0;
    const words = ["completion", "words", "zsh", "--", "--profile", "prod", "-d", "dep_local", "automations"];
    const { stdout } = await run([...words, "get", "Weekly v"], { fetch, key: "hk_other_000000" });
    expect(stdout).toBe("Weekly video\n");
    expect(new Set(asked)).toEqual(new Set([`http://127.0.0.9 Bearer ${server.apiKey}`]));
  });

  it("are empty without a key, or on a server that refuses it", async () => {
    const { run } = await prepare();
    const words = ["completion", "words", "zsh", "--", "automations", "get", ""];
    const nothing = { code: 0, stdout: "", stderr: "" };
    expect(await run(words, { key: null, env: { HERM_API_URL: embeddedUrl } })).toEqual(nothing);
    expect(await run(words, { key: "hk_wrong_000000" })).toEqual(nothing);
  });

  it("are empty under --local without a server, and don't start one", async () => {
    const offered = await herm(["completion", "words", "zsh", "--", "--local", "automations", "get", ""]);
    expect(offered).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

describe("herm completion", () => {
  it.each(["bash", "zsh", "fish"])("prints a script for %s", async (shell) => {
    const { code, stdout, stderr } = await herm(["completion", shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`herm completion words ${shell} --`);
  });

  it.each([
    ["tcsh", undefined],
    ["zhs", "did you mean zsh?"],
  ])("rejects %s", async (shell, hint) => {
    const { code, stderr } = await herm(["completion", shell]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: completion supports bash, zsh and fish, not "${shell}"\n${hint === undefined ? "" : `hint: ${hint}\n`}`,
    });
  });
});
