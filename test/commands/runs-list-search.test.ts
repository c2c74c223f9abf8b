import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Run } from "../../src/api/types.js";
import { matchesIn } from "../../src/commands/runs/list/search.js";
import { plainPattern } from "../../src/output/text/excerpt.js";
import { fetchFrom, type HermOptions } from "../support/harness.js";
import { addDeployment, type RunServer, startRunServer, steady } from "./run-server.js";

let herm: RunServer;

beforeEach(async () => {
  herm = await startRunServer();
});

/** A run that failed, one that says it, one that asks it, and one that doesn't. */
async function fourRuns(): Promise<void> {
  await herm.trigger(await herm.create("Silent", "Go."));
  await herm.trigger(await herm.create("Failing", "Go.\n@dev fail The PRINTER has no paper"));
  await herm.trigger(await herm.create("Saying", "Fill the printer.\nThen print.\nThe printer is Bob's."));
  await herm.trigger(await herm.create("Asking", "Go.\n@dev ask Which printer?"));
}

const search = (flags: readonly string[], more: HermOptions = {}) =>
  herm.run(["runs", "list", "--search", "printer", ...flags], more);

/** The requests for threads that a call sends. */
function counting(options: { fails?: string; status?: number } = {}) {
  const threads: string[] = [];
  const fetch: HermOptions["fetch"] = async (url, init) => {
    if (url.includes("/threads/")) threads.push(url);
    const isRefused = options.fails !== undefined && url.includes(`/threads/${options.fails}`);
    if (isRefused) return new Response('{"error":"x","message":"no"}', { status: options.status ?? 400 });
    return fetchFrom(herm.server)(url, init);
  };
  return { threads, fetch };
}

interface Found {
  name: string;
  run_id: string;
  thread_id: string;
  matches: { field: string; line: string }[];
  unread?: string;
}

const found = async (flags: readonly string[], more: HermOptions = {}): Promise<Found[]> =>
  JSON.parse((await search([...flags, "--json"], more)).stdout);

