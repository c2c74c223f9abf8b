import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { seeded } from "../support/seed.js";

/** A run as a server sends it, always the same: its text, its tools, its end. */
const events = [
  { event: "run_status", data: { status: "running" } },
  ...words("Ich schaue nach – 日本 😀 und weiter,\nZeile für Zeile:\n"),
  { event: "tool_call", data: { tool: "search", arguments: { query: "beste Videos" } } },
  { event: "tool_result", data: { tool: "search", result: "3 Treffer" } },
  ...words("eins zwei drei vier fünf sechs sieben acht neun zehn\n".repeat(8)),
  { event: "run_status", data: { status: "completed" } },
];

function words(text: string) {
  return text.split(/(?<=\s)/).map((delta) => ({ event: "token", data: { delta } }));
}

export interface FollowedApi {
  url: string;
  /** The number of bytes in its stream, from the first event to the last. */
  streamBytes: number;
  close(): void;
}

/** An API with one automation, whose run starts when it is triggered. A replay starts up to three events too early. */
export async function followedApi(seed = 1): Promise<FollowedApi> {
  const random = seeded(seed);
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const blocks = events.map(({ event, data }, index) => {
    const whole = { run_id: "run_1", thread_id: "thr_1", ...data };
    return `event: ${event}\nid: evt_${index + 1}\ndata: ${JSON.stringify(whole)}\n\n`;
  });
  const server = createServer(async (request, response) => {
    const { method, url = "" } = request;
    // The command would warn about a different clock.
    response.sendDate = false;
    const json = (body: object) =>
      response.setHeader("content-type", "application/json").end(JSON.stringify(body));
    if (method === "POST") {
      begin();
      return void json({ run_id: "run_1" });
    }
    if (!url.includes("/events")) return void json({ ...automation, data: [automation], next_cursor: null });
    const last = request.headers["last-event-id"];
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (last === undefined) response.write("id: evt_0\n\n");
    await begun;
    const seen = Number(String(last ?? "evt_0").slice(4));
    const from = last === undefined ? 0 : Math.max(0, seen - Math.floor(random() * 4));
    await tell(response, blocks.slice(from));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`,
    streamBytes: Buffer.byteLength(blocks.join("")),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const automation = {
  automation_id: "auto_1",
  deployment_id: "dep_1",
  name: "Weekly",
  schedule: "0 9 * * 1",
  enabled: true,
  instructions: "I",
  thread_id: "thr_1",
  recent_runs: [],
};

async function tell(response: ServerResponse, blocks: readonly string[]): Promise<void> {
  for (const [index, block] of blocks.entries()) {
    if (response.destroyed) return;
    response.write(block);
    if (index % 5 === 4) await new Promise(setImmediate);
  }
}
