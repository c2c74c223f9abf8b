import { join } from "node:path";
import fc from "fast-check";
import type { FetchLike } from "../../src/api/fetch.js";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { fetchFrom, type HermResult, herm, temporaryFolder } from "../support/harness.js";
import { addAutomation, call, change, setEnabled } from "./fleet.js";

const second = 1_000;

/** What happens to a paused automation, from here or elsewhere. */
const ours = ["update, undo", "resume, undo", "trigger"] as const;
const theirs = ["enable, pause", "rename, rename back", "reschedule"] as const;

export interface EditedCase {
  /** How its pause is undone: by its incident's resume, here or on another machine, or by an undo. */
  by: "resume" | "import" | "undo";
  acts: readonly ((typeof ours)[number] | (typeof theirs)[number] | "run ends")[];
  /** Seconds until a pause attempt without a response takes effect, after another attempt with one. */
  landsAfterS: number | undefined;
  /** Seconds from the end of a run to the `updated_at` that the server then sets. */
  touchedAfterS: number;
  spelling: number;
}

export const editedCases: fc.Arbitrary<EditedCase> = fc.record({
  by: fc.constantFrom("resume", "import", "undo"),
  acts: fc
    .tuple(
      fc.array(fc.constantFrom(...ours, "run ends" as const), { maxLength: 4 }),
      // Most histories involve nobody else.
      fc.option(fc.constantFrom(...theirs), { freq: 1 }),
      fc.array(fc.constantFrom(...ours), { maxLength: 2 }),
    )
    .map(([before, other, after]) => [...before, ...(other === null ? [] : [other]), ...after]),
  landsAfterS: fc.option(fc.integer({ min: 1, max: 15 }), { nil: undefined }),
  touchedAfterS: fc.integer({ min: -1, max: 5 }),
  spelling: fc.nat(3),
});

const spellings: ((iso: string) => string)[] = [
  (iso) => iso,
  (iso) => iso.replace("Z", "+00:00"),
  (iso) => iso.replace("Z", "000Z"),
  (iso) => new Date(Date.parse(iso) + 5_400 * second).toISOString().replace("Z", "+01:30"),
];

/**
 * A paused automation, and what happens to it until its pause is undone. The server formats `updated_at` in four ways,
 * and sets it at the end of runs too.
 */
class EditedWorld {
  #ms: number;
  #home = temporaryFolder();
  readonly #touched = new Map<string, string>();
  readonly #late: { atMs: number; arrive(): Promise<unknown> }[] = [];
  #answers = 0;
  #runEndsMs: number | undefined;
  id = "";

  private constructor(
    readonly server: EmbeddedServer,
    startMs: number,
  ) {
    this.#ms = startMs;
  }

  /** `spelling`: of its first answer. */
  static async open(spelling = 0): Promise<EditedWorld> {
    const startMs = Date.parse("2026-01-05T03:00:00.250Z");
    const world = new EditedWorld(await embedDevServer({ now: () => startMs }), startMs);
    const automation = { name: "A", schedule: "0 9 * * 1", instructions: "@dev wait 60" };
    world.id = await addAutomation(world.server, automation);
    world.#answers = spelling;
    return world;
  }

