import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import { addDeployment, call } from "../incident/fleet.js";
import { herm, startServer, temporaryFolder } from "../support/harness.js";

const lines = ["A", "B"].map(
  (name) => `  - {name: ${name}, schedule: every day at 9am, instructions: do ${name}}\n`,
);
const manifest = (count: number) => `record: herm.lock.yaml\nautomations:\n${lines.slice(0, count).join("")}`;

/** Two accounts of one API that isn't a local server: a key sees the deployments of its own alone. */
async function start() {
  const accounts = [await startServer(), await startServer()];
  const [cwd, home] = [temporaryFolder(), temporaryFolder()];
  const fetch: FetchLike = async (url, init) => {
    const { authorization = "" } = init.headers as Record<string, string>;
    const account = accounts.find(({ apiKey }) => authorization === `Bearer ${apiKey}`);
    const answer = await (account as EmbeddedServer).fetch(new Request(url, init as RequestInit));
    const headers = new Headers(answer.headers);
    headers.delete("server");
    return new Response(answer.body, { status: answer.status, headers });
  };
  const deployments = await Promise.all(
    accounts.map((server, at) => addDeployment(server, { name: `Acme ${at + 1}` })),
  );
  return {
    accounts,
    deployments,
    write: (text: string) => writeFileSync(join(cwd, "herm.yaml"), text),
    record: () => readFileSync(join(cwd, "herm.lock.yaml"), "utf8"),
    /** Runs it with the key of the first or second account. */
    run: (account: 1 | 2, ...words: string[]) =>
      herm(["automations", ...words], { cwd, home, fetch, key: accounts[account - 1]?.apiKey ?? null }),
    names: async (account: 1 | 2) => {
      const [server, id] = [accounts[account - 1], deployments[account - 1]];
      const { body } = await call(server as EmbeddedServer, "GET", `/v1/deployments/${id}/automations`);
      return (body.data as { name: string }[]).map(({ name }) => name).sort();
    },
  };
}

const files = ["-f", "herm.yaml", "--all-deployments", "--except", "Local", "--yes"];
const apply = ["apply", ...files, "--prune"];

describe("a record of one account", () => {
  it("is refused to a key that sees none of its deployments, also of one API, before anything is sent", async () => {
    const { run, write, names, record, deployments } = await start();
    write(manifest(2));
    expect((await run(1, "adopt", ...files)).code).toBe(0);
    expect((await run(1, ...apply)).code).toBe(0);
    const before = record();
    for (const verb of ["apply", "diff"]) {
      const words = verb === "apply" ? apply : ["diff", ...files.slice(0, -1)];
      expect(await run(2, ...words)).toMatchObject({
        code: 6,
        stderr: expect.stringContaining(
          "this key doesn't see the deployment of herm.lock.yaml: nothing was sent\n",
        ),
      });
    }
    const others = ["apply", "-f", "herm.yaml", "-d", deployments[0] ?? "", "--prune", "--yes"];
    expect((await run(2, ...others)).code).toBe(4);
    expect([await names(1), await names(2), record()]).toEqual([["A", "B"], [], before]);
  });
});
