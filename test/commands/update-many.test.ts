import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { changedAnswers } from "../incident/without-updated-at.js";
import { fetchFrom, temporaryFolder } from "../support/harness.js";
import { useMachineZone } from "../support/machine-zone.js";
import { type ManifestServer, startManifestServer } from "./manifest-server.js";

const nine = "every day at 9am";
const half = "every day at 8:30";
const retime = ["update", "--all-deployments", "--if-schedule", nine, "--schedule", half];
const reword = ["update", "--all-deployments", "--replace", "Slack", "--with", "Teams"];
const places = [
  "Acme",
  "Bolt",
  "Core",
  "Dune",
  "Echo",
  "Flux",
  "Gale",
  "Helm",
  "Iris",
  "Jade",
  "Kite",
  "Luna",
];

let world: ManifestServer;
let ids: string[];

/** 12 deployments, each with a report at nine, written in two ways, and a digest on Mondays; the last has one more. */
async function addFleet(): Promise<void> {
  for (const [at, name] of places.entries()) {
    const id = await world.deploy(name, { customer: `cus_${at % 2}` });
    ids.push(id);
    const schedule = at % 2 === 0 ? "0 9 * * *" : nine;
    const instructions = `Compare the numbers of ${name}.\nPost them to Slack, in #numbers.\n`;
    await world.create({ name: "Daily report", schedule, instructions }, id);
    await world.create({ name: "Digest", schedule: "0 9 * * 1", instructions: "Collect the news." }, id);
  }
  await world.create({ name: "Hello", schedule: "00 09 * * *", instructions: "Ask on slack." }, ids[11]);
}

async function fleet() {
  return (await Promise.all(ids.map((id) => world.state(id)))).flat();
}

beforeEach(async () => {
  world = await startManifestServer();
  ids = [];
  await addFleet();
  await world.writes();
});

