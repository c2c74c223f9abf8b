import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { addAutomation, call } from "../incident/fleet.js";
import { command, compiledFolder } from "../support/command-file.js";
import { startServer, temporaryFolder } from "../support/harness.js";
import { parseLine } from "../support/parse-command.js";
import { isInstalled } from "../support/shells.js";
import { fileOfTopic } from "../support/topics.js";

const release = readFileSync(join(import.meta.dirname, "../../.github/workflows/release.yml"), "utf8");
const scripts = {
  "slack.sh": await fileOfTopic("alerts", "# ~/alerts/slack.sh"),
  "pagerduty.sh": await fileOfTopic("alerts", "# ~/alerts/pagerduty.sh"),
};
const crontab = (await fileOfTopic("alerts", "# crontab -e")).split("\n");

/** The part of curl that the scripts use, for machines without it. */
const smallCurl = `
const words = process.argv.slice(2);
const has = (word) => words.includes(word);
let body;
if (has("--data-binary")) body = require("node:fs").readFileSync(0);
fetch(words.at(-1), body && { method: "POST", body, headers: { "content-type": "application/json" } }).then(
  ({ ok }) => process.exit(ok ? 0 : 22),
  () => process.exit(7),
);
`;

/** A receiver of messages, which accepts them, refuses those that `refuses` names, or doesn't exist. */
async function startReceiver() {
  const received: { path: string; body: string }[] = [];
  const state = { refuses: (_body: string) => false };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const isRefused = state.refuses(body);
    if (!isRefused) received.push({ path: request.url ?? "", body });
    response.writeHead(isRefused ? 500 : 200, { connection: "close" }).end("ok");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => void server.close());
  return {
    url: `http://127.0.0.1:${port}`,
    state,
    take: (path: string) => received.splice(0).flatMap((each) => (each.path === path ? [each.body] : [])),
  };
}

