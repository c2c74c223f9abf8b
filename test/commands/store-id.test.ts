import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { addAutomation } from "../incident/fleet.js";
import { fetchFrom, herm, startServer, temporaryFolder } from "../support/harness.js";

const commands = [
  "automations pause --all --incident INC-1 --yes",
  "incidents show INC-1",
  "automations list",
  "automations get one",
  "diff -f herm.yaml",
  "automations resume --incident INC-1 --yes",
  "apply -f herm.yaml --yes",
];

/** Runs the commands one after another against a server with this name; returns the requests. */
async function pathsAskedFor(serverHeader: string | null) {
  const server = await startServer();
  const home = temporaryFolder();
  writeFileSync(
    join(home, "herm.yaml"),
    "automations:\n  - name: one\n    schedule: 0 9 * * 1\n    instructions: Look.\n",
  );
  await addAutomation(server, { name: "one" });
  const paths: string[] = [];
  const real = fetchFrom(server);
  const fetch: FetchLike = async (address, request) => {
    paths.push(new URL(address).pathname);
    const answer = await real(address, request);
    const headers = {
      get: (name: string) => (name.toLowerCase() === "server" ? serverHeader : answer.headers.get(name)),
    };
    return { status: answer.status, headers, body: answer.body };
  };
  const outcomes: string[] = [];
  for (const words of commands) {
    const { code, stderr } = await herm(words.split(" "), {
      server,
      fetch,
      home,
      cwd: home,
      env: { HERM_DEPLOYMENT: "dep_local" },
    });
    outcomes.push(`${words}: ${code}${code === 0 || code === 9 ? "" : ` ${stderr}`}`);
  }
  return { paths, outcomes };
}

describe("the id of a local server's data store", () => {
  it.each([null, "nginx", "herm-devil"])(
    "isn't requested on this machine if the server identifies as %s",
    async (header) => {
      const { paths, outcomes } = await pathsAskedFor(header);
      expect(outcomes.map((line) => line.replace(/.*: /, ""))).toEqual(["0", "0", "0", "0", "9", "0", "0"]);
      expect(paths).toContain("/v1/deployments/dep_local/automations");
      expect(paths.filter((path) => !path.startsWith("/v1/"))).toEqual([]);
    },
  );

  it("is requested only after a response from a local server", async () => {
    const { paths } = await pathsAskedFor("herm-dev");
    expect(paths).toContain("/_dev/store");
    expect(paths[0]).not.toBe("/_dev/store");
  });
});
