import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ensureLocalServer, findOwner, stopOwner } from "../../src/dev-server/owner.js";
import { askStatus } from "../../src/dev-server/server-status.js";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { temporaryFolder } from "../support/harness.js";
import { callerOf, cleanEnvironment, kill, serverCommand, spawnServer, spawnToEnd } from "./processes.js";

const files = createPrivateFiles({
  uid: process.getuid?.(),
  pid: process.pid,
  isRunning: (pid) => pid === process.pid,
});
const { signal } = new AbortController();

/** Finds or starts the server of a data file, and stops it with the test. */
async function ensure(
  dataFile: string,
  { env, before, silentMs }: { env?: NodeJS.ProcessEnv; before?: string; silentMs?: number } = {},
) {
  const said: string[] = [];
  const command = serverCommand(dataFile, "--background");
  const server = await ensureLocalServer({
    dataFile,
    files,
    startCommand: {
      ...(before === undefined ? command : after(before, command)),
      env: { ...cleanEnvironment(), ...env },
    },
    announce: (facts) => said.push(facts.join(" · ")),
    signal,
    silentMs,
  });
  onTestFinished(() => {
    try {
      process.kill(server.pid, "SIGKILL");
    } catch {
      // It has already ended.
    }
  });
  return { ...server, said };
}

/** A command that first runs shell lines. */
function after(lines: string, { file, args }: { file: string; args: string[] }) {
  return { file: "/bin/sh", args: ["-c", `${lines}\nexec "$0" "$@"`, file, ...args] };
}

