import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { listStored } from "../../src/history/folder.js";
import { self } from "../settings/self.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

const local = ["-d", "dep_local"];
const create = [
  "automations",
  "create",
  "--name=Weekly",
  "--schedule=every Monday at 9am",
  "--instructions=Make five videos and post them to Slack.",
  ...local,
];

let home: string;
let server: Awaited<ReturnType<typeof startServer>>;
let minutes: number;

beforeEach(async () => {
  home = temporaryFolder();
  server = await startServer();
  minutes = 0;
});

/** Runs each command a minute after the previous one. */
function run(words: readonly string[], options: HermOptions = {}) {
  minutes += 1;
  const now = new Date(Date.UTC(2026, 9, 4, 10, minutes));
  return herm(words, { server, home, now, env: { HERM_DEPLOYMENT: "dep_local", USER: "ada" }, ...options });
}

const history = async (...words: string[]) => (await run(["history", ...words])).stdout;

async function rows(...words: string[]): Promise<string[][]> {
  const text = await history(...words);
  return text.split("\n").flatMap((line) => (line === "" ? [] : [line.split("\t")]));
}

const whats = async (...words: string[]) => (await rows(...words)).map((row) => row[3]);

async function prepare(): Promise<string> {
  const { stdout } = await run([...create, "-o", "name"]);
  const id = stdout.trim();
  await run(["automations", "update", id, "--schedule=every day at 8am", "--reason=ask of sales"]);
  await run([
    "automations",
    "update",
    id,
    "--name=Daily",
    "--instructions=Make six videos and post them to Slack.",
  ]);
  await run(["automations", "pause", id, "--reason=INC-42: too loud"]);
  return id;
}

