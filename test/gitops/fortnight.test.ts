import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { type ManifestServer, startManifestServer } from "../commands/manifest-server.js";
import { herm, temporaryFolder } from "../support/harness.js";
import { type Run, runWorkflow } from "./github.js";
import { type Checkout, type Host, startHost } from "./host.js";
import { defaults, files, inputsOf } from "./page.js";

type Target = "staging" | "prod";

/** Eight days before the clocks change in Europe. */
const startAt = Date.parse("2027-03-20T08:00:00Z");
const dayMs = 86_400_000;

interface RunOptions extends Partial<Pick<Run, "inputs" | "vars">> {
  /** The job that can't push the record. */
  loses?: Target;
}

/** Two environments, their customers, and the repository that provisions them. */
class World {
  readonly servers = {} as Record<Target, ManifestServer>;
  /** The customers in prod, some of whom have left. */
  readonly customers = new Map<string, { id: string; name: string }>();
  readonly #hidden = new Set<string>();
  readonly #desk = temporaryFolder();
  now = startAt;

  private constructor(readonly host: Host) {}

  static async start(files: Record<string, string>): Promise<World> {
    const world = new World(await startHost(files));
    for (const target of ["staging", "prod"] as const)
      world.servers[target] = await startManifestServer({ now: () => startAt });
    for (const name of ["Our own", "Demo"])
      await world.servers.staging.deploy(name, { customer: `cus_of_${name.length}` });
    await world.join("Acme", "cus_42");
    for (let at = 1; at <= 30; at += 1) await world.join(`Customer ${at}`, `cus_${at}`);
    return world;
  }

  /** A customer joins and creates an automation. */
  async join(name: string, customer: string): Promise<void> {
    const id = await this.servers.prod.deploy(name, { customer });
    await this.servers.prod.create({ name: "Their own", instructions: `For ${name}.` }, id);
    this.customers.set(customer, { id, name });
  }

  /** The platform removes a customer's deployment: the key no longer sees it. */
  leave(customer: string): string {
    const { id = "" } = this.customers.get(customer) ?? {};
    this.customers.delete(customer);
    this.#hidden.add(id);
    return id;
  }

  async automation(customer: string, name: string) {
    const { id = "" } = this.customers.get(customer) ?? {};
    const all = await this.servers.prod.list(id);
    return `/v1/deployments/${id}/automations/${all.find((each) => each.name === name)?.automation_id}`;
  }

  /** The automations of a customer in prod: instructions by name, and whether one is paused. */
  async truthOf(id: string): Promise<Record<string, string>> {
    const all = await this.servers.prod.state(id);
    return Object.fromEntries(
      all.map(({ name, instructions, enabled }) => [name, `${enabled ? "" : "paused: "}${instructions}`]),
    );
  }

  async nextDay(): Promise<void> {
    this.now += dayMs;
    for (const { server } of Object.values(this.servers)) await server.advance(dayMs / 1000);
  }

  /** Runs herm on somebody's own machine. */
  async atDesk(line: string): Promise<number> {
    const { code } = await this.#herm("prod", line.split(" "), { home: this.#desk });
    return code;
  }

