import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { startHerm } from "../support/spawn.js";

/** A server with endless pages, or pages up to `last`; `onPage` decides when each is sent. */
async function startPages({ onPage, last }: { onPage(page: number, send: () => void): void; last?: number }) {
  let asked = 0;
  const server = createServer((request, response) => {
    const page = Number(new URL(request.url ?? "", "http://127.0.0.1").searchParams.get("cursor") ?? 0);
    asked = Math.max(asked, page + 1);
    onPage(page, () => sendPage(response, { page, isLast: page === last }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    env: { HERM_API_URL: `http://127.0.0.1:${port}`, HERM_API_KEY: "key", HERM_DEPLOYMENT: "dep_1" },
    asked: () => asked,
  };
}

function sendPage(response: ServerResponse, { page, isLast }: { page: number; isLast: boolean }): void {
  const data = Array.from({ length: 100 }, (_, at) => ({
    automation_id: `auto_${page * 100 + at}`,
    name: `Weekly report ${page}`,
    schedule: "0 9 * * 1",
    enabled: true,
  }));
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ data, next_cursor: isLast ? null : String(page + 1) }));
}

describe("a list of many pages", () => {
  it.each([
    ["jsonl", ["-o", "jsonl"]],
    ["name", ["-o", "name"]],
    ["json", ["-o", "json"]],
    ["rows", []],
  ])("shows its first rows as %s before the last page", async (_format, flags) => {
    let sendLast: (() => void) | undefined;
    const { env } = await startPages({
      last: 1,
      onPage: (page, send) => {
        if (page === 0) send();
        else sendLast = send;
      },
    });
    const child = startHerm(["automations", "list", ...flags], { env });
    let seen = "";
    child.stdout.on("data", (chunk: Buffer) => {
      seen += chunk;
    });
    while (!seen.includes("auto_99") || sendLast === undefined) await sleep(5);
    expect(seen).not.toContain("auto_100");
    sendLast();
    expect(await once(child, "close")).toEqual([0, null]);
    expect(seen).toContain("auto_199");
  });

  it("is read only as far as its output is consumed", async () => {
    const { env, asked } = await startPages({ onPage: (_page, send) => send() });
    const child = startHerm(["automations", "list", "-o", "jsonl"], { env });
    let before = 0;
    do {
      before = asked();
      await sleep(150);
    } while (asked() === 0 || asked() !== before);
    expect(asked()).toBeLessThan(100);
    for await (const _chunk of child.stdout) break;
    expect(await once(child, "close")).toEqual([0, null]);
  });

  it("requests no page beyond --limit", async () => {
    const { env, asked } = await startPages({ onPage: (_page, send) => send() });
    const child = startHerm(["automations", "list", "-o", "name", "--limit", "100"], { env });
    let seen = "";
    child.stdout.on("data", (chunk: Buffer) => {
      seen += chunk;
    });
    expect(await once(child, "close")).toEqual([0, null]);
    expect([seen.split("\n").length - 1, asked()]).toEqual([100, 1]);
  });
});