describe("herm history", () => {
  it("lists changes, newest first", async () => {
    await prepare();
    expect(await rows()).toEqual([
      [
        expect.stringMatching(/^c_\w{6}$/),
        "2026-10-04T10:04:00Z",
        expect.stringMatching(/^\w+@./),
        "paused Daily",
        "INC-42: too loud",
      ],
      [
        expect.any(String),
        "2026-10-04T10:03:00Z",
        expect.any(String),
        "updated Weekly: name, instructions",
        "",
      ],
      [
        expect.any(String),
        "2026-10-04T10:02:00Z",
        expect.any(String),
        "updated Weekly: schedule",
        "ask of sales",
      ],
      [expect.any(String), "2026-10-04T10:01:00Z", expect.any(String), "created Weekly", ""],
    ]);
  });

  it("shows the count on a terminal, or says that only this folder is known", async () => {
    await prepare();
    const { stdout, stderr } = await run(["history", "--limit=2"], { tty: true });
    expect(stdout).toMatch(/^ID +AGO +WHO +WHAT +REASON\n/);
    expect(stderr).toBe("the newest 2 changes\n");
    expect((await run(["history"], { tty: true })).stderr).toBe("4 changes\n");
    expect((await run(["history", "--reason=no"], { tty: true })).stderr).toContain(
      "no changes match: the history only covers changes made with the data folder",
    );
  });

  it("finds an automation by id, by old or new name, and after deletion", async () => {
    const id = await prepare();
    await run([...create, "--name=Other"].filter((word) => word !== "--name=Weekly"));
    await run(["automations", "delete", id, "--yes"]);
    const all = await whats();
    const its = all.filter((what) => what !== "created Other");
    expect(all).toHaveLength(6);
    expect(await whats(id)).toEqual(its);
    expect(await whats("Daily")).toEqual(its);
    expect(await whats("dep_local/Daily")).toEqual(its);
    expect(await whats("Weekly")).toEqual(its.slice(2));
    expect(await whats("Other")).toEqual(["created Other"]);
    expect(await whats("Other", "Daily")).toHaveLength(6);
    expect(await whats("nobody")).toEqual([]);
    expect(await whats("-d", "dep_other")).toEqual([]);
    expect(await whats("-d", "dep_local")).toHaveLength(6);
  });

  it("accepts selectors, and matches older names", async () => {
    await prepare();
    await run([...create, "--name=Other"].filter((word) => word !== "--name=Weekly"));
    expect(await whats("--match=Dai*")).toHaveLength(4);
    expect(await whats("--match=Week*")).toHaveLength(3);
    expect(await whats("--except=Other", "--all-deployments")).toHaveLength(4);
    expect(await whats("--except=Local")).toEqual([]);
    const { customer_id } = JSON.parse((await run(["deployments", "list", "--json"])).stdout)[0];
    expect(await whats(`--customer=${customer_id}`, "--match=O*")).toEqual(["created Other"]);
    expect(await whats("--customer=cus_none")).toEqual([]);
    expect((await run(["history", "--match=Z*"])).stderr).toMatch(/^no changes match: /);
    expect(await run(["history", "Other", "--match=O*"])).toMatchObject({ code: 2, stdout: "" });
  });

  it("lists changes that lack names or were killed early, except under --match", async () => {
    await prepare();
    const [path = ""] = listStored({
      files: createPrivateFiles(self),
      dataDir: join(home, ".local/share/herm"),
    }).map((each) => each.path);
    const file = readFileSync(path, "utf8");
    for (const changed of [`${file.split("\n")[0]}\n`, file.replace('"name":"Daily"', '"name":null')]) {
      writeFileSync(path, changed);
      expect(await whats()).toHaveLength(4);
      expect(await whats("--match=*")).toHaveLength(3);
    }
  });

  it("accepts a time, and a glob to match reasons", async () => {
    await prepare();
    expect(await whats("--since=2026-10-04T10:03:00Z")).toHaveLength(2);
    expect(await whats("--reason=INC-42*")).toEqual(["paused Daily"]);
    expect(await whats("--reason=*s*l*")).toEqual(["paused Daily", "updated Weekly: schedule"].slice(1));
    expect(await run(["history", "--since=2027-01-01"])).toMatchObject({ code: 2 });
  });

  it("prints every change in full as JSON", async () => {
    const id = await prepare();
    const [paused, renamed] = JSON.parse(await history("-o", "json"));
    expect(paused).toMatchObject({
      reason: "INC-42: too loud",
      is_over: true,
      target: { profile: "default" },
    });
    expect(renamed).toMatchObject({
      reason: null,
      command: expect.stringContaining("herm automations update"),
    });
    expect(renamed.items).toEqual([
      {
        act: "update",
        deployment_id: "dep_local",
        automation_id: id,
        name: "Weekly",
        before: {
          name: "Weekly",
          instructions: "Make five videos and post them to Slack.",
          updated_at: expect.any(String),
        },
        after: { name: "Daily", instructions: "Make six videos and post them to Slack." },
        result: "done",
        sent_at: "2026-10-04T10:03:00.000Z",
        sent_served_at: expect.any(String),
        at: "2026-10-04T10:03:00.000Z",
        // The server uses another clock.
        served_at: expect.stringMatching(/^\S+\.000Z$/),
        updated_at: expect.any(String),
      },
    ]);
    const lines = (await history("-o", "jsonl")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(
      (await history("-o", "name")).trimEnd().split("\n"),
    );
  });

  it("hides changes to other APIs, but counts them", async () => {
    await prepare();
    const other = await startServer();
    expect(await run(["history"], { server: other })).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringMatching(/no changes: .*\n4 changes on other servers not shown/s),
    });
  });

  it("works without a key and without a server", async () => {
    await prepare();
    const alone = await run(["history"], { key: null, fetch: async () => Promise.reject(new Error("down")) });
    expect(alone).toMatchObject({ code: 0, stderr: "" });
    expect(alone.stdout.trimEnd().split("\n")).toHaveLength(4);
  });

  it("rejects a customer without deployments", async () => {
    await prepare();
    expect(await run(["history", "--customer", "cus_none"])).toMatchObject({
      code: 4,
      stdout: "",
      stderr: expect.stringContaining("error: customer cus_none has no deployments\n"),
    });
  });

  it("warns about an unreadable file", async () => {
    await prepare();
    const folder = join(home, ".local", "share", "herm", "history", "2026-10");
    writeFileSync(join(folder, readdirSync(folder)[0] ?? ""), "");
    expect((await run(["history"])).stderr).toContain("warning: 1 history file can't be read");
  });

  it("counts the results and failures of a bulk change", async () => {
    const items = ["A", "B", "C"].map((name) => ({ name, schedule: "every day at 9am", instructions: "x" }));
    const stdin = JSON.stringify({ automations: items });
    await run(["apply", "-f", "-", "--yes"], { stdin });
    const refusing: HermOptions["fetch"] = async (url, { method, headers, body }) => {
      const request = new Request(url, { method, headers, ...(body === undefined ? {} : { body }) });
      return method === "PATCH" && String(body).includes("10")
        ? new Response("", { status: 400 })
        : server.fetch(request);
    };
    const changed = JSON.stringify({
      automations: items.map((each) => ({ ...each, schedule: "every day at 10am" })),
    });
    await run(["apply", "-f", "-", "--yes"], { stdin: changed, fetch: refusing });
    expect(await whats()).toEqual(["updated 3 automations: schedule; 3 failed", "created 3 automations"]);
  });
});

