import { expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { fetchFrom, type HermOptions, herm, temporaryFolder } from "../support/harness.js";
import { AuditWorld } from "./audit-world.js";
import { startManifestServer } from "./manifest-server.js";

/** A misconfigured proxy, which returns its own 404 for every automation that has already been requested once. */
function losing(server: Parameters<typeof fetchFrom>[0]): FetchLike {
  const asked = new Set<string>();
  return async (url, init) => {
    const isAgain = init.method === "GET" && url.includes("/auto_") && asked.size === asked.add(url).size;
    return isAgain ? new Response("404 page not found", { status: 404 }) : fetchFrom(server)(url, init);
  };
}

it("a proxy's 404 doesn't count as a deletion in an undo", async () => {
  const { server, state } = await startManifestServer();
  const home = temporaryFolder();
  const run = (words: string, options: HermOptions = {}) =>
    herm(words.split(" "), { server, home, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
  await run("automations create --name a --schedule @daily --instructions I");
  const { code, stderr } = await run("undo last --yes", { fetch: losing(server) });
  expect({ code, left: (await state()).length }).toEqual({ code: 8, left: 1 });
  expect(stderr).toContain("404 page not found");
});

it("a proxy's 404 doesn't count as a deletion in catch-up", async () => {
  const world = await AuditWorld.open("2026-03-02T00:30:00Z");
  for (const name of ["One", "Two"]) await world.create(name, "0 18 * * *");
  await world.rest(24 * 60, { isLost: true });
  const words = ["catch-up", "--since", "36h", "--yes", "--json"];
  const { code, stdout } = await world.run(words, { fetch: losing(world.server) });
  const results = JSON.parse(stdout).map(({ result }: { result: string }) => result);
  expect({ code, results }).toEqual({ code: 8, results: ["failed", "failed"] });
});
