import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { HermClient } from "../../src/api/client.js";
import { readFleet } from "../../src/fleet/read-fleet.js";

const deployments = ["dep_a", "dep_b", "dep_c"].map((deployment_id) => ({
  deployment_id,
  name: deployment_id,
}));

/** Answers the lists of automations once this many are requested at the same time. */
async function startServer({ atOnce, status = 200 }: { atOnce: number; status?: number }) {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const isList = request.url?.includes("/automations") === true;
    asked.push(isList ? "list" : "page");
    const body = JSON.stringify({ data: isList ? [] : deployments, next_cursor: null });
    const answer = () => response.writeHead(isList ? status : 200).end(body);
    if (!isList) return answer();
    waiting.push(answer);
    if (waiting.length === atOnce) for (const each of waiting.splice(0)) each();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { herm: new HermClient({ apiKey: "k", baseUrl: `http://127.0.0.1:${port}` }), asked };
}

const read = (herm: HermClient) => readFleet(herm, { deployments, signal: new AbortController().signal });

describe("a fleet", () => {
  it("is read several deployments at a time, once the deployments have been listed", async () => {
    const { herm, asked } = await startServer({ atOnce: 3 });
    for await (const _ of herm.deployments.list()) void _;
    expect(herm.hasRead).toBe(true);
    // By itself, the first would wait forever.
    await read(herm);
    expect(asked).toEqual(["page", "list", "list", "list"]);
  });

  it("is first read from one deployment alone, in case the key fails", async () => {
    const { herm, asked } = await startServer({ atOnce: 1, status: 401 });
    expect(herm.hasRead).toBe(false);
    await expect(read(herm)).rejects.toMatchObject({ status: 401 });
    expect(asked).toEqual(["list"]);
  });
});