describe("a bulk update", () => {
  it("moves every 9am schedule in 12 deployments, however it is written", async () => {
    const { code, stdout, stderr } = await world.run(retime, { answers: [true] });
    expect(code).toBe(0);
    // Other output is drawn over the bar.
    const lines = stderr.split("\n").map((line) => line.slice(line.lastIndexOf("\r") + 1));
    expect(lines[0]).toMatch(/^default · 127\.0\.0\.1 · key …\S{4} · 13 of 13 deployments$/);
    expect(lines.slice(1, 5)).toEqual([
      "13 automations to update in 12 deployments",
      "~ 13 automations: Luna/Hello, Daily report ×12",
      "    schedule  0 9 * * * → 30 8 * * *",
      "      every day at 09:00 UTC → every day at 08:30 UTC",
    ]);
    expect(stderr).toMatch(/undo: herm undo c_\w{6}\n$/);
    expect(stdout).toContain("13 updated\n");
    const schedules = (await fleet()).map(({ name, schedule }) => `${name} ${schedule}`);
    expect(new Set(schedules)).toEqual(
      new Set(["Daily report 30 8 * * *", "Hello 30 8 * * *", "Digest 0 9 * * 1"]),
    );
  });

  it("replaces a word across the fleet, shows each match, and asks with a count", async () => {
    const { code, stderr } = await world.run(reword, { answers: [false] });
    expect(code).toBe(1);
    expect(stderr.split("\n").slice(1, 6)).toEqual([
      "12 automations to update in 12 deployments",
      "~ Daily report ×12",
      "    instructions  12 places",
      "      Post them to [-Slack-]{+Teams+}, in #numbers.",
      "nothing changed",
    ]);
    expect(await world.writes()).toEqual([]);
    expect((await world.run([...reword, "--yes"])).code).toBe(0);
    const texts = (await fleet()).filter(({ instructions }) => instructions?.includes("Teams"));
    expect(texts).toHaveLength(12);
    expect(texts[0]?.instructions).toBe("Compare the numbers of Acme.\nPost them to Teams, in #numbers.\n");
  });

  it("is undone as a whole by the command that it prints", async () => {
    const before = await fleet();
    const { stderr } = await world.run([...reword, "--yes", "--except", "Bolt"]);
    const id = /undo: herm undo (c_\w{6})/.exec(stderr)?.[1] ?? "";
    expect(await world.runHerm(["undo", id, "--yes"])).toMatchObject({ code: 0 });
    const texts = (all: typeof before) => all.map(({ instructions }) => instructions);
    expect(texts(await fleet())).toEqual(texts(before));
  });

  it("renames across a fleet, once per deployment, after showing a plan", async () => {
    const words = ["update", "--all-deployments", "--match", "Digest", "--name", "News"];
    const { code, stdout } = await world.run([...words, "--dry-run"], { tty: true });
    expect(code).toBe(0);
    expect(stdout).toContain("~ Digest ×12\n    name  Digest → News\n");
    expect((await world.run([...words, "--yes"])).code).toBe(0);
    expect((await fleet()).filter(({ name }) => name === "News")).toHaveLength(12);
  });

  it("changes no automation with --dry-run, and prints each change as JSON", async () => {
    const { code, stdout } = await world.run([...retime, "--dry-run", "--json", "-q"]);
    expect(code).toBe(0);
    const rows = JSON.parse(stdout);
    expect(rows).toHaveLength(13);
    expect(rows[12]).toMatchObject({
      name: "Daily report",
      result: "planned",
      customer_id: "cus_0",
      deployment_name: "Acme",
      changes: { schedule: { from: "0 9 * * *", to: "30 8 * * *" } },
    });
    expect(await world.writes()).toEqual([]);
  });

  it("accepts the usual selectors and references", async () => {
    const words = ["update", "Daily report", "--customer", "cus_0", "--except", "Acme", "--schedule", half];
    const { code, stdout } = await world.run([...words, "--yes", "-o", "name"]);
    expect([code, stdout.trim().split("\n").length]).toEqual([0, 5]);
  });

  it("needs --yes in a pipe, and exits with 2 without a request", async () => {
    const { code, stderr } = await world.run(retime);
    expect(code).toBe(2);
    expect(stderr).toContain("error: updating a selection needs --yes when herm can't ask\n");
  });

  it("asks no question if there are no changes, and exits with 0", async () => {
    const words = ["update", "--all-deployments", "--match", "Digest", "--schedule", "every Monday at 9am"];
    const { code, stdout, stderr } = await world.run(words, { answers: [] });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("nothing to update · 12 unchanged\n");
    expect(await world.writes()).toEqual([]);
  });

  it("reads both schedules in the time zone of --tz", async () => {
    const winter = new Date("2026-01-15T10:00:00Z");
    const words = [
      "update",
      "--all-deployments",
      "--tz",
      "Europe/Berlin",
      "--if-schedule",
      "every day at 10:00",
    ];
    const { code, stdout } = await world.run(
      [...words, "--schedule", "every day at 11:00", "--yes", "-o", "name"],
      {
        now: winter,
      },
    );
    expect([code, stdout.trim().split("\n").length]).toEqual([0, 13]);
    expect((await world.state(ids[0]))[0]?.schedule).toBe("0 10 * * *");
  });

  it("matches an unreadable schedule only exactly, and rejects it with a time zone", async () => {
    const unread = (text: string) => text.replaceAll('"0 9 * * 1"', '"whenever we like"');
    const options = { fetch: changedAnswers(world.server, unread) };
    const words = ["update", "--all-deployments", "--if-schedule", "whenever we like", "--schedule", half];
    const refused = await world.run([...words, "--tz", "Europe/Berlin", "--yes"], options);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('"whenever we like"') });
    expect(await world.writes()).toEqual([]);
    const { code, stdout } = await world.run([...words, "--yes", "--json"], options);
    const rows = JSON.parse(stdout) as { name: string; result: string }[];
    expect(code).toBe(0);
    expect(rows.map(({ name, result }) => `${name} ${result}`)).toEqual(places.map(() => "Digest updated"));
  });
});

describe("an update of several references", () => {
  it("shows the plan without a question, and reports skipped automations", async () => {
    const refs = ["Luna/Hello", "Luna/Digest", "Acme/Daily report"];
    const words = ["update", ...refs, "--if-schedule", nine, "--schedule", half, "--json"];
    const { code, stdout, stderr } = await world.run(words);
    expect(code).toBe(0);
    expect(stderr).toContain("2 automations to update in 2 deployments · 1 skipped\n");
    const rows = (JSON.parse(stdout) as { name: string; result: string }[]).toSorted((one, other) =>
      one.name < other.name ? -1 : 1,
    );
    expect(rows).toMatchObject([
      { name: "Daily report", result: "updated" },
      { name: "Digest", result: "skipped", reason: "it has a different schedule" },
      { name: "Hello", result: "updated" },
    ]);
  });

  it("works as usual with one reference and a condition or replacement", async () => {
    const { code, stdout, stderr } = await world.run([
      ...["update", "Luna/Hello", "--replace", "slack", "--with", "Slack", "--if-schedule", nine, "--json"],
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: "Hello", instructions: "Ask on Slack." });
    expect(stderr).toMatch(/^undo: herm undo c_\w{6}$/m);
    await world.writes();
    const again = ["update", "Luna/Hello", "--replace", "slack", "--with", "Slack"];
    expect(await world.run([...again, "--if-schedule", nine])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Hello"),
    });
    const other = await world.run([...again, "--if-schedule", half]);
    expect([other.code, other.stderr]).toEqual([4, expect.stringContaining("doesn't have the schedule")]);
    const neither = await world.run(["update", "Luna/Hello", "--replace", "slack", "--with", "Teams"]);
    expect(neither.code).toBe(4);
    expect(neither.stderr).toContain('error: the automation doesn\'t have "slack" in its instructions\n');
    expect(neither.stderr).toContain('hint: nothing was changed; case matters: did you mean "Slack"?\n');
    expect(await world.writes()).toEqual([]);
  });

  it("fails as a whole for an unknown reference, without a request", async () => {
    expect((await world.run(["update", "Luna/Hello", "Luna/Nobody", "--name", "x"])).code).toBe(4);
    expect(await world.writes()).toEqual([]);
  });
});