async function start() {
  const server = await startServer();
  const { url } = await server.listen();
  const receiver = await startReceiver();
  const home = temporaryFolder();
  for (const folder of ["alerts", "bin"]) mkdirSync(join(home, folder));
  for (const [name, text] of Object.entries(scripts)) writeFileSync(join(home, "alerts", name), text);
  const program = (name: string, words: readonly string[]) => {
    writeFileSync(
      join(home, "bin", name),
      `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"\n`,
    );
    chmodSync(join(home, "bin", name), 0o755);
  };
  program("herm", [command.file, ...command.args]);
  if (!isInstalled("curl")) {
    writeFileSync(join(home, "curl.cjs"), smallCurl);
    program("curl", [process.execPath, join(home, "curl.cjs")]);
  }
  const down = "http://127.0.0.1:9";
  const state = { api: url, receiver: receiver.url };
  /** Runs a line of the crontab like cron: in the home folder, with \`%\` unescaped. */
  const cron = async (about: string) => {
    const line = crontab.find((each) => each.startsWith("*/5 ") && each.includes(about)) ?? "";
    const [typed = ""] = line.split(/(?<!\\)%/);
    const env = {
      HOME: home,
      PATH: `${join(home, "bin")}:${process.env.PATH}`,
      XDG_CACHE_HOME: compiledFolder(["status"]),
      HERM_API_URL: state.api,
      HERM_API_KEY: server.apiKey,
      SLACK_URL: `${state.receiver}/slack`,
      PAGERDUTY_KEY: "key42",
      PAGERDUTY_URL: `${state.receiver}/pagerduty`,
      PING_URL: `${receiver.url}/ping`,
    };
    const words = typed.replace(/^(\S+ ){5}/, "").replaceAll("\\%", "%");
    return new Promise<{ code: number; said: string }>((resolve) => {
      execFile("sh", ["-c", words], { cwd: home, env, timeout: 60_000 }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
      );
    });
  };
  /** Pauses or resumes all, as a colleague would. */
  const switchAll = async (enabled: boolean) => {
    const path = "/v1/deployments/dep_local/automations";
    const { body } = await call(server, "GET", path);
    for (const { automation_id } of body.data as { automation_id: string }[])
      await call(server, "PATCH", `${path}/${automation_id}`, { enabled });
  };
  const add = async (name: string, instructions: string) => {
    const id = await addAutomation(server, { name, instructions, schedule: "0 0 1 1 *" });
    const run = async () => {
      await call(server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
      await server.advance(1);
    };
    await run();
    return { id, run };
  };
  const left = (name: string) => readFileSync(join(home, "alerts", name), "utf8");
  return { server, receiver, state, down, cron, add, switchAll, left };
}

const quiet = { code: 0, said: "" };

describe("the crontab line for Slack", () => {
  it("sends new problems without mentions, then pings the dead man's switch", async () => {
    const { receiver, cron, add, left } = await start();
    const { id } = await add('A "b" \\n <!channel> & 100%', '@dev fail <@U1> said "no"\\');
    expect(await cron("slack.sh")).toEqual(quiet);
    const sent = receiver.take("/slack");
    expect(sent).toHaveLength(1);
    const { text } = JSON.parse(sent[0] ?? "");
    expect(text).toMatch(
      new RegExp(
        `^new failing A "b" \\\\n &lt;!channel&gt; &amp; 100% dep_local ${id} \\S+Z &lt;@U1&gt; said "no"\\\\\n$`,
      ),
    );
    expect(left("slack.new")).toBe("");
    expect(await cron("slack.sh")).toEqual(quiet);
    expect(receiver.take("/ping")).toHaveLength(1);
  });

  it("sends all problems in the morning if the receiver failed all night", async () => {
    const { receiver, state, down, cron, add } = await start();
    state.receiver = down;
    for (const name of ["First", "Second"]) {
      await add(name, "@dev fail a");
      expect((await cron("slack.sh")).code).not.toBe(0);
    }
    state.receiver = receiver.url;
    receiver.state.refuses = () => true;
    expect((await cron("slack.sh")).code).not.toBe(0);
    receiver.state.refuses = () => false;
    expect(receiver.take("/ping")).toEqual([]);
    expect(await cron("slack.sh")).toEqual(quiet);
    const [message = ""] = receiver.take("/slack");
    expect(JSON.parse(message).text.match(/^new failing \w+/gm)).toEqual([
      "new failing First",
      "new failing Second",
    ]);
    expect(await cron("slack.sh")).toEqual(quiet);
    expect(receiver.take("/slack")).toEqual([]);
  });

  it("reports that no automation is enabled any more", async () => {
    const { receiver, cron, add, switchAll } = await start();
    await add("Report", "Do it.");
    await switchAll(false);
    expect(await cron("slack.sh")).toEqual(quiet);
    const [message = ""] = receiver.take("/slack");
    expect(JSON.parse(message).text).toMatch(
      /^new stopped all automations +1 paused, not by any incident known here\n$/,
    );
  });

  it("fails without a ping if the API doesn't respond", async () => {
    const { receiver, state, down, cron } = await start();
    state.api = `${down}`;
    expect((await cron("slack.sh")).code).not.toBe(0);
    expect(receiver.take("/ping")).toEqual([]);
  });
});

describe("the crontab line for PagerDuty", () => {
  it("opens an alert per new problem and resolves it, even after a rejection", async () => {
    const { server, receiver, cron, add, left } = await start();
    const events = () => {
      const sent = receiver.take("/pagerduty").map((body) => JSON.parse(body));
      return sent.map(({ event_action, dedup_key, payload }) => [event_action, dedup_key, payload.summary]);
    };
    const one = await add('A "quoted" \\ one', '@dev fail "no" disk');
    const two = await add("Two", "@dev fail b");
    receiver.state.refuses = (body) => body.includes(two.id);
    expect((await cron("pagerduty.sh")).code).not.toBe(0);
    receiver.state.refuses = () => false;
    events();
    expect(await cron("pagerduty.sh")).toEqual(quiet);
    const opened = [
      ["trigger", `dep_local/${one.id}`, 'failing: A "quoted" \\ one'],
      ["trigger", `dep_local/${two.id}`, "failing: Two"],
    ];
    expect(events().toSorted()).toEqual(opened.toSorted());
    await call(server, "PATCH", `/v1/deployments/dep_local/automations/${one.id}`, {
      instructions: "Do it.",
    });
    await one.run();
    expect(await cron("pagerduty.sh")).toEqual(quiet);
    expect(events()).toEqual([["resolve", `dep_local/${one.id}`, 'failing: A "quoted" \\ one']]);
    expect(left("pagerduty.new")).toBe("");
  });

  it("opens an alert if no automation is enabled, and resolves it", async () => {
    const { receiver, cron, add, switchAll } = await start();
    await add("Report", "Do it.");
    for (const [enabled, action] of [
      [false, "trigger"],
      [true, "resolve"],
    ] as const) {
      await switchAll(enabled);
      expect(await cron("pagerduty.sh")).toEqual(quiet);
      const [{ event_action, dedup_key, payload }] = receiver
        .take("/pagerduty")
        .map((body) => JSON.parse(body));
      expect([event_action, dedup_key, payload.summary]).toEqual([action, "/", "stopped: all automations"]);
    }
  });
});

/** The sections of a unit file. */
function unitOf(text: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {};
  let section: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const [, title] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value] = /^(\w+)=(.+)$/.exec(line) ?? [];
    if (title !== undefined) section = sections[title] = {};
    else if (key !== undefined && value !== undefined) section[key] = value;
    else if (line !== "" && !line.startsWith("#")) throw new Error(`no line of a unit: ${line}`);
  }
  return sections;
}

