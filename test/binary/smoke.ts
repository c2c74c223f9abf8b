/**
 * Tries dist-binary/herm against a `herm dev` run by Node, with nothing on PATH: it lists, follows and applies, and says
 * what it can't do. Ends with 0 only if all of it went as it should.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = join(import.meta.dirname, "..", "..");
const binary = join(root, "dist-binary", "herm");
const home = mkdtempSync(join(tmpdir(), "herm-binary-"));

interface ServerLine {
  url: string;
  api_key: string;
}

async function main(): Promise<void> {
  const command = [join(root, "bin", "herm.cjs"), "dev", "--port", "0", "-o", "json"];
  const server = spawn(process.execPath, command, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { HOME: home },
  });
  try {
    for await (const line of createInterface({ input: server.stdout })) {
      tryAll(JSON.parse(line));
      return;
    }
    throw new Error("the local server ended before it said where it listens");
  } finally {
    server.kill("SIGTERM");
    if (server.exitCode === null) await once(server, "exit");
  }
}

function tryAll({ url, api_key: key }: ServerLine): void {
  const remote = { HOME: home, HERM_API_URL: url, HERM_API_KEY: key, HERM_DEPLOYMENT: "dep_local" };

  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.deepEqual(herm(["--version"], remote), { status: 0, stdout: `${version}\n`, stderr: "" });

  const manifest = {
    automations: [{ name: "Weekly", schedule: "every Monday at 9am", instructions: "Five." }],
  };
  writeFileSync(join(home, "herm.json"), JSON.stringify(manifest));
  for (const action of ["create", "unchanged"]) {
    const applied = herm(["automations", "apply", "--file", "herm.json", "-o", "json"], remote);
    assert.equal(JSON.parse(applied.stdout)[0].action, action, applied.stderr);
  }

  const listed = herm(["automations", "list", "-o", "json"], remote);
  assert.equal(JSON.parse(listed.stdout)[0].schedule, "0 9 * * 1", listed.stderr);

  const followed = herm(["automations", "trigger", "Weekly", "--follow", "-o", "json"], remote);
  assert.equal(JSON.parse(followed.stdout).status, "completed", followed.stderr);

  const found = herm(["--local", "automations", "list", "-o", "name"], { HOME: home });
  assert.match(found.stdout, /^auto_\w+\n$/, found.stderr);

  const noServer = { HOME: join(home, "elsewhere") };
  for (const words of [
    ["dev", "--memory"],
    ["--local", "automations", "list"],
  ]) {
    const { status, stderr } = herm(words, noServer);
    assert.equal(status, 1);
    assert.match(stderr, /the SQL driver \(libsql\) isn't there: npm install --global/);
  }
}

function herm(words: readonly string[], env: Record<string, string>) {
  const { status, stdout, stderr } = spawnSync(binary, words, {
    cwd: home,
    env: { PATH: "", ...env },
    encoding: "utf8",
  });
  console.log(`$ herm ${words.join(" ")} → ${status}`);
  return { status, stdout, stderr };
}

try {
  await main();
  console.log(`dist-binary/herm: ${(statSync(binary).size / 1e6).toFixed(0)} MB`);
} finally {
  rmSync(home, { recursive: true, force: true });
}
