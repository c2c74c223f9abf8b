import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type Answerer,
  closedUrl,
  json,
  scriptedServer,
  secureScriptedServer,
  text,
} from "../api/scripted-server.js";
import { makeAuthority } from "../support/certificates.js";
import { connectProxy } from "../support/connect-proxy.js";
import { temporaryFolder } from "../support/harness.js";
import { spawnHerm } from "../support/spawn.js";

const key = "Zq7+Vx/3=Kw9.Tj5~Bn1_Rm8";
const password = "pa55word/of the proxy";
const deployment = {
  deployment_id: "dep_1",
  customer_id: "cus_1",
  name: "D",
  status: "ready",
  created_at: "2026-01-05T12:00:00Z",
};
const deployments = { data: [deployment], next_cursor: null };

/** An API over TLS, only for machines that trust its authority; no name server has its name. */
async function secureApi(...script: Answerer[]) {
  const authority = makeAuthority();
  const server = await secureScriptedServer(authority.issue(["api.invalid", "127.0.0.1"]), ...script);
  const trusted = join(temporaryFolder(), "authority.pem");
  writeFileSync(trusted, authority.pem);
  return { server, trusted, port: Number(new URL(server.url).port) };
}

const env = (more: Record<string, string>) => ({
  HERM_API_KEY: key,
  HERM_API_URL: "https://api.invalid",
  ...more,
});
const withCredentials = (host: string) => `http://me-myself:${encodeURIComponent(password)}@${host}`;
const tells = [
  ...[key, password].flatMap((secret) => [
    secret.slice(0, -4),
    encodeURIComponent(secret).slice(0, -4),
    Buffer.from(secret).toString("base64").slice(0, 10),
  ]),
  "me-myself",
  Buffer.from("me-myself").toString("base64").slice(0, 10),
];
const leaksIn = (...texts: string[]) => tells.filter((tell) => texts.some((shown) => shown.includes(tell)));

