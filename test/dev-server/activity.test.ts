import { once } from "node:events";
import { devNull } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { spawnServer, startHerm } from "../support/spawn.js";
import { callerOf } from "./processes.js";

const path = "/v1/deployments/dep_local/automations";
const yearly = { schedule: "0 0 1 1 *", instructions: "Hello" };
const call = (server: { said: { url: string; api_key: string } }) =>
  callerOf({ url: server.said.url, apiKey: server.said.api_key });

/** A server and the lines on its stderr, without their times; `until` reads up to a line with this end. */
async function startSeen(...words: string[]) {
  const server = await spawnServer(["--memory", ...words]);
  const lines = createInterface({ input: server.child.stderr })[Symbol.asyncIterator]();
  const until = async (end: string) => {
    const read: string[] = [];
    for (let next = await lines.next(); !next.done; next = await lines.next()) {
      expect(next.value).toMatch(/^(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\dZ {2}|^… and /);
      read.push(next.value.replace(/^.*?Z {2}/, "").replace(/ \d+ (ms|s)\b/, " SOME $1"));
      if (next.value.endsWith(end)) return read;
    }
    throw new Error(`it ended without ${end}: ${read.join("\n")}`);
  };
  return { ...server, call: call(server), until };
}

async function create(caller: ReturnType<typeof callerOf>, fields: Record<string, unknown>): Promise<string> {
  const { body } = await caller("POST", path, { ...yearly, ...fields });
  return (body as { automation_id: string }).automation_id;
}

describe("a server in the foreground", () => {
  it("prints a line, safe for terminals, for each change, run start and run end", async () => {
    const { call, until } = await startSeen();
    const id = await create(call, { name: "Weekly" });
    const bad = await create(call, { name: "Bad\u001b[2J", instructions: "@dev fail out of\u202e luck" });
    await create(call, { name: "Late", enabled: false });
    await call("GET", `${path}/${id}`);
    await call("PATCH", `${path}/${id}`, { enabled: false });
    await call("PATCH", `${path}/${id}`, { enabled: true, name: "Daily" });
    await call("PATCH", `${path}/${id}`, { schedule: "0 9 * * *", instructions: "@dev ask Shall I?" });
    await call("PATCH", `${path}/${id}`, { schedule: "no schedule" });
    await call("POST", `${path}/${bad}/trigger`);
    expect(await until("luck")).toEqual([
      "created    Local/Weekly · 0 0 1 1 *",
      "created    Local/Bad^[[2J · 0 0 1 1 *",
      "created    Local/Late · 0 0 1 1 *, paused",
      "paused     Local/Weekly",
      "resumed    Local/Weekly · name to Daily",
      "changed    Local/Daily · schedule to 0 9 * * *, instructions",
      "triggered  Local/Bad^[[2J",
      "failed     Local/Bad^[[2J · SOME ms · out of<U+202E> luck",
    ]);
    await call("POST", "/_dev/clock", { advance_s: 24 * 3600 });
    const { body } = await call("GET", `${path}/${id}`);
    const { thread_id } = body as { thread_id: string };
    await call("POST", "/v1/deployments/dep_local/messages", { content: "yes", thread_id });
    await call("DELETE", `${path}/${bad}`);
    const rest = await until("Bad^[[2J");
    expect(rest.filter((line) => !/moved|completed/.test(line))).toEqual([
      "fired      Local/Daily",
      "asks       Local/Daily · Shall I?",
      "answered   Local/Daily",
      "deleted    Local/Bad^[[2J",
    ]);
    expect(rest).toContainEqual(expect.stringMatching(/^moved {6}the clock to .*Z · 1 run$/));
  });

  it("omits the lines for runs and changes under --quiet", async () => {
    const { call, child } = await startSeen("--quiet");
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
    });
    await create(call, { name: "Weekly" });
    child.kill("SIGTERM");
    await once(child, "close");
    expect(said).toBe("");
  });

  it("prints counts if there are too many events to read", async () => {
    const { call, until } = await startSeen();
    for (let batch = 0; batch < 10; batch += 1)
      await Promise.all(Array.from({ length: 50 }, (_, index) => create(call, { name: `A ${index}` })));
    const lines = await until("created");
    expect(lines.length).toBeLessThan(200);
    expect(lines.at(-1)).toMatch(/^… and \d+ more: \d+ created$/);
  });

  it("continues after its output pipe closes", async () => {
    const server = await spawnServer(["--memory"]);
    server.child.stderr.destroy();
    server.child.stdout.destroy();
    for (let index = 0; index < 30; index += 1) await create(call(server), { name: `A ${index}` });
    const { status } = await call(server)("GET", path);
    expect(status).toBe(200);
  });

  it("continues when the disk of its log is full", async (context) => {
    // On Windows, no disk is always full.
    if (devNull !== "/dev/null") return context.skip();
    const data = join(temporaryFolder(), "dev.db");
    const words = ["dev", "--port", "0", "-o", "json", "--data", data];
    const child = startHerm(words, { through: ["sh", "-c", 'exec "$@" 2>/dev/full', "sh"] });
    for await (const line of createInterface({ input: child.stdout })) {
      const caller = call({ said: JSON.parse(line) });
      for (let index = 0; index < 3; index += 1) await create(caller, { name: `A ${index}` });
      expect((await caller("GET", path)).status).toBe(200);
      break;
    }
  });

  // Ctrl-S stops a terminal's output, so a process that writes to it waits.
});