describe("the server of a data file", () => {
  it("starts once for simultaneous commands, and is found afterwards", async () => {
    const dataFile = join(temporaryFolder(), "herm", "dev.db");
    const servers = await Promise.all([ensure(dataFile), ensure(dataFile), ensure(dataFile)]);
    const again = await ensure(dataFile);
    expect(new Set([...servers, again].map(({ pid }) => pid)).size).toBe(1);
    expect(servers.flatMap(({ said }) => said)).toEqual([
      "local server started · stops when idle and nothing is due soon · herm dev stop",
    ]);
    expect(again.said).toEqual([]);
    const { status } = await callerOf(again)("GET", "/v1/deployments/dep_local");
    expect(status).toBe(200);
  });

  it("keeps its files private: folder 0700, files 0600", async () => {
    const folder = join(temporaryFolder(), "herm");
    await ensure(join(folder, "dev.db"));
    const modes = [
      "",
      "dev.db",
      "dev.db-wal",
      "dev.db.server",
      "dev.db.server/key",
      "dev.db.server/owner.json",
      "dev.db.server/log",
    ];
    expect(modes.map((name) => [name, (lstatSync(join(folder, name)).mode & 0o777).toString(8)])).toEqual(
      modes.map((name) => [name, name === "" || name === "dev.db.server" ? "700" : "600"]),
    );
  });

  it("restarts after a kill with the same key and data", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const first = await spawnServer(dataFile);
    await first.call("POST", "/v1/deployments", { customer_id: "cus_1", name: "Kept", system_prompt: "" });
    await kill(first.child, "SIGKILL");
    expect(await findOwner(files, dataFile)).toBeUndefined();
    const second = await ensure(dataFile);
    expect(second.apiKey).toBe(first.apiKey);
    const { body } = await callerOf(second)("GET", "/v1/deployments");
    expect(body).toMatchObject({ data: [{ name: "Kept" }, { deployment_id: "dep_local" }] });
  });

  it("never sends the key to a foreign program on a dead server's port", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const heard: string[] = [];
    const stranger = createServer((incoming, outgoing) => {
      heard.push(JSON.stringify([incoming.url, incoming.headers]));
      outgoing.writeHead(200, { "herm-proof": "0".repeat(64) }).end("{}");
    });
    onTestFinished(() => void stranger.close());
    await once(stranger.listen(0, "127.0.0.1"), "listening");
    const { port } = stranger.address() as AddressInfo;
    files.write(
      join(`${dataFile}.server`, "owner.json"),
      JSON.stringify({
        url: `http://127.0.0.1:${port}`,
        api_key: "canary-key-canary",
        pid: 1,
        background: true,
      }),
    );
    expect(await findOwner(files, dataFile)).toBeUndefined();
    expect(heard).toHaveLength(1);
    expect(heard.join()).not.toContain("canary");
  });

  it.each(["", "{", "[]", "null", '{"url":"http://evil.example:80","api_key":"k","pid":1}'])(
    "isn't assumed to exist because of an owner file like %o",
    async (text) => {
      const dataFile = join(temporaryFolder(), "dev.db");
      files.write(join(`${dataFile}.server`, "owner.json"), text);
      expect(await findOwner(files, dataFile)).toBeUndefined();
    },
  );

  it("stops on request, and can't be found afterwards", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const { child } = await spawnServer(dataFile);
    const exit = once(child, "exit");
    const owner = await findOwner(files, dataFile);
    if (!owner) throw new Error("not found");
    await stopOwner({ ...owner, pid: Number.MAX_SAFE_INTEGER }, signal);
    expect((await exit)[0]).toBe(0);
    expect(await findOwner(files, dataFile)).toBeUndefined();
    expect(existsSync(join(`${dataFile}.server`, "owner.json"))).toBe(false);
  });

  it.runIf(process.platform === "linux")(
    "counts as stopped, even if its parent never reads its exit status",
    async () => {
      const dataFile = join(temporaryFolder(), "dev.db");
      const { file, args } = serverCommand(dataFile, "--background");
      // As in a container whose first process doesn't collect others: the ended server remains in the list of
      // processes.
      const words = ["-c", '"$@" & exec sleep 60', "sh", file, ...args];
      const heedless = spawn("sh", words, { env: cleanEnvironment(), stdio: "ignore" });
      onTestFinished(() => void heedless.kill("SIGKILL"));
      await expect.poll(() => findOwner(files, dataFile)).toBeDefined();
      const owner = await findOwner(files, dataFile);
      if (!owner) throw new Error("not found");
      await stopOwner(owner, signal);
      expect(readFileSync(`/proc/${owner.pid}/stat`, "utf8")).toContain(") Z ");
    },
  );

  it("exits with 0 on SIGTERM", async () => {
    const { child } = await spawnServer(join(temporaryFolder(), "dev.db"));
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    expect((await exit)[0]).toBe(0);
  });

  it("locks out a second server, whose error names the first", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const { url, pid } = await spawnServer(dataFile);
    expect(await spawnToEnd(dataFile)).toEqual({
      code: 6,
      message: `${dataFile} is used by the server at ${url} (pid ${pid})`,
    });
  });

  it("makes way for a foreground server if it runs in the background", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const background = await ensure(dataFile);
    await callerOf(background)("POST", "/v1/deployments", {
      customer_id: "c",
      name: "Kept",
      system_prompt: "",
    });
    const foreground = await spawnServer(dataFile);
    expect(foreground.pid).not.toBe(background.pid);
    expect(await findOwner(files, dataFile)).toMatchObject({ pid: foreground.pid, isBackground: false });
    const { body } = await foreground.call("GET", "/v1/deployments");
    expect(body).toMatchObject({ data: [{ name: "Kept" }, { deployment_id: "dep_local" }] });
  });

  it("is killed if it doesn't stop", async () => {
    const stuck =
      'require("http").createServer((_, to) => to.end()).listen(0, "127.0.0.1", function () { console.log(this.address().port) })';
    const child = spawn(process.execPath, ["-e", stuck]);
    const [port] = await once(child.stdout, "data");
    const ended = once(child, "exit");
    const owner = { url: `http://127.0.0.1:${String(port).trim()}`, apiKey: "k", isBackground: true };
    await stopOwner({ ...owner, pid: child.pid ?? 0 }, signal, 50);
    expect(await ended).toEqual([null, "SIGKILL"]);
  });

  it("reports why it keeps running, and a status request doesn't count as use", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const server = await ensure(dataFile);
    const first = await askStatus(server);
    expect(first).toMatchObject({ stay: { because: "use" }, due: null, automations: 0, runs: 0 });
    const later = await askStatus(server);
    expect(later?.stay?.forMs).toBeLessThan(first?.stay?.forMs ?? 0);
    const soon = new Date(Date.now() + 40 * 60_000);
    const call = callerOf(server);
    const path = "/v1/deployments/dep_local/automations";
    const schedule = `${soon.getUTCMinutes()} ${soon.getUTCHours()} * * *`;
    await call("POST", path, { name: "Soon", schedule, instructions: "x" });
    expect(await askStatus(server)).toMatchObject({
      stay: { because: "due" },
      due: { name: "Soon", deployment_id: "dep_local" },
      automations: 1,
    });
  });

  it("reports why it didn't start, and names its log", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    writeFileSync(dataFile, "this is no database, and long enough to be looked at by the driver");
    const error = await ensure(dataFile).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: `the local server didn't start: ${dataFile} is not a database`,
      hint: `its log is ${dataFile}.server/log`,
    });
  });

  it("is awaited as long as it prints, however slowly it starts", async () => {
    const slowly = "for line in 1 2 3 4 5 6; do echo $line; sleep 0.5; done";
    const { said } = await ensure(join(temporaryFolder(), "dev.db"), { before: slowly, silentMs: 2_500 });
    expect(said).toHaveLength(1);
  });

  it("is abandoned once it stops printing", async () => {
    const dataFile = join(temporaryFolder(), "dev.db");
    const started = ensure(dataFile, { before: "echo a line; sleep 3; exit", silentMs: 500 });
    await expect(started).rejects.toMatchObject({
      message: "the local server didn't start: a line",
      hint: `its log is ${dataFile}.server/log`,
    });
  });

  it("follows no link to its data or its key", async () => {
    const folder = temporaryFolder();
    const victim = join(folder, "victim");
    writeFileSync(victim, "precious");
    symlinkSync(victim, join(folder, "dev.db"));
    expect(await spawnToEnd(join(folder, "dev.db"))).toEqual({
      code: 1,
      message: `${join(folder, "dev.db")} is a symbolic link`,
    });
    files.ensureFolder(join(folder, "other.db.server"));
    symlinkSync(victim, join(folder, "other.db.server", "key"));
    expect(await spawnToEnd(join(folder, "other.db"))).toMatchObject({ code: 1 });
    expect(readFileSync(victim, "utf8")).toBe("precious");
  });

  // Read in /proc.
  it.skipIf(process.platform !== "linux")(
    "starts without the real API's keys in its environment",
    async () => {
      const dataFile = join(temporaryFolder(), "dev.db");
      const { pid } = await ensure(dataFile, {
        env: { HERM_API_KEY: "canary-1", PRISM_API_KEY: "canary-2" },
      });
      expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain("canary");
    },
  );
});