describe("a connection through a proxy", () => {
  it("reaches the API, is reported with --debug, and hides the key", async () => {
    const api = await secureApi(json(200, deployments));
    const proxy = await connectProxy({ to: api.port });
    const ran = await spawnHerm(["deployments", "list", "--debug"], {
      env: env({ HTTPS_PROXY: withCredentials(proxy.host), NODE_EXTRA_CA_CERTS: api.trusted }),
    });
    expect(ran).toEqual({
      code: 0,
      stdout: "D\tready\tcus_1\t2026-01-05T12:00:00Z\tdep_1\n",
      stderr: expect.stringMatching(
        /^debug: GET https:\/\/api\.invalid\/v1\/deployments\S* · 200 · [^·]+ · through the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\)\n$/,
      ),
    });
    expect(proxy.asked).toEqual([
      {
        line: "CONNECT api.invalid:443",
        authorization: `Basic ${Buffer.from(`me-myself:${password}`).toString("base64")}`,
      },
    ]);
    expect(leaksIn(ran.stdout, ran.stderr, proxy.seen())).toEqual([]);
    expect(
      api.server.seen.map(({ headers }) => [headers.authorization, headers["proxy-authorization"]]),
    ).toEqual([[`Bearer ${key}`, undefined]]);
  });

  it("is kept open even through a TLS proxy", async () => {
    const api = await secureApi(json(200, deployments), json(200, { ...deployments, next_cursor: null }));
    const authority = makeAuthority("Authority of the proxy");
    const proxy = await connectProxy({ to: api.port, tls: authority.issue(["127.0.0.1"]) });
    const trusted = join(temporaryFolder(), "both.pem");
    writeFileSync(trusted, readFileSync(api.trusted, "utf8") + authority.pem);
    const ran = await spawnHerm(["doctor", "-o", "json"], {
      env: env({ https_proxy: `https://${proxy.host}`, NODE_EXTRA_CA_CERTS: trusted }),
    });
    const findings: { check: string; state: string; found: string }[] = JSON.parse(ran.stdout);
    expect(findings).toContainEqual({ check: "proxy", state: "ok", found: `${proxy.host} (https_proxy)` });
    expect(findings).toContainEqual({ check: "server", state: "ok", found: "answers" });
    expect(api.server.seen.length).toBeGreaterThan(1);
    expect(proxy.asked).toHaveLength(1);
  });

  it("delivers a followed run live, even across an interruption", async () => {
    const automation = { automation_id: "auto_1", name: "A", thread_id: "thr_1", recent_runs: [] };
    const bodies = ["running", "completed"].map(
      (status, at) =>
        `event: run_status\nid: evt_${at + 1}\ndata: ${JSON.stringify({ run_id: "run_1", status })}\n\n`,
    );
    const api = await secureApi((response, request) => {
      const { method, url } = request;
      const part = url.includes("/events") ? bodies.shift() : undefined;
      if (part !== undefined)
        return text(200, part, { "content-type": "text/event-stream" })(response, request);
      return json(200, method === "POST" ? { run_id: "run_1" } : automation)(response, request);
    });
    const proxy = await connectProxy({ to: api.port });
    const words = ["automations", "trigger", "dep_1/auto_1", "--follow", "-o", "jsonl"];
    const ran = await spawnHerm(words, {
      env: env({ HTTPS_PROXY: `http://${proxy.host}`, NODE_EXTRA_CA_CERTS: api.trusted }),
    });
    const line = (at: number, status: string) =>
      `{"event":"run_status","id":"evt_${at}","data":{"run_id":"run_1","status":"${status}"}}\n`;
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({
      code: 0,
      stdout: line(1, "running") + line(2, "completed"),
    });
    const openings = api.server.seen.filter(({ url }) => url.includes("/events"));
    expect(openings.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "evt_1"]);
  });

  it.each([
    [
      407,
      "error: the proxy P requires a valid user name and password (407)\nhint: set both in HTTPS_PROXY, as http://<user>:<password>@<host>:<port>\n",
    ],
    [
      403,
      "error: the proxy P refuses to connect to api.invalid:443 (403)\nhint: HTTPS_PROXY sets the proxy; NO_PROXY lists the hosts that are reached without one\n",
    ],
  ])("reports the proxy's own %i as such, and exits with 7", async (status, stderr) => {
    const proxy = await connectProxy({ refuseWith: status });
    const ran = await spawnHerm(["deployments", "list"], {
      env: env({ HTTPS_PROXY: withCredentials(proxy.host) }),
    });
    expect({ ...ran, stderr: ran.stderr.replaceAll(proxy.host, "P") }).toEqual({
      code: 7,
      stdout: "",
      stderr,
    });
    expect(proxy.asked).toHaveLength(1);
  });

  it("names an unreachable proxy, even in JSON, without its credentials", async () => {
    const dead = new URL(closedUrl).host;
    const words = ["deployments", "list", "--debug", "-o", "json"];
    const ran = await spawnHerm(words, { env: env({ HTTPS_PROXY: withCredentials(dead) }) });
    const last = JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "");
    expect({ code: ran.code, last }).toEqual({
      code: 7,
      last: {
        error: {
          code: "unreachable",
          message: expect.stringMatching(
            new RegExp(
              `^the proxy ${dead} can't be reached: connection refused \\(ECONNREFUSED\\)( \\(tried .*\\))?$`,
            ),
          ),
          hint: "HTTPS_PROXY sets the proxy; NO_PROXY lists the hosts that are reached without one",
        },
      },
    });
    expect(leaksIn(ran.stdout, ran.stderr)).toEqual([]);
  });

  it("rejects an unsupported kind of proxy without showing it", async () => {
    const ran = await spawnHerm(["deployments", "list"], {
      env: env({ HTTPS_PROXY: `socks5://me-myself:${encodeURIComponent(password)}@127.0.0.1:1080` }),
    });
    expect(ran).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: HTTPS_PROXY isn't the URL of a proxy that herm can use\nhint: for example http://proxy.example.com:3128, or https://; SOCKS and other kinds aren't supported\n",
    });
  });

  it.each([
    [
      "a host in NO_PROXY",
      "https://api.invalid",
      { NO_PROXY: ".invalid" },
      /error: api\.invalid: no such host/,
    ],
    ["this machine", undefined, {}, /^$/],
  ])("isn't used for %s", async (_name, url, more, stderr) => {
    const proxy = await connectProxy({ refuseWith: 502 });
    const server = await scriptedServer(json(200, deployments));
    const ran = await spawnHerm(["deployments", "list"], {
      env: env({ HERM_API_URL: url ?? server.url, HTTPS_PROXY: `http://${proxy.host}`, ...more }),
    });
    expect(ran.stderr).toMatch(stderr);
    expect(proxy.asked).toEqual([]);
  });
});

