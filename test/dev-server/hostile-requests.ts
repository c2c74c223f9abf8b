import { connect } from "node:net";

const base = "/v1/deployments/dep_local";
const automation = JSON.stringify({ name: "Evil", schedule: "* * * * *", instructions: "x" });

/** A request that a page from another origin, or through a rebound name, may make. */
export interface HostileRequest {
  name: string;
  /** Its bytes; `host` is the server's own, `key` a whole header line or empty. */
  text(to: { host: string; key: string }): string;
}

export const isRefused = /^HTTP\/1\.1 (400 Bad Request|403 Forbidden|431 Request Header Fields Too Large)$/;

/** Sends text unchanged on a new socket; returns the first line of the response, if there is one. */
export async function sendRaw(host: string, text: string): Promise<string> {
  const [address = "", port] = host.split(":");
  const socket = connect(Number(port), address);
  try {
    socket.write(text);
    let answer = "";
    socket.on("error", () => undefined);
    for await (const chunk of socket) {
      answer += chunk;
      if (answer.includes("\r\n")) break;
    }
    return answer.split("\r\n")[0] ?? "";
  } finally {
    socket.destroy();
  }
}

/** More than a parser may want to keep. */
const manyHeaders = "x:1\r\n".repeat(2_100);

const hosts: [string, (host: string) => string][] = [
  ["an evil host", () => "Host: evil.example\r\n"],
  ["an evil host with the right port", (own) => `Host: evil.example:${own.split(":")[1]}\r\n`],
  ["the wrong port", () => "Host: 127.0.0.1:1\r\n"],
  ["no port", () => "Host: 127.0.0.1\r\n"],
  ["no host", () => ""],
  ["an empty host", () => "Host:\r\n"],
  ["two hosts", (own) => `Host: ${own}\r\nHost: evil.example\r\n`],
  ["a second host behind many headers", (own) => `Host: ${own}\r\n${manyHeaders}Host: evil.example\r\n`],
  ["the same host twice", (own) => `Host: ${own}\r\nHost: ${own}\r\n`],
  ["a trailing dot", (own) => `Host: ${own.replace(":", ".:")}\r\n`],
  ["another spelling of the address", (own) => `Host: ${own.replace("127.0.0.1", "127.1")}\r\n`],
];
const origins: [string, string][] = [
  ["the origin null", "Origin: null\r\n"],
  ["an evil origin", "Origin: http://evil.example\r\n"],
  ["an evil origin behind many headers", `${manyHeaders}Origin: http://evil.example\r\n`],
  ["the origin of another port", "Origin: http://127.0.0.1:1\r\n"],
  ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: cross-site\r\n"],
  ["Sec-Fetch-Site: same-site", "Sec-Fetch-Site: same-site\r\n"],
];
const requests: [string, { method: string; path: string; headers: string; body: string }][] = [
  ["GET", { method: "GET", path: base, headers: "", body: "" }],
  [
    "POST of plain text",
    {
      method: "POST",
      path: `${base}/automations`,
      headers: `Content-Type: text/plain\r\nContent-Length: ${automation.length}\r\n`,
      body: automation,
    },
  ],
  [
    "OPTIONS",
    {
      method: "OPTIONS",
      path: `${base}/automations`,
      headers: "Access-Control-Request-Method: POST\r\n",
      body: "",
    },
  ],
  ["SSE", { method: "GET", path: `${base}/events`, headers: "Accept: text/event-stream\r\n", body: "" }],
];

const own = (host: string) => `Host: ${host}\r\n`;

export const hostileRequests: HostileRequest[] = requests.flatMap(
  ([name, { method, path, headers, body }]) => [
    ...hosts.map(([hostName, hostLines]) => ({
      name: `${name} with ${hostName}`,
      text: ({ host, key }: { host: string; key: string }) =>
        `${method} ${path} HTTP/1.1\r\n${hostLines(host)}${key}${headers}\r\n${body}`,
    })),
    {
      name: `${name} in absolute form`,
      text: ({ host, key }) =>
        `${method} http://evil.example${path} HTTP/1.1\r\n${own(host)}${key}${headers}\r\n${body}`,
    },
    ...origins.map(([originName, more]) => ({
      name: `${name} with ${originName}`,
      text: ({ host, key }: { host: string; key: string }) =>
        `${method} ${path} HTTP/1.1\r\n${own(host)}${key}${headers}${more}\r\n${body}`,
    })),
  ],
);