describe("runs list --search", () => {
  it("finds a text in errors, outputs and questions, in capitals or not", async () => {
    await fourRuns();
    const rows = await found([]);
    expect(rows.map(({ name, matches }) => [name, matches])).toEqual([
      ["Asking", [{ field: "question", line: "Which printer?" }]],
      [
        "Saying",
        [
          { field: "output", line: "Working on: Fill the printer." },
          { field: "output", line: "The printer is Bob's." },
        ],
      ],
      ["Failing", [{ field: "error", line: "The PRINTER has no paper" }]],
    ]);
    expect(rows[0]).not.toHaveProperty("unread");
  });

  it("prints a row for each line in a pipe, with nothing added, and ids once", async () => {
    await fourRuns();
    const { code, stdout, stderr } = await search(["--columns", "name,status"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "searching 4 runs: 4 requests\n" });
    expect(stdout).toBe(
      [
        "Asking\twaiting_on_human\tquestion\tWhich printer?",
        "Saying\tcompleted\toutput\tWorking on: Fill the printer.",
        "Saying\tcompleted\toutput\tThe printer is Bob's.",
        "Failing\terror\terror\tThe PRINTER has no paper",
        "",
      ].join("\n"),
    );
    const names = await search(["-o", "name"]);
    expect(steady(names.stdout)).toBe("run_1\nrun_2\nrun_3\n");
  });

  it("shows the lines below each run on a terminal, the text marked", async () => {
    await fourRuns();
    const shown = await search(["--columns", "name,status"], { tty: true });
    expect(shown.stdout).toBe(`NAME     STATUS
Asking   ? waiting
  question Which printer?
Saying   ✓ completed
  output   Working on: Fill the printer.
  output   The printer is Bob's.
Failing  ✗ error
  error    The PRINTER has no paper
`);
    expect(shown.stderr).toBe("searching 4 runs: 4 requests\nfound in 3 of 4 runs\n");
    const usual = (await search([], { tty: true, columns: 80 })).stdout;
    expect(usual).toMatch(/^NAME +STATUS +TRIGGER +AGO +TOOK +RUN\n/);
    expect(usual).toMatch(/^Failing .* run_\w+\n {2}error {4}The PRINTER has no paper$/m);
    const colour = { NO_COLOR: "", TERM: "xterm-256color" };
    const marked = await search(["--columns", "name"], { tty: true, env: colour });
    expect(marked.stdout).toContain("The \u001b[1mPRINTER\u001b[22m has no paper");
    const inWords = await search(["--columns", "name"], { tty: true, env: { HERM_ACCESSIBLE: "1" } });
    expect(inWords.stdout).toContain(
      "name: Asking\nfound in question: Which printer?\n\nname: Saying\nfound in output: ",
    );
  });

  it.each([40, 80, 120])("fits %i columns, around the text", async (columns) => {
    const far = `${"x ".repeat(300)}printer${" y".repeat(300)}`;
    await herm.trigger(await herm.create("Far", `${far}\n@dev fail ${far}`));
    const { stdout } = await search([], { tty: true, columns });
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
    expect(stdout.match(/… ?(?:x ?)+printer(?: y)+ ?…/g)).toHaveLength(2);
  });

  it("makes a hostile line safe before it is marked, and gives it back in JSON as it is", async () => {
    const line = "A \u001b[31mprin\u200bter, a \u001b]0;printer\u0007 and a \u202eprinter";
    await herm.trigger(await herm.create("Hostile", `Go.\n${line}`));
    const colour = { NO_COLOR: "", TERM: "xterm-256color" };
    const { stdout } = await search(["--columns", "name"], { tty: true, columns: 120, env: colour });
    expect(stdout).toContain(
      "A ^[[31mprin<U+200B>ter, a ^[]0;\u001b[1mprinter\u001b[22m^G and a <U+202E>\u001b[1mprinter\u001b[22m\n",
    );
    expect((await found([]))[0]?.matches).toEqual([{ field: "output", line }]);
    expect((await search(["--columns", "name"])).stdout).toContain(
      "a ^[]0;printer^G and a <U+202E>printer\n",
    );
  });

  it("shows five lines of a run, and how many more there are", async () => {
    await herm.trigger(await herm.create("Wordy", Array(9).fill("printer").join("\n")));
    const { stdout } = await search(["--columns", "name"], { tty: true });
    expect(stdout.match(/printer/g)).toHaveLength(5);
    expect(stdout).toContain("  … and 4 more lines\n");
    expect((await found([]))[0]?.matches).toHaveLength(9);
  });

  it("reads each thread once, however many runs are in it", async () => {
    const id = await herm.create("Often", "Fill the printer.");
    for (let run = 0; run < 3; run += 1) await herm.trigger(id);
    const { threads, fetch } = counting();
    const { stdout, stderr } = await search(["--columns", "name"], { fetch });
    expect(stderr).toBe("searching 3 runs: 1 request\n");
    expect(threads).toHaveLength(1);
    expect(stdout.trimEnd().split("\n")).toHaveLength(3);
  });

  it("says of one run that it was not searched", async () => {
    for (const name of ["One", "Other"]) await herm.trigger(await herm.create(name, "Fill the printer."));
    const { stderr } = await search(["--limit", "1", "--concurrency", "1"], { tty: true });
    expect(stderr).toContain("found in 1 of 1 run; limit reached, 1 more not searched\n");
  });

  it("searches what the other flags leave, then limits", async () => {
    await fourRuns();
    const names = async (...flags: string[]) => (await found(flags)).map(({ name }) => name);
    expect(await names("--failed")).toEqual(["Failing"]);
    expect(await names("--limit", "2")).toEqual(["Asking", "Saying"]);
    expect(await names("--sort", "name", "--limit", "2")).toEqual(["Asking", "Failing"]);
    expect(await names("--match", "S*")).toEqual(["Saying"]);
    expect((await search(["--limit", "2"], { tty: true })).stderr).toContain(
      "found in 3 of 4 runs, 2 shown\n",
    );
    expect((await search(["--exit-code"])).code).toBe(9);
  });

  it("begins no thread when the first that say it are found, however they are sorted", async () => {
    for (let number = 10; number < 40; number += 1) {
      const says = number % 10 === 3 ? "Use the printer." : "Go.";
      await herm.trigger(await herm.create(`Job ${number}`, says));
    }
    const { threads, fetch } = counting();
    const names = async (...flags: string[]) => (await found(flags, { fetch })).map(({ name }) => name);
    expect(await names("--limit", "1")).toEqual(["Job 33"]);
    // Jobs 39 to 33, and what had begun by then.
    expect(threads.length).toBeLessThanOrEqual(7 + 7);
    threads.length = 0;
    expect(await names("--limit", "1", "--sort", "name", "--concurrency", "1")).toEqual(["Job 13"]);
    expect(threads).toHaveLength(4);
    const { stderr } = await search(["--limit", "2", "--concurrency", "1"], { tty: true, fetch });
    expect(stderr).toContain("searching 30 runs: at most 30 requests\n");
    expect(stderr).toContain("found in 2 of 17 runs; limit reached, 13 more not searched\n");
    expect(await names("--limit", "9")).toHaveLength(3);
  });

  it("says how far back the runs go that it could search", async () => {
    const id = await herm.create("Busy", "Use the printer.");
    for (let number = 0; number < 21; number += 1) await herm.trigger(id);
    for (const tty of [false, true]) {
      const { stderr } = await search([], { tty });
      expect(stderr).toMatch(/\nall runs since [^;\n]*; older ones of Busy may be missing\n$/);
    }
    expect((await search(["--limit", "1", "--since", "1h"])).stderr).toMatch(
      /\nBusy: last 20 runs only, from /,
    );
  });

  it("says that nothing was found, and where, or that there was nothing to search", async () => {
    await herm.trigger(await herm.create("Silent", "Go."));
    const nothing = await herm.run(["runs", "list", "--search", "papier"], { tty: true });
    expect(nothing).toEqual({
      code: 0,
      stdout: "",
      stderr: 'searching 1 run: 1 request\n"papier" not found: 1 run searched\n',
    });
    expect((await search(["--json"])).stdout).toBe("[]\n");
    expect((await search(["--exit-code"])).code).toBe(0);
    expect((await search(["--failed"])).stderr).toBe("nothing to list: 1 run, not failed\n");
  });

  it.each([
    [["--search", ""], "error: --search is empty\n"],
    [["--search", " "], "error: --search is empty\n"],
    [["--search", "a\nb"], "error: --search looks at one line at a time: give it a text of one line\n"],
    [["--search", "x", "--watch"], "error: --watch and --search can't be used together\n"],
    [["--yes"], "error: --yes needs --search\n"],
    [["--concurrency", "2"], "error: --concurrency needs --search\n"],
  ])("refuses %j", async (flags, stderr) => {
    expect(await herm.run(["runs", "list", ...flags])).toEqual({ code: 2, stdout: "", stderr });
  });
});