describe("an incident", () => {
  it("is in the history, with each command and its reason", async () => {
    const id = await prepare();
    await run(["automations", "resume", id, ...local]);
    const pause = ["automations", "pause", "--all", "--incident=INC-7", "--yes"];
    await run([...pause, "--reason=bad model"]);
    await run(["automations", "resume", "--incident=INC-7", "--yes"], {
      env: { HERM_DEPLOYMENT: "dep_local", HERM_REASON: "mended" },
    });
    const found = await rows("--since=2026-10-04T10:06:00Z");
    expect(found.map(([name, , , what, why]) => [name, what, why])).toEqual([
      [expect.stringMatching(/^c_/), "INC-7: resumed Daily", "mended"],
      [expect.stringMatching(/^c_/), "INC-7: paused Daily", "bad model"],
    ]);
    expect(await whats("inc-7")).toHaveLength(2);
    expect(await whats("--incident=inc-7")).toEqual(["INC-7: resumed Daily", "INC-7: paused Daily"]);
    expect(await whats("--incident=INC-8")).toEqual([]);
    expect(await whats("--reason=mended")).toEqual(["INC-7: resumed Daily"]);
    expect(await whats(id)).toHaveLength(7);
    const { stdout } = await run(["history", `${found[0]?.[0]}`, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      command: "herm automations resume --incident=INC-7 --yes",
      incident: "INC-7",
      items: [{ act: "resume", automation_id: id, result: "done" }],
    });
    expect((await run(["history", "INC-8"])).stderr).toContain("no changes match: ");
  });
});

describe("herm history of one change", () => {
  it("shows a change before and after, word by word", async () => {
    await prepare();
    const [, id = "", ofSchedule = ""] = (await history("-o", "name")).split("\n");
    const { code, stdout } = await run(["history", id], { tty: true, columns: 80 });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^change +c_\w{6}\nwhen +.*3 min ago\nwho +\w+ on /);
    expect(stdout).toContain("✓ updated Weekly");
    expect(stdout).toMatch(/name +Weekly → Daily/);
    expect(stdout).toContain("Make [-five-]{+six+} videos");
    const rescheduled = await run(["history", ofSchedule], { tty: true, columns: 80 });
    expect(rescheduled.stdout).toMatch(/^ +schedule .* → .*\n +every .* → every day at 08:00/m);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("says whether an unfinished change is still running or was killed", async () => {
    const id = await prepare();
    const stateOfLast = async () => {
      const [change = ""] = (await history("-o", "name")).split("\n");
      const { stdout } = await run(["history", change], { tty: true, columns: 80 });
      return /^state +(.+)$/m.exec(stdout)?.[1];
    };
    const meanwhile: unknown[] = [];
    const fetch: FetchLike = async (url, init) => {
      if (init.method === "PATCH") meanwhile.push(await stateOfLast());
      return fetchFrom(server)(url, init);
    };
    await run(["automations", "resume", id], { fetch });
    expect([...meanwhile, await stateOfLast()]).toEqual(["still going", undefined]);
    const files = listStored({ files: createPrivateFiles(self), dataDir: join(home, ".local/share/herm") });
    const path = files[0]?.path ?? "";
    writeFileSync(path, readFileSync(path, "utf8").replace(/^\{"ended".*\n/m, ""));
    expect(await stateOfLast()).toBe("herm was killed");
  });

  it("prints one line per item in a pipe, and the full change as JSON", async () => {
    const id = await prepare();
    const [change = ""] = (await history("-o", "name")).split("\n");
    expect((await run(["history", change])).stdout).toBe(`pause\tdone\tDaily\tdep_local\t${id}\t\n`);
    const shown = JSON.parse((await run(["history", change, "--json"])).stdout);
    expect(shown).toMatchObject({ id: change, items: [{ act: "pause", before: { enabled: true } }] });
    expect((await run(["history", change, "-o", "name"])).stdout).toBe(`${change}\n`);
  });

  it("lists the last five changes if the requested one doesn't exist", async () => {
    expect(await run(["history", "c_aaaaaa"])).toMatchObject({
      code: 4,
      stderr: "error: there is no change c_aaaaaa here\nhint: this data folder has no changes\n",
    });
    await prepare();
    await prepare();
    const { code, stderr } = await run(["history", "c_aaaaaa"]);
    expect(code).toBe(4);
    expect(stderr.match(/c_\w{6} \(/g)).toHaveLength(5);
  });
});
