import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { ExchangeAbort, type FetchResponse, startTimer } from "../../src/api/fetch.js";
import type { RunStatus } from "../../src/api/types.js";
import { fakeApi } from "../support/fake-api.js";
import { openTerminal } from "../support/pty.js";
import type { Terminal, TerminalOptions } from "../support/terminal-process.js";

export interface Streamed {
  /** The text in every field of the API. */
  text: string;
  /** The run's events, instead of those with the text. */
  events?: [event: string, data: object][];
  /** The status of every run; the stream of a waiting run stays open. */
  runStatus?: RunStatus;
}

/** A terminal with an API that stores nothing, for texts and streams that the local server would never send. */
export async function openOnStream(
  words: readonly string[],
  streamed: Streamed,
  options: Partial<TerminalOptions> = {},
): Promise<Terminal> {
  const api = fakeApi(streamed);
  const server = createServer(async (request, response) => {
    const answer = await api(`http://127.0.0.1${request.url}`, {
      method: request.method ?? "GET",
      headers: {},
      watch: new ExchangeAbort(undefined, startTimer),
      redirect: "manual",
    });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.write(await textOf(answer.body));
    const isOpen = request.url?.includes("/events") && streamed.runStatus === "waiting_on_human";
    if (!isOpen) response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = isPlace(address) ? address.port : 0;
  const env = {
    HERM_API_URL: `http://127.0.0.1:${port}`,
    HERM_API_KEY: "key-of-environment",
    HERM_DEPLOYMENT: "dep_1",
    NO_COLOR: "1",
    TZ: "UTC",
  };
  return openTerminal(words, { ...options, env: { ...env, ...options.env } });
}

async function textOf(body: FetchResponse["body"]): Promise<string> {
  let text = "";
  if (body !== null && Symbol.asyncIterator in body) {
    for await (const chunk of body) text += Buffer.from(chunk).toString("utf8");
  }
  return text;
}

function isPlace(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