describe("a repeated update", () => {
  it.each([
    [["--match", "Daily report", ...reword.slice(1)]],
    [["Acme/Daily report", "Luna/Daily report", ...reword.slice(2)]],
    [["--except", "Digest", "--except", "Hello", ...retime.slice(1)]],
    [["--if-schedule", nine, "--except", "Hello", ...reword.slice(1)]],
  ])("changes no automation, and exits with 0, if all match: %j", async (words) => {
    const line = ["update", ...words, "--yes", "--json"];
    expect((await world.run(line)).code).toBe(0);
    await world.writes();
    const { code, stdout } = await world.run(line);
    const results = (JSON.parse(stdout) as { result: string }[]).map(({ result }) => result);
    expect([code, new Set(results)]).toEqual([0, new Set(["unchanged"])]);
    expect(await world.writes()).toEqual([]);
    const shown = await world.run(["update", ...words], { answers: [] });
    expect([shown.code, shown.stderr]).toEqual([
      0,
      expect.stringMatching(/nothing to update · \d+ (unchanged|already replaced)/),
    ]);
  });

  it("fails with 4 if the text to be removed is already gone", async () => {
    const line = ["update", "Luna/Hello", "--replace", " on slack", "--with=", "--dry-run"];
    expect((await world.run(line.slice(0, -1))).code).toBe(0);
    expect((await world.run(line.slice(0, -1))).code).toBe(4);
    expect((await world.run(line)).code).toBe(4);
  });
});

describe("the plan of an update", () => {
  // In other zones, a plan has a line about the machine's zone.
  useMachineZone("UTC");

  const line = /^default · 127\.0\.0\.1 · key …\S{4} · 13 of 13 deployments\n/;
  /** The question, or the message if there is nothing to do, while this part of the fleet can't be read. */
  async function planned(words: readonly string[], unreadable?: RegExp): Promise<string> {
    const fetch: FetchLike = async (url, init) =>
      unreadable?.test(url) === true ? new Response("", { status: 403 }) : fetchFrom(world.server)(url, init);
    const all = ["update", "--all-deployments", ...words];
    const { stderr } = await world.run(all, { answers: [false], columns: 120, fetch });
    return stderr.replaceAll(/^.*\r/gm, "");
  }
  const unmoved = ["--schedule", "0 9 * * *", "--match", "Daily report"];

  it("mentions exclusions even if no change is needed", async () => {
    expect(await planned(unmoved)).toBe(
      "only what matches Daily report: 13 other automations not changed\nnothing to update · 12 unchanged\n",
    );
  });

  it("mentions the rest of the fleet if changes are planned", async () => {
    expect(await planned([...unmoved.slice(2), "--schedule", half])).toMatch(line);
  });

  it.each([
    ["one can't be read and there is nothing to do", unmoved],
    ["one can't be read and there are changes to make", ["--match", "Hello", "--schedule", half]],
  ])("mentions the rest of the fleet if, of the deployments, %s", async (_, words) => {
    const shown = await planned(words, new RegExp(`${ids[0]}/automations\\?`));
    expect(shown).toMatch(line);
    expect(shown).toContain("Acme");
  });

  it("mentions the rest of the fleet if an automation is unreadable", async () => {
    const digest = (await world.list(ids[0])).find(({ name }) => name === "Digest");
    const words = ["--match", "Digest", "--instructions", "Collect the news."];
    const shown = await planned(words, new RegExp(`${digest?.automation_id}$`));
    expect(shown).toMatch(line);
  });
});

