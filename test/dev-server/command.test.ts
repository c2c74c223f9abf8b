import { existsSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Writable } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { type HermOptions, herm, temporaryFolder } from "../support/harness.js";

/** `herm dev` in this process, from the time it listens until it is stopped. */
async function startDev(words: readonly string[], options: HermOptions = {}) {
  const stop = new AbortController();
  let stdout = "";
  let onOutput = () => {};
  const listens = new Promise<void>((resolve) => {
    onOutput = resolve;
  });
  const collector = new Writable({
    write: (chunk, _encoding, done) => {
      stdout += chunk;
      onOutput();
      done();
    },
  });
  const ended = herm(["dev", ...words], { ...options, stdout: collector, signal: stop.signal });
  onTestFinished(() => {
    stop.abort();
    return ended.then(() => undefined);
  });
  await Promise.race([listens, ended]);
  return {
    said: () => stdout,
    stop: async () => {
      stop.abort();
      const { code, stderr } = await ended;
      return { code, stderr };
    },
  };
}

describe("herm dev", () => {
  it("prints its address as one line of JSON, serves the API, and exits with 0", async () => {
    const server = await startDev(["--memory", "--port", "0", "-o", "json"]);
    expect(server.said().split("\n")).toHaveLength(2);
    const said = JSON.parse(server.said());
    expect(said).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      api_key: expect.stringMatching(/^herm_dev_/),
      data: null,
      pid: process.pid,
      deployments: ["dep_local"],
    });
    const headers = { authorization: `Bearer ${said.api_key}` };
    expect((await fetch(`${said.url}/v1/deployments`, { headers })).status).toBe(200);
    expect(await server.stop()).toEqual({ code: 0, stderr: "" });
    await expect(fetch(said.url)).rejects.toThrow();
  });

  it("explains the next steps on a terminal, without showing the key", async () => {
    const home = temporaryFolder();
    const data = join(home, ".local", "share", "herm", "dev.db");
    const server = await startDev(["--port", "0"], { home, tty: true, columns: 200 });
    expect(server.said().replace(/:\d{4,5}/g, ":PORT")).toBe(
      [
        "herm dev listens on http://127.0.0.1:PORT",
        `  data    ${data}`,
        "  serves  dep_local",
        "  try     herm --local automations list",
        `  or      HERM_API_URL=http://127.0.0.1:PORT HERM_API_KEY="$(cat '${data}.server/key')" herm automations list`,
        "  Ctrl-C stops it",
        "",
      ].join("\n"),
    );
    await server.stop();
  });

  it.each([
    [{}, "  key     shown with --output json; to set your own, use HERM_DEV_KEY"],
    [
      { HERM_DEV_KEY: "my-own-key" },
      '  try     HERM_API_URL=http://127.0.0.1:PORT HERM_API_KEY="$HERM_DEV_KEY" herm automations list',
    ],
  ])("explains how to get an in-memory server's key with %j", async (env, line) => {
    const server = await startDev(["--memory", "--port", "0"], { env, tty: true });
    expect(
      server
        .said()
        .replace(/:\d{4,5}/g, ":PORT")
        .split("\n"),
    ).toEqual([
      "herm dev listens on http://127.0.0.1:PORT",
      "  data    in memory, lost when it stops",
      "  serves  dep_local",
      line,
      "  Ctrl-C stops it",
      "",
    ]);
    await server.stop();
  });

  it("prints its URL, data and pid, separated by tabs, in a pipe", async () => {
    const data = join(temporaryFolder(), "my.db");
    const server = await startDev(["--port", "0", "--data", data]);
    expect(server.said()).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:\\d+\t${data}\t${process.pid}\n$`));
    await server.stop();
  });

  it("uses HERM_DEV_KEY as its key without saving it", async () => {
    const data = join(temporaryFolder(), "my.db");
    const server = await startDev(["--port", "0", "--data", data, "-o", "json"], {
      env: { HERM_DEV_KEY: "my-own-key" },
    });
    expect(JSON.parse(server.said())).toMatchObject({ api_key: "my-own-key" });
    expect(existsSync(join(`${data}.server`, "key"))).toBe(false);
    await server.stop();
    const next = await startDev(["--port", "0", "--data", data, "-o", "json"]);
    expect(JSON.parse(next.said()).api_key).toMatch(/^herm_dev_/);
    await next.stop();
  });

  it("starts its clock at a given time", async () => {
    const startedMs = Date.now();
    const server = await startDev([
      "--memory",
      "--port",
      "0",
      "--clock",
      "2020-02-29T12:00:00+01:00",
      "-o",
      "json",
    ]);
    const { url, api_key } = JSON.parse(server.said());
    const response = await fetch(`${url}/_dev/clock`, { headers: { authorization: `Bearer ${api_key}` } });
    const { now } = (await response.json()) as { now: string };
    const passedMs = Date.parse(now) - Date.parse("2020-02-29T11:00:00Z");
    expect(passedMs).toBeGreaterThanOrEqual(0);
    expect(passedMs).toBeLessThanOrEqual(Date.now() - startedMs);
    await server.stop();
  });

  it("reports whether a server uses the data", async () => {
    const home = temporaryFolder();
    const data = join(home, ".local", "share", "herm", "dev.db");
    const status = (options: HermOptions = {}, ...words: string[]) =>
      herm(["dev", "status", ...words], { home, ...options });
    expect(await status()).toEqual({ code: 0, stdout: `false\t${data}\n`, stderr: "" });
    expect(existsSync(join(home, ".local"))).toBe(false);
    expect((await status({ tty: true })).stdout).toBe(`not running · data ${data}\n`);
    expect(JSON.parse((await status({}, "-o", "json")).stdout)).toEqual({ running: false, data });
    const server = await startDev(["--port", "0", "-o", "json"], { home });
    const { url } = JSON.parse(server.said());
    const pid = process.pid;
    expect((await status()).stdout).toBe(`true\t${data}\t${url}\t${pid}\tfalse\t${data}.server/key\t\t\n`);
    expect((await status({ tty: true })).stdout).toBe(
      `running in the foreground on ${url} · pid ${pid} · data ${data}\nkey in ${data}.server/key\nruns until it is stopped\n`,
    );
    expect(JSON.parse((await status({}, "--json")).stdout)).toEqual({
      running: true,
      data,
      url,
      pid,
      background: false,
      key_file: `${data}.server/key`,
      stays_until: null,
      because: null,
    });
    await server.stop();
  });

  it("reports that there is no server to stop", async () => {
    const home = temporaryFolder();
    const data = join(home, ".local", "share", "herm", "dev.db");
    expect(await herm(["dev", "stop"], { home })).toEqual({
      code: 0,
      stdout: "",
      stderr: `no server uses ${data}\n`,
    });
    const { stdout } = await herm(["dev", "stop", "-o", "json"], { home });
    expect(JSON.parse(stdout)).toEqual({ stopped: false, data });
  });

  it("exits with 6, and names the owner, if another server uses the data", async () => {
    const data = join(temporaryFolder(), "my.db");
    const server = await startDev(["--port", "0", "--data", data, "-o", "json"]);
    const { url, pid } = JSON.parse(server.said());
    expect(await herm(["dev", "--port", "0", "--data", data])).toEqual({
      code: 6,
      stdout: "",
      stderr: `error: ${data} is used by the server at ${url} (pid ${pid})\nhint: to start another one, add --data or --memory; to stop this one: herm dev stop\n`,
    });
    await server.stop();
  });

  it("exits with 6 if another program uses its port", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    expect(await herm(["dev", "--memory", "--port", String(port)])).toEqual({
      code: 6,
      stdout: "",
      stderr: `error: port ${port} is taken\nhint: --port 0 picks a free one\n`,
    });
  });

  it.each([
    [["--port", "eighty"], '--port must be a number from 0 to 65535, not "eighty"'],
    [["--port", "65536"], '--port must be a number from 0 to 65535, not "65536"'],
    [["--clock", "tomorrow"], '--clock must be a time such as 2026-03-02T09:00:00Z, not "tomorrow"'],
    [
      ["--clock", "2026-13-01T00:00:00Z"],
      '--clock must be a time such as 2026-03-02T09:00:00Z, not "2026-13-01T00:00:00Z"',
    ],
    [["--memory", "--data", "x.db"], "--memory and --data can't be used together"],
    [["--example", "--data", "x.db"], "--example and --data can't be used together"],
    [["--yes"], "unknown flag --yes"],
    [["--host", "0.0.0.0"], "unknown flag --host"],
  ])("rejects %j", async (words, message) => {
    const { code, stdout, stderr } = await herm(["dev", ...words]);
    expect({ code, stdout, first: stderr.split("\n")[0] }).toEqual({
      code: 2,
      stdout: "",
      first: `error: ${message}`,
    });
  });

  it("rejects a key that can't be sent in a header", async () => {
    expect(await herm(["dev", "--memory"], { env: { HERM_DEV_KEY: "two words" } })).toMatchObject({
      code: 2,
      stderr: "error: HERM_DEV_KEY must be printable ASCII without spaces\n",
    });
  });

  it("rejects a data folder that is a symbolic link", async () => {
    const home = temporaryFolder();
    symlinkSync(temporaryFolder(), join(home, "data"));
    expect(
      await herm(["dev", "--port", "0"], { home, env: { HERM_DATA_DIR: join(home, "data") } }),
    ).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`error: ${join(home, "data")} is a symbolic link`),
    });
  });
});