describe("a thread that can't be read", () => {
  it("is reported at its run, and the rest is shown", async () => {
    await fourRuns();
    const thread = (await found([])).find(({ name }) => name === "Saying")?.thread_id ?? "";
    const { fetch } = counting({ fails: thread });
    const piped = await search(["--columns", "name"], { fetch });
    expect(piped.code).toBe(8);
    expect(piped.stdout).toBe(
      "Asking\tquestion\tWhich printer?\nFailing\terror\tThe PRINTER has no paper\nSaying\tunread\tno\n",
    );
    expect(piped.stderr).toMatch(
      /error: 1 run could not be searched\nhint: the list is incomplete: run it again\n$/,
    );
    const shown = await search(["--columns", "name"], { fetch, tty: true });
    expect(shown.stdout).toContain("Saying\n  unread   its thread can't be read: no\n");
    const rows: Found[] = JSON.parse((await search(["--json"], { fetch })).stdout);
    expect(rows.map(({ name, matches, unread }) => [name, matches.length, unread])).toEqual([
      ["Asking", 1, undefined],
      ["Failing", 1, undefined],
      ["Saying", 0, "no"],
    ]);
    expect((await search(["-o", "name"], { fetch })).stdout.trimEnd().split("\n")).toHaveLength(2);
  });

  it("is passed over where it is gone, and that is reported", async () => {
    await fourRuns();
    const thread = (await found([])).find(({ name }) => name === "Saying")?.thread_id ?? "";
    const { fetch } = counting({ fails: thread, status: 404 });
    const { code, stderr } = await search([], { fetch, tty: true });
    expect(code).toBe(0);
    expect(stderr).toContain("found in 2 of 4 runs; 1 had no readable thread\n");
  });

  it("ends the search with its error where none could be read", async () => {
    await herm.trigger(await herm.create("Saying", "Fill the printer."));
    const { fetch } = counting({ fails: "", status: 403 });
    expect(await search([], { fetch })).toMatchObject({ code: 3, stdout: "" });
  });
});