describe("a certificate from a private authority", () => {
  it("is accepted if NODE_EXTRA_CA_CERTS names its authority", async () => {
    const api = await secureApi(json(200, deployments));
    const ran = await spawnHerm(["deployments", "list", "-o", "name"], {
      env: env({ HERM_API_URL: api.server.url, NODE_EXTRA_CA_CERTS: api.trusted }),
    });
    expect(ran).toEqual({ code: 0, stdout: "dep_1\n", stderr: "" });
  });

  it("is rejected before any request, with a hint, if NODE_EXTRA_CA_CERTS isn't set", async () => {
    const api = await secureApi(json(200, deployments));
    const ran = await spawnHerm(["deployments", "list"], {
      env: env({ HERM_API_URL: api.server.url }),
    });
    const host = new URL(api.server.url).host;
    expect(ran).toEqual({
      code: 7,
      stdout: "",
      stderr: `error: ${host}: its certificate isn't signed by an authority that this machine trusts\nhint: if your company or network signs its own certificates, set NODE_EXTRA_CA_CERTS to a PEM file of its authorities\n`,
    });
    expect(api.server.seen).toEqual([]);
  });

  it.each([
    ["a missing file", undefined, "problem", " can't be read (ENOENT)"],
    ["a file without certificates", "-----BEGIN PRIVATE KEY-----\n", "problem", ": none found"],
    ["a certificate", makeAuthority().pem, "ok", ""],
  ])("is reported by doctor if NODE_EXTRA_CA_CERTS names %s", async (_, content, state, more) => {
    const path = join(temporaryFolder(), "authority.pem");
    if (content !== undefined) writeFileSync(path, content);
    const { stdout } = await spawnHerm(["doctor", "-o", "json"], {
      env: env({ HERM_API_URL: "http://127.0.0.1:1", NODE_EXTRA_CA_CERTS: path }),
    });
    const findings: { check: string }[] = JSON.parse(stdout);
    const found = `the certificates in ${path} (NODE_EXTRA_CA_CERTS)${more}`;
    expect(findings.find(({ check }) => check === "trust")).toMatchObject({ state, found });
  });

  it("is rejected if issued for a different name, even if its authority is trusted", async () => {
    const authority = makeAuthority();
    const server = await secureScriptedServer(authority.issue(["other.invalid"]), json(200, deployments));
    const trusted = join(temporaryFolder(), "authority.pem");
    writeFileSync(trusted, authority.pem);
    const ran = await spawnHerm(["deployments", "list"], {
      env: env({ HERM_API_URL: server.url, NODE_EXTRA_CA_CERTS: trusted }),
    });
    expect({ code: ran.code, error: ran.stderr.split("\n")[0] }).toEqual({
      code: 7,
      error: `error: ${new URL(server.url).host}: its certificate is for a different name`,
    });
    expect(server.seen).toEqual([]);
  });
});