describe("the systemd units", () => {
  it("run the page's script every five minutes, even after a power failure", async () => {
    const service = unitOf(await fileOfTopic("alerts", "# ~/.config/systemd/user/herm-alerts.service"));
    const timer = unitOf(await fileOfTopic("alerts", "# ~/.config/systemd/user/herm-alerts.timer"));
    expect(Object.keys(service)).toEqual(["Unit", "Service"]);
    expect(service.Service).toMatchObject({ Type: "oneshot", EnvironmentFile: "%h/alerts/env" });
    const [, script = ""] = /^\/bin\/sh %h\/alerts\/(\S+)$/.exec(service.Service?.ExecStart ?? "") ?? [];
    expect(Object.keys(scripts)).toContain(script);
    expect(timer.Timer).toEqual({ OnCalendar: "*:0/5", Persistent: "true" });
    expect(timer.Install).toEqual({ WantedBy: "timers.target" });
  });
});

describe("the workflow for alerts", () => {
  it("uses a read key, keeps its state even after failures, and pins actions", async () => {
    const text = await fileOfTopic("alerts", "# .github/workflows/alerts.yml");
    const { on, env, jobs, permissions, concurrency } = parse(text);
    expect(on.schedule).toEqual([{ cron: "*/15 * * * *" }]);
    expect({ permissions, concurrency }).toEqual({
      permissions: { contents: "read" },
      concurrency: "alerts",
    });
    expect(env.HERM_API_KEY).toBe("${{ secrets.HERM_READ_KEY }}");
    const { steps } = jobs.alerts;
    const looks = steps.findIndex(({ run }: { run?: string }) => run?.startsWith("herm "));
    expect(await parseLine(steps[looks].run)).not.toEqual([]);
    const caches = steps.filter(({ uses }: { uses?: string }) => uses?.startsWith("actions/cache/"));
    expect(caches.map((step: { with: { path: string } }) => step.with.path)).toEqual([
      ".herm/news",
      ".herm/news",
    ]);
    expect(env.HERM_DATA_DIR).toBe("${{ github.workspace }}/.herm");
    expect(caches[1]).toMatchObject({ if: "always()" });
    expect(steps.indexOf(caches[0])).toBeLessThan(looks);
    expect(caches[1].with.key).toMatch(new RegExp(`^${caches[0].with["restore-keys"]}`));
    const [, version, commit] = /# (v[\d.]+)\n +- uses: actions\/setup-node@(\S+)/.exec(text) ?? [];
    expect(release).toContain(`uses: actions/setup-node@${commit} # ${version}\n`);
    for (const { uses = "@" } of steps.filter((step: { uses?: string }) => step.uses))
      expect(uses).toMatch(/@[0-9a-f]{40}$/);
  });
});