describe("many threads", () => {
  const many = 501;

  /** A server with so many automations, each with a run of its own thread. */
  function crowd(): { fetch: NonNullable<HermOptions["fetch"]>; threads: () => number; most: () => number } {
    let threads = 0;
    let underWay = 0;
    let most = 0;
    const json = (value: unknown) => new Response(JSON.stringify(value));
    const automation = (at: number) => ({
      ...{ automation_id: `auto_${at}`, name: `Report ${at}`, schedule: "0 9 * * *", enabled: true },
      last_run_at: "2026-03-02T08:00:00Z",
    });
    const run = (at: number) => ({
      ...{ run_id: `run_${at}`, thread_id: `thr_${at}`, status: "completed" },
      started_at: "2026-03-02T08:00:00Z",
    });
    const fetch: HermOptions["fetch"] = async (url) => {
      const [, kind, id = ""] = /dep_local\/(automations|threads)\/?([^/?]*)/.exec(url) ?? [];
      const at = Number(id.split("_")[1]);
      if (kind === "threads") {
        threads += 1;
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        const content = at === 7 ? "The printer is out." : "Done.";
        return json({ thread_id: id, messages: [{ role: "agent", content, run_id: `run_${at}` }] });
      }
      if (id !== "") return json({ ...automation(at), recent_runs: [run(at)] });
      return json({ data: Array.from({ length: many }, (_, each) => automation(each)), next_cursor: null });
    };
    return { fetch, threads: () => threads, most: () => most };
  }

  it("are asked about, and read when that is answered with yes", async () => {
    const { fetch, threads } = crowd();
    const declined = await search([], { fetch, answers: [false] });
    expect(declined).toMatchObject({ code: 1, stdout: "" });
    expect(threads()).toBe(0);
    const agreed = await search(["--columns", "name"], { fetch, answers: [true] });
    expect(agreed.stdout).toContain("Report 7\n  output   The printer is out.\n");
    expect(threads()).toBe(many);
  });

  it("need --yes where nobody can be asked, and are read --concurrency at once", async () => {
    const { fetch, threads, most } = crowd();
    expect(await search([], { fetch })).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: --search would take 501 requests: it needs --yes when herm can't ask\nhint: --since, --match and --failed narrow the search of 501 runs\n",
    });
    expect(threads()).toBe(0);
    const { code, stdout } = await search(["--yes", "--columns", "name", "--concurrency", "3"], { fetch });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Report 7\toutput\tThe printer is out.\n" });
    expect([threads(), most()]).toEqual([many, 3]);
  });

  it("of several deployments are each looked for in their own", async () => {
    const acme = await addDeployment(herm.server, { name: "Acme", customer_id: "cus_acme" });
    await herm.trigger(await herm.create("Here", "Fill the printer."));
    await herm.trigger(await herm.create("There", "Fill the printer.", acme), acme);
    const { stdout } = await search(["--all-deployments", "--columns", "deployment,name"]);
    expect(stdout).toBe(
      `${acme}\tThere\toutput\tWorking on: Fill the printer.\ndep_local\tHere\toutput\tWorking on: Fill the printer.\n`,
    );
  });
});

describe("matchesIn", () => {
  const line = fc.string({ unit: fc.constantFrom(..."abAB \u001b\u202e"), maxLength: 8 });
  const message = fc.record({
    role: fc.constantFrom("agent", "user"),
    content: fc.option(fc.array(line, { maxLength: 4 }).map((lines) => lines.join("\n"))),
  });
  const status = fc.constantFrom<Run["status"][]>("completed", "error", "running", "waiting_on_human");

  it("gives each line of an agent, of the error and of the question that has the text, as it is", () => {
    const needle = line.filter((text) => text !== "");
    const run = fc.record({ status, error: fc.option(line) });
    fc.assert(
      fc.property(
        run,
        fc.array(message, { maxLength: 4 }),
        needle,
        ({ status: state, error }, messages, text) => {
          const has = (each: string) => each.toLowerCase().includes(text.toLowerCase());
          const said = messages
            .filter(({ role }) => role === "agent")
            .flatMap(({ content }) => content?.split("\n") ?? []);
          const expected = [...(error === null ? [] : [error]), ...said].filter(has);
          const matches = matchesIn({ run: { status: state, error }, messages }, plainPattern(text));
          expect(matches.map((each) => each.line)).toEqual(expected);
          const asks = matches.some(({ field }) => field === "question");
          if (asks) expect([state, messages.at(-1)?.role]).toEqual(["waiting_on_human", "agent"]);
        },
      ),
    );
  });
});
