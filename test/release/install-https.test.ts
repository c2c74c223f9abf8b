import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeAuthority } from "../support/certificates.js";
import { connectProxy } from "../support/connect-proxy.js";
import { temporaryFolder } from "../support/harness.js";
import {
  busybox,
  busyboxMachine,
  downloaders,
  everythingBelow,
  file,
  hasDownloader,
  latest,
  tryOn,
} from "./installer.js";
import { startReleaseHost } from "./release-host.js";

describe.skipIf(!hasDownloader)("install.sh over https", () => {
  const authority = makeAuthority();
  const names = ["127.0.0.1", "releases.test"];

  /** Makes this downloader trust the test's own authority. */
  function trust(name: string): Record<string, string> {
    const folder = temporaryFolder();
    const pem = join(folder, "authority.pem");
    writeFileSync(pem, authority.pem);
    writeFileSync(join(folder, "wgetrc"), `ca_certificate = ${pem}\n`);
    return name === "curl" ? { CURL_CA_BUNDLE: pem } : { WGETRC: join(folder, "wgetrc") };
  }

  // BusyBox can't be made to trust another authority.
  const checking = downloaders.filter(([name]) => name !== "busybox");

  it.each(checking)("%s uses the environment's proxy", async (name, machine) => {
    const host = await startReleaseHost(latest(), authority.issue(names));
    const proxy = await connectProxy({ to: host.port });
    const env = {
      ...trust(name),
      HERM_RELEASE_URL: "https://releases.test/releases",
      https_proxy: `http://${proxy.host}`,
    };
    const { code, said } = await tryOn({}, { machine, env });
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(proxy.asked.map(({ line }) => line)).toContain("CONNECT releases.test:443");
  });

  it.each(checking)("%s follows a redirect to https, but not to http", async (name, machine) => {
    const plain = await startReleaseHost(latest());
    const far = await startReleaseHost(latest(), authority.issue(names));
    for (const [to, code] of [
      [far, 0],
      [plain, 1],
    ] as const) {
      const location = `${to.url}/latest/download/${file}`;
      const near = await startReleaseHost(
        latest({ [file]: { status: 302, headers: { location } } }),
        authority.issue(names),
      );
      const done = await tryOn({}, { machine, env: { ...trust(name), HERM_RELEASE_URL: near.url } });
      expect({ to: to.url, ...done }).toMatchObject({ code });
      expect(everythingBelow(done.machine.home)).toHaveLength(code === 0 ? 3 : 0);
    }
  });

  it.skipIf(busybox === undefined)("warns if wget would accept any certificate", async () => {
    const host = await startReleaseHost(latest(), authority.issue(names));
    const machine = { ...busyboxMachine(), without: ["openssl"] };
    const { said, machine: tried } = await tryOn({}, { machine, env: { HERM_RELEASE_URL: host.url } });
    expect(said).toContain("this wget doesn't check certificates; install curl\n");
    expect(everythingBelow(tried.home)).toEqual([]);
  });

  it.each(downloaders)("%s downloads nothing from a host with an unknown certificate", async (_, machine) => {
    const host = await startReleaseHost(latest(), authority.issue(names));
    const { code, said, machine: tried } = await tryOn({}, { machine, env: { HERM_RELEASE_URL: host.url } });
    expect([code, said]).toEqual([1, expect.stringContaining("couldn't download")]);
    expect(everythingBelow(tried.home)).toEqual([]);
  });
});
