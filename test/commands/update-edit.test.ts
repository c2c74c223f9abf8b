import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

const here = ["-d", "dep_local"];

/** A server with one automation, and a home for several commands. */
async function prepare(fields: { name?: string; schedule?: string; instructions?: string } = {}) {
  const { name = "Weekly", schedule = "0 9 * * 1", instructions = "Make five.\nThen stop." } = fields;
  const server = await startServer();
  const home = temporaryFolder();
  const flags = [`--name=${name}`, `--schedule=${schedule}`, `--instructions=${instructions}`, "--as-typed"];
  const run = (argv: readonly string[], options: HermOptions = {}) =>
    herm(argv, { server, home, ...options });
  const created = await run(["automations", "create", ...flags, ...here, "-o", "name"]);
  const id = created.stdout.trim();
  const read = async () => JSON.parse((await run(["automations", "get", id, ...here, "--json"])).stdout);
  return { server, home, run, id, read };
}

/** The words of the command after `undo:`, as read by a shell. */
function undoWords(stderr: string): string[] {
  const line = /^undo: (herm .*)$/m.exec(stderr)?.[1] ?? "";
  const shown = execFileSync("sh", ["-c", `herm() { printf '%s\\0' "$@"; }; ${line}`]).toString("utf8");
  return shown.split("\0").slice(0, -1);
}

/** Counts changes on their way to the server. */
function counting(server: EmbeddedServer): { fetch: FetchLike; sent: string[] } {
  const sent: string[] = [];
  const fetch: FetchLike = (url, init) => {
    if (init.method !== "GET") sent.push(`${init.method} ${init.body ?? ""}`);
    return fetchFrom(server)(url, init);
  };
  return { fetch, sent };
}