  #herm(
    target: Target,
    words: readonly string[],
    options: { home: string; cwd?: string; env?: Record<string, string> },
  ) {
    const { server } = this.servers[target];
    return herm(words, { server, fetch: this.#fetch(target), now: new Date(this.now), ...options });
  }

  #fetch(target: Target): FetchLike {
    return async (url, init) => {
      const { pathname } = new URL(url);
      const [, , , id = ""] = pathname.split("/");
      if (this.#hidden.has(id)) return new Response('{"error":"not_found"}', { status: 404 });
      const answer = await this.servers[target].server.fetch(new Request(url, init as RequestInit));
      if (pathname !== "/v1/deployments") return answer;
      const list = (await answer.json()) as { data: { deployment_id: string }[] };
      const data = list.data.filter(({ deployment_id }) => !this.#hidden.has(deployment_id));
      return new Response(JSON.stringify({ ...list, data }), { headers: answer.headers });
    };
  }

  /** Runs the page's workflow; returns the result of each environment's job. */
  async run(event: Run["event"], { loses, ...rest }: RunOptions = {}) {
    const keys = Object.entries(this.servers).flatMap(([target, { server }]) => [
      [`${target}/HERM_API_KEY`, server.apiKey],
      [`${target.toUpperCase()}_READ_KEY`, server.apiKey],
    ]);
    const ended = await runWorkflow({
      event,
      secrets: Object.fromEntries(keys),
      checkOut: async (ref) => this.#inProcess(await this.host.checkOut(ref), loses),
      machine: () => ({}),
      ...rest,
    });
    const codes = Object.fromEntries(ended.map(({ target, code }) => [target, code]));
    return {
      codes: `${codes.staging ?? "–"} ${codes.prod ?? "–"}`,
      stderr: ended.map(({ stderr }) => stderr).join(""),
    };
  }

  /**
   * The same checkout with herm in this process, the only one with the clock for these days; a shell parses its line.
   */
  #inProcess(job: Checkout, loses?: Target): Checkout {
    return {
      ...job,
      run: async (lines, options = {}) => {
        const { env = {} } = options;
        if (lines.startsWith("npm install ")) return { code: 0, stdout: "", stderr: "" };
        if (lines.startsWith("herm ")) {
          const words = await job.run(`herm() { printf '%s\\0' "$@"; }\n${lines}`, options);
          const argv = words.stdout.split("\0").slice(0, -1);
          return this.#herm(env.TARGET as Target, argv, { cwd: job.cwd, env, home: temporaryFolder() });
        }
        const isLost = lines.startsWith("sh record.sh put") && env.TARGET === loses;
        if (isLost) this.host.accept(false);
        const ended = await job.run(lines, options);
        if (isLost) this.host.accept(true);
        return ended;
      },
    };
  }
}

const item = (name: string, schedule: string, more: string) =>
  `  - {name: ${name}, schedule: "${schedule}", instructions: Do ${name}.${more}}\n`;
const daily = item("Daily check", "0 9 * * *", ", tz: Europe/Berlin, spread: 45m");
const notForFour = daily.replace("}\n", ", not: {customers: [cus_4]}}\n");
const invoice = (schedule: string) =>
  item("Invoice", schedule, ", tz: Europe/London, for: {customers: [cus_7]}");
const survey = item("Survey", "0 9 1 * *", "");
const more = (...items: string[]) => ({ "automations/more.yaml": `automations:\n${items.join("")}` });

describe("the documented repository over 14 days in two environments", () => {
  it("never stops for 31 customers because of a single customer", async () => {
    const world = await World.start({ ...files, ...more(daily, invoice("0 0 1 * *")) });
    const table: string[] = [];
    /** The automations that everybody should have, by name. */
    let wanted: Record<string, string> = { "Daily check": "Do Daily check." };
    let weekly = "Weekly report";
    let day = 1;

    const row = (what: string, codes: unknown) => table.push(`${day} ${what}: ${codes}`);
    const nextDay = () => {
      day += 1;
      return world.nextDay();
    };
    /** The next day, on which the drift check finds the changes. */
    const night = async (happens: () => unknown = () => undefined) => {
      await nextDay();
      await happens();
      row("night", (await world.run("schedule")).codes);
    };
    /** Merges a fix for everybody, with all other changes, after which all customers in prod have it. */
    const push = async (changes: Record<string, string> = {}, options?: RunOptions): Promise<string> => {
      const text = `Fix ${table.length}.`;
      await world.host.push({ ...changes, "automations/texts/weekly.md": text });
      const { codes, stderr } = await world.run("push", options);
      row("push", codes);
      if (options?.vars !== undefined) return stderr;
      for (const [customer, { id, name }] of world.customers) {
        const all = { ...wanted, [weekly]: text, "Their own": `For ${name}.` };
        if (customer === "cus_7") all.Invoice = "Do Invoice.";
        if (customer === "cus_4" && day > 2) delete all["Daily check"];
        expect(await world.truthOf(id), `${name} on day ${day}`).toEqual(all);
      }
      return stderr;
    };
    const dispatch = async (flags = "") => {
      const inputs = { ...inputsOf("--forget"), flags };
      row("adopt", (await world.run("workflow_dispatch", { inputs })).codes);
    };

    await push();
    // A customer joins.
    await night(() => world.join("Newcomer", "cus_31"));
    await push();
    // A customer deletes an automation, and the files follow a day later.
    await night(async () =>
      world.servers.prod.call("DELETE", await world.automation("cus_4", "Daily check")),
    );
    expect(await push()).toContain("1 deleted by someone else; --recreate creates it\n");
    await nextDay();
    await push(more(notForFour, invoice("0 0 1 * *")));
    // A customer edits an automation.
    await night(async () => {
      const path = await world.automation("cus_5", weekly);
      await world.servers.prod.call("PATCH", path, { instructions: "Mine." });
    });
    await push();
    // The customer named in the values leaves, and comes back with another deployment.
    let gone = "";
    await night(() => {
      gone = world.leave("cus_42");
    });
    const unseen = await push();
    expect(unseen).toContain("automations/defaults.yaml:4:23: customer cus_42 has none of the selected");
    expect(unseen).toContain(`if a deployment is gone for good: adopt --forget ${gone}\n`);
    await nextDay();
    await dispatch(`--forget ${gone}`);
    await night(() => world.join("Acme", "cus_42"));
    await push();
    // The clocks change. On this day, the invoice for customer 7 can't be a single UTC cron expression.
    await night();
    const [, way = ""] = /"(0 1 1 \* \*)" is right all year/.exec(await push()) ?? [];
    for (const [customer, { id }] of world.customers)
      for (const { name, schedule } of await world.servers.prod.list(id)) {
        if (name === "Daily check") expect(schedule).toMatch(/^\d+ 7 \* \* \*$/);
        if (name === weekly) expect(schedule).toMatch(customer === "cus_42" ? /^\d+ 5 / : /^\d+ 7 /);
        if (name === "Invoice") expect(schedule).toBe("0 0 1 * *");
      }
    await nextDay();
    await push(more(notForFour, invoice(way)));

    // An incident: all automations are paused, and the fix removes the harmful one.
    await nextDay();
    await push({}, { vars: { HERM_FREEZE: "INC-42" } });
    const ofIncident = "--incident INC-42 --yes";
    row("pause", await world.atDesk(`automations pause --all-deployments --match * ${ofIncident}`));
    for (const { id } of world.customers.values())
      expect(Object.values(await world.truthOf(id)).every((text) => text.startsWith("paused: "))).toBe(true);
    await world.host.push(more(invoice(way)));
    const paused = await world.run("push");
    row("push", paused.codes);
    expect(paused.stderr).toContain("32 not deleted because paused");
    row("resume", await world.atDesk(`automations resume --include-changed ${ofIncident}`));
    row("pull request", (await world.run("pull_request")).codes);
    await world.host.push({ "prod/flags": "--max-deletes 32\n" });
    row("pull request", (await world.run("pull_request")).codes);
    wanted = {};
    await push();

    // A rename, which keeps the automations.
    await nextDay();
    const ids = async () =>
      Promise.all([...world.customers.keys()].map((customer) => world.automation(customer, weekly)));
    const before = await ids();
    weekly = "Weekly summary";
    const renamed = defaults.replace("Weekly report", "Weekly summary\n    formerly: Weekly report");
    await push({ "automations/defaults.yaml": renamed, "prod/flags": "" });
    expect(await ids()).toEqual(before);

    // A job in prod can't push what it created.
    await nextDay();
    wanted = { Survey: "Do Survey." };
    await push(more(invoice(way), survey), { loses: "prod" });
    await push();
    await dispatch();
    await push();

    await night();
    expect(table).toEqual([
      "1 push: 0 0",
      "2 night: 0 9",
      "2 push: 0 0",
      // The next weekly report comes after the clocks change.
      "3 night: 9 9",
      "3 push: 0 0",
      "4 push: 0 0",
      "5 night: 0 9",
      "5 push: 0 0",
      "6 night: 0 8",
      "6 push: 0 8",
      "7 adopt: – 0",
      "8 night: 9 9",
      "8 push: 0 0",
      "9 night: 0 8",
      "9 push: 0 8",
      "10 push: 0 0",
      "11 push: 6 –",
      "11 pause: 0",
      "11 push: 0 0",
      "11 resume: 0",
      "11 pull request: 0 6",
      "11 pull request: 0 0",
      "11 push: 0 0",
      "12 push: 0 0",
      "13 push: 0 1",
      "13 push: 0 8",
      "13 adopt: – 0",
      "13 push: 0 0",
      "14 night: 0 0",
    ]);
  }, 240_000);
});