describe("invalid or repeated input to a bulk update", () => {
  it.each([
    [["--replace", "a"], 2, "--replace needs --with", "to remove it: --with="],
    [["--with", "a"], 2, "--with needs --replace", ""],
    [["--replace=", "--with", "a"], 2, "--replace is empty", ""],
    [["--replace", "a", "--with", "a"], 2, "--replace and --with are identical", ""],
    [
      ["--replace", "a", "--with", "b", "--instructions", "c"],
      2,
      "--replace and --instructions can't be used together",
      "",
    ],
    [["--if-schedule", "at dawn", "--schedule", half], 2, 'schedule "at dawn"', ""],
    [
      ["--if-schedule", "every day at 10am", "--schedule", half],
      4,
      "none of 25 automations has the schedule",
      "in UTC that is 0 10 * * *",
    ],
    [
      ["--replace", "Signal", "--with", "b"],
      4,
      'none of 25 automations has "Signal" in its instructions',
      "",
    ],
    [
      ["--replace", "SLACK", "--with", "b"],
      4,
      'has "SLACK" in its instructions',
      'case matters: did you mean "slack"?',
    ],
    [["--replace", "Collect the news.", "--with="], 2, "the instructions are empty (of Luna/Digest", ""],
    [["--name", "Same"], 6, 'automations in Luna would be named "Same"', "--match or --except"],
    [["--match", "Hello", "--name", "Digest"], 6, '2 automations in Luna would be named "Digest"', ""],
    [["--thread", "thr_1"], 2, "a thread belongs to one deployment, but these are in 12", ""],
    [["--match", "nope", "--name", "x"], 4, '--match "nope" matches no automation', ""],
    [["--except", "nope", "--name", "x"], 4, '--except "nope" matches nothing', ""],
    [["--edit"], 2, "--edit is for one automation", ""],
    [[], 2, "nothing to change", ""],
  ])("causes, for %j, exit code %i and no change", async (words, code, message, hint) => {
    const result = await world.run(["update", "--all-deployments", "--yes", ...words]);
    expect(result.stderr).toContain(message);
    expect(result.stderr).toContain(hint);
    expect(result.code).toBe(code);
    expect(await world.writes()).toEqual([]);
  });

  it("may include --except without a selection", async () => {
    const { code, stderr } = await world.run(["update", "Luna/Hello", "--except", "x", "--name", "y"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--except needs a selection")]);
  });

  it("causes a count of automations that already have the new value", async () => {
    await world.run([...reword, "--yes"]);
    await world.run([...retime, "--yes"]);
    const elsewhere = { env: { HERM_DATA_DIR: temporaryFolder() } };
    const texts = await world.run([...reword, "--yes"], elsewhere);
    expect([texts.code, texts.stderr]).toEqual([
      4,
      expect.stringContaining("12 of them already have the new text"),
    ]);
    const schedules = await world.run([...retime, "--yes"]);
    expect([schedules.code, schedules.stderr]).toEqual([
      4,
      expect.stringContaining("13 of them already have the new one"),
    ]);
  });
});

describe("a repeated replacement", () => {
  it("succeeds if this history contains it, so that jobs can be repeated", async () => {
    expect((await world.run([...reword, "--yes"])).code).toBe(0);
    const again = await world.run([...reword, "--yes"]);
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("12 already replaced")]);
    expect(again.stderr).not.toContain("updated");
  });

  it("fails with 4 for a mistyped pattern, even if its new text exists", async () => {
    expect((await world.run([...reword, "--yes"])).code).toBe(0);
    const mistyped = reword.map((word, at) => (reword[at - 1] === "--replace" ? `${word}x` : word));
    expect((await world.run([...mistyped, "--yes"])).code).toBe(4);
  });
});

describe("the history of a bulk update", () => {
  it("is one entry, with old and new values, and the reason", async () => {
    const data = temporaryFolder();
    await world.run([...reword, "--yes", "--reason", "INC-7"], { env: { HERM_DATA_DIR: data } });
    const files = readdirSync(join(data, "history"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".jsonl"),
    );
    expect(files).toHaveLength(1);
    const lines = readFileSync(join(data, "history", files[0] ?? ""), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ reason: "INC-7", command: expect.stringContaining("--replace Slack") });
    expect(lines.filter(({ act }) => act === "update")).toHaveLength(12);
    expect(lines.filter(({ result }) => result === "done")).toHaveLength(12);
    expect(lines.map(({ is }) => is)).toContain(
      "Compare the numbers of Acme.\nPost them to Slack, in #numbers.\n",
    );
  });
});