  get now(): Date {
    return new Date(this.#ms);
  }

  async pass(ms: number): Promise<void> {
    const [late] = this.#late;
    const untilLateMs = late === undefined ? Number.POSITIVE_INFINITY : late.atMs - this.#ms;
    const stepMs = Math.min(ms, untilLateMs);
    this.#ms += stepMs;
    await this.server.advance(stepMs / second);
    if (untilLateMs > ms) return;
    this.#late.shift();
    await late?.arrive();
    await this.pass(ms - stepMs);
  }

  run(words: readonly string[], fetch = this.fetch): Promise<HermResult> {
    const clock = () => this.#ms;
    return herm(words, {
      ...{ server: this.server, home: this.#home, env: { HERM_DEPLOYMENT: "dep_local" }, fetch },
      ...{ monotonic: clock, random: () => 0.5, sleep: (ms: number) => this.pass(ms) },
      get now() {
        return new Date(clock());
      },
    });
  }

  readonly fetch: FetchLike = async (url, init) => {
    const answer = (await fetchFrom(this.server)(url, init)) as Response;
    const { pathname } = new URL(url);
    if (init.method === "PATCH") this.#touched.clear();
    if (!pathname.includes("/automations") || !answer.ok) return answer;
    this.#answers += 1;
    const spell = spellings[this.#answers % spellings.length] ?? ((iso: string) => iso);
    const touched = this.#touched.get(this.id);
    const text = (await answer.text()).replaceAll(
      /"updated_at":"([^"]+)"/g,
      (_, iso: string) => `"updated_at":"${spell(touched ?? iso)}"`,
    );
    const headers = new Headers(answer.headers);
    headers.delete("content-length");
    return new Response(text, { status: answer.status, headers });
  };

  /** Pauses it during a run; an attempt without a response may take effect this much later. */
  async pause(words: readonly string[], landsAfterS: number | undefined): Promise<void> {
    await call(this.server, "POST", `/v1/deployments/dep_local/automations/${this.id}/trigger`);
    await this.pass(second);
    this.#runEndsMs = this.#ms + 59 * second;
    let isLost = landsAfterS === undefined;
    const { code, stderr } = await this.run(["automations", "pause", "A", ...words], (url, init) => {
      if (isLost || init.method !== "PATCH") return this.fetch(url, init);
      isLost = true;
      const { signal: _signal, ...again } = init;
      const atMs = this.#ms + (landsAfterS ?? 0) * second;
      this.#late.push({ atMs, arrive: () => this.fetch(url, again) });
      return Promise.resolve(new Response("", { status: 504 }));
    });
    if (code !== 0) throw new Error(stderr);
  }

  /** Continues on another machine, with the incident's ledger. */
  async moveElsewhere(): Promise<void> {
    const file = join(this.#home, ".local", "share", "herm", "history", "incidents", "inc-1.jsonl");
    this.#home = temporaryFolder();
    await this.must(["incidents", "import", file]);
  }

  async must(words: readonly string[]): Promise<HermResult> {
    const ended = await this.run(words);
    if (ended.code !== 0) throw new Error(`${words.join(" ")}: ${ended.code} ${ended.stderr}`);
    return ended;
  }

  async act(act: EditedCase["acts"][number], touchedAfterS = 0): Promise<void> {
    const { server, id } = this;
    await this.pass(30 * second);
    switch (act) {
      case "update, undo":
        await this.must([
          "automations",
          "update",
          "A",
          "--schedule",
          "0 7 * * *",
          "--instructions",
          "Other.",
        ]);
        await this.pass(7 * second);
        await this.must(["undo", "last", "--yes"]);
        break;
      case "resume, undo":
        await this.must(["automations", "resume", "A", "--yes"]);
        await this.pass(7 * second);
        await this.must(["undo", "last", "--yes"]);
        break;
      case "trigger":
        await this.must(["automations", "trigger", "A", "--no-follow", "--yes"]);
        break;
      case "run ends": {
        if (this.#runEndsMs === undefined) break;
        await this.pass(Math.max(0, this.#runEndsMs - this.#ms));
        const { body } = await call(server, "GET", `/v1/deployments/dep_local/automations/${id}`);
        const runs = body.recent_runs as { started_at: string; completed_at: string }[];
        const endedMs = Date.parse(runs.at(-1)?.completed_at ?? "");
        // A change after the end has its own time.
        const stampMs = endedMs + touchedAfterS * second;
        if (stampMs > Date.parse(String(body.updated_at)))
          this.#touched.set(id, new Date(stampMs).toISOString());
        this.#runEndsMs = undefined;
        await this.pass(6 * second);
        break;
      }
      case "enable, pause":
        this.#touched.clear();
        await setEnabled(server, id, true);
        await this.pass(7 * second);
        await setEnabled(server, id, false);
        break;
      case "rename, rename back":
        this.#touched.clear();
        await change(server, id, { name: "B" });
        await change(server, id, { name: "A" });
        break;
      case "reschedule":
        this.#touched.clear();
        await change(server, id, { schedule: "0 6 * * *" });
    }
  }

  async isEnabled(): Promise<boolean> {
    const { body } = await call(this.server, "GET", `/v1/deployments/dep_local/automations/${this.id}`);
    return body.enabled === true;
  }
}

/** Plays a case; returns everything that is wrong at the end. */
export async function liveThroughEdits({ by, acts, landsAfterS, touchedAfterS, spelling }: EditedCase) {
  const world = await EditedWorld.open(spelling);
  try {
    await world.pause(by === "undo" ? [] : ["--incident", "INC-1"], landsAfterS);
    const [{ id }] = JSON.parse((await world.must(["history", "--json"])).stdout);
    if (by === "import") await world.moveElsewhere();
    // The undo of a pause doesn't know the instructions, so it doesn't mistake the end of a run for an edit.
    const done = acts.filter((act) => by !== "undo" || act !== "run ends");
    for (const act of done) await world.act(act, touchedAfterS);
    await world.pass(30 * second);
    const isOurs = !done.some((act) => (theirs as readonly string[]).includes(act));
    const words = by === "undo" ? ["undo", id] : ["automations", "resume", "--incident", "INC-1"];
    const { stdout, stderr } = await world.run([...words, "--yes", "--json"]);
    const isEnabled = await world.isEnabled();
    if (isEnabled === isOurs) return [];
    return [isEnabled ? "woken" : `called edited: ${stdout}${stderr}`];
  } finally {
    await world.server.close();
  }
}