describe("automations update --edit", () => {
  const edit = (id: string) => ["automations", "update", id, "--edit", ...here];

  it("shows front matter and exact instructions, and sends only changed fields", async () => {
    const { run, id, read, server } = await prepare({ instructions: "---\n# one\n\n  two" });
    const { fetch, sent } = counting(server);
    let offered = "";
    const answers = [
      (text: string) => {
        offered = text;
        return `${text.replace("0 9 * * 1", "every weekday at 18:30").replace("two", "three")}\n`;
      },
    ];
    const edited = await run(edit(id), { answers, fetch, columns: 120 });
    expect(offered).toBe("---\nname: Weekly\nschedule: 0 9 * * 1\ntz: UTC\n---\n---\n# one\n\n  two");
    expect(sent).toEqual(['PATCH {"schedule":"30 18 * * 1-5","instructions":"---\\n# one\\n\\n  three"}']);
    expect(edited.stderr).toContain("0 9 * * 1 → 30 18 * * 1-5");
    expect(edited.stderr).toContain("-   two");
    expect(edited.stderr).toContain("+   three");
    await run([...undoWords(edited.stderr), "--yes"]);
    expect(await read()).toMatchObject({ schedule: "0 9 * * 1", instructions: "---\n# one\n\n  two" });
  });

  it("sends no change if the editor only added a final newline", async () => {
    const { run, id, server } = await prepare({ name: '"quoted" ', schedule: "every monday at 9am" });
    const { fetch, sent } = counting(server);
    const same = await run(edit(id), { answers: [(text: string) => `${text}\n`], fetch });
    expect(same.stdout).toContain("Unchanged:");
    expect(sent).toEqual([]);
  });

  it("reopens on mistakes, each at its line, until they are corrected", async () => {
    const { run, id, read } = await prepare();
    const offered: string[] = [];
    const answers = [
      () => "---\nname:\nschedule: banana\ncolour: red\n---\nMake six.\n",
      (text: string) => {
        offered.push(text);
        return text
          .replace("name:\n", "name: Six\n")
          .replace("schedule: banana", "schedule: @daily")
          .replace("colour: red\n", "");
      },
    ];
    expect((await run(edit(id), { answers })).code).toBe(0);
    const lines = offered[0]?.split("\n") ?? [];
    expect(lines.slice(1, 4)).toEqual([
      "#! line 5: name is empty",
      expect.stringMatching(/^#! line 6: schedule "banana": .* for example: every [^·]+ · [^·]+ · [^·]+$/),
      "#! line 7: colour isn't one of name, schedule, tz",
    ]);
    expect(lines.slice(4, 7)).toEqual(["name:", "schedule: banana", "colour: red"]);
    expect(await read()).toMatchObject({ name: "Six", schedule: "0 0 * * *", instructions: "Make six." });
  });

  it.each([
    ["left unchanged", (text: string) => text, 2, 'error: nothing changed: line 3: schedule "banana"'],
    ["emptied by leaving out the fences", () => "no fences", 2, "--- must be on the first line"],
    [
      "changed only in herm's own marks",
      (text: string) => `${text}`.replace("#! line", "#! Line"),
      2,
      "banana",
    ],
  ])("saves abandoned text, %s", async (_case, again, code, said) => {
    const { run, id, read } = await prepare();
    const first = (text: string) => text.replace("0 9 * * 1", "banana").replace("Make", "Kept: make");
    const given = await run(edit(id), { answers: [first, again, (text: string) => text] });
    expect(given.code).toBe(code);
    expect(given.stderr).toContain(said);
    const path = /your text is saved in\s+(\S+\.md)/m.exec(given.stderr)?.[1] ?? "";
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toMatch(/Kept: make|no fences/);
    expect(await read()).toMatchObject({ schedule: "0 9 * * 1", instructions: "Make five.\nThen stop." });
  });

  it("reports a conflict only if both sides changed the same field", async () => {
    const { run, id, read, server } = await prepare();
    const meanwhile = (fields: object): FetchLike => {
      let gets = 0;
      return async (url, init) => {
        const isSecondGet = init.method === "GET" && url.endsWith(id) && ++gets === 2;
        const body = JSON.stringify(fields);
        const headers = { ...init.headers, "content-type": "application/json" };
        if (isSecondGet) await fetchFrom(server)(url, { ...init, method: "PATCH", body, headers });
        return fetchFrom(server)(url, init);
      };
    };
    const answers = [(text: string) => text.replace("Make five", "Make six")];
    const both = await run(edit(id), { answers, fetch: meanwhile({ instructions: "Theirs." }) });
    expect(both.code).toBe(6);
    expect(both.stderr).toContain("changed since: instructions");
    expect(both.stderr).toContain("your text is saved in");
    expect(await read()).toMatchObject({ instructions: "Theirs." });
    const other = await run(edit(id), {
      answers: [(text: string) => text.replace("Theirs", "Mine")],
      fetch: meanwhile({ name: "Renamed" }),
    });
    expect(other.code).toBe(0);
    expect(await read()).toMatchObject({ name: "Renamed", instructions: "Mine." });
  });

  it("saves the text if the server rejects it or is down", async () => {
    const { run, id, server } = await prepare();
    const fetch: FetchLike = async (url, init) =>
      init.method === "PATCH" ? new Response("", { status: 503 }) : fetchFrom(server)(url, init);
    const failed = await run(edit(id), { answers: [(text: string) => `${text} More.`], fetch });
    expect(failed.code).not.toBe(0);
    expect(failed.stderr).toContain("your text is saved in");
  });

  it.each([
    [["--edit", "--name", "x"], "--edit and field flags can't be used together"],
    [["--edit"], "--edit needs a terminal"],
  ])("rejects %j in a pipe: %s", async (flags, said) => {
    const refused = await herm(["automations", "update", "auto_1", ...flags, ...here]);
    expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(said) });
  });
});

describe("automations update without fields", () => {
  it("asks which fields to change, and for each new value", async () => {
    const { run, id, read, server } = await prepare();
    const { fetch, sent } = counting(server);
    const answers = [["Name", "Schedule"], "New name", "every day at 9am"];
    const updated = await run(["automations", "update", id, ...here], { answers, fetch });
    expect(updated.code).toBe(0);
    expect(sent).toEqual(['PATCH {"name":"New name","schedule":"0 9 * * *"}']);
    expect(await read()).toMatchObject({ name: "New name", schedule: "0 9 * * *" });
  });

  it("sends no change if the current values are kept", async () => {
    const { run, id, server } = await prepare({ schedule: "every monday at 9am" });
    const { fetch, sent } = counting(server);
    const answers = [["Schedule", "Instructions"], "every monday at 9am", "Make five.\nThen stop."];
    const same = await run(["automations", "update", id, ...here], { answers, fetch });
    expect(same.stdout).toContain("Unchanged:");
    expect(sent).toEqual([]);
  });
});
