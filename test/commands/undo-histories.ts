import { join } from "node:path";
import fc from "fast-check";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { listStored } from "../../src/history/folder.js";
import { self } from "../settings/self.js";
import { type HermResult, herm, temporaryFolder } from "../support/harness.js";
import { type ManifestServer, startManifestServer } from "./manifest-server.js";

/** A person's action, with `herm` from here or elsewhere. `at`, `to`: the automation and the value, by number. */
export interface Act {
  what: (typeof acts)[number];
  at: number;
  to: number;
}

const acts = [
  "retime",
  "reword",
  "rename",
  "pause",
  "resume",
  "retime many",
  "create",
  "delete",
  "apply",
  "retime elsewhere",
  "pause elsewhere",
  "delete elsewhere",
  "run elsewhere",
] as const;

export const histories = fc.record({
  acts: fc.array(fc.record({ what: fc.constantFrom(...acts), at: fc.nat(20), to: fc.nat(3) }), {
    minLength: 1,
    maxLength: 9,
  }),
  undone: fc.nat(8),
});

type Fields = Readonly<Record<"name" | "schedule" | "instructions" | "enabled", unknown>>;
/** All automations, by deployment and id. */
type Snapshot = ReadonlyMap<string, Fields>;

interface Made {
  id: string;
  before: Snapshot;
  after: Snapshot;
  /** The number of actions so far. */
  at: number;
}

const fieldNames = ["name", "schedule", "instructions", "enabled"] as const;

/**
 * Plays a history, undoes one of its changes, and then undoes that undo; returns all differences from the truth. Fields
 * that are still as the change left them must be restored, and nothing else may change.
 */
export async function tryUndo({
  acts: wanted,
  undone,
}: {
  acts: readonly Act[];
  undone: number;
}): Promise<string[]> {
  const world = await History.start();
  const snapshots: Snapshot[] = [await world.look()];
  const made: Made[] = [];
  const elsewhere: { at: number; key: string }[] = [];
  for (const act of wanted) {
    const before = snapshots.at(-1) ?? new Map();
    const { id, key } = await world.do(act);
    const after = await world.look();
    snapshots.push(after);
    if (act.what.endsWith("elsewhere")) elsewhere.push({ at: snapshots.length, key });
    if (id !== undefined) made.push({ id, before, after, at: snapshots.length });
  }
  const change = made[undone % Math.max(made.length, 1)];
  if (change === undefined) return [];
  const present = snapshots.at(-1) ?? new Map();
  const undo = await world.undo(change.id);
  const found = await world.look();
  const touched = new Set(elsewhere.flatMap(({ at, key }) => (at > change.at ? [key] : [])));
  const mistakes = compare(change, { later: snapshots.slice(change.at), present, found, touched });
  if (undo === undefined) return mistakes;
  await world.undo(undo);
  const again = await world.look();
  return [
    ...mistakes,
    ...(sameButForIds(again, present) ? [] : ["the undo of the undo isn't what was there"]),
  ];
}

function compare(
  { before, after }: Made,
  {
    later,
    present,
    found,
    touched,
  }: { later: readonly Snapshot[]; present: Snapshot; found: Snapshot; touched: ReadonlySet<string> },
): string[] {
  const keys = new Set([...before.keys(), ...after.keys(), ...present.keys()]);
  const isTaken = (key: string, wanted: unknown) =>
    [...present].some(
      ([other, { name }]) => other !== key && placeOf(other) === placeOf(key) && name === wanted,
    );
  return [...keys].flatMap((key) => {
    const [was, left, is, now] = [before, after, present, found].map((snapshot) => snapshot.get(key));
    if (was !== undefined && left !== undefined) {
      const isGone = is === undefined;
      return fieldNames.flatMap((field) => {
        if (isGone) return now === undefined ? [] : [`${key} came back`];
        const mayMove = was[field] !== left[field] && is[field] === left[field];
        const others = fieldNames.filter((each) => was[each] !== left[each]);
        // Other fields of the same change count too; a field that was changed and changed back may be skipped.
        const stands =
          mayMove &&
          // Another automation may already have its earlier name.
          !(others.includes("name") && isTaken(key, was.name)) &&
          // An automation that was changed elsewhere isn't enabled again, whatever the change.
          !(was.enabled === true && left.enabled === false && touched.has(key)) &&
          [...later, present].every((each) =>
            others.every((other) => each.get(key)?.[other] === left[other]),
          );
        if (stands && now?.[field] !== was[field]) return [`${key} ${field} didn't come back`];
        if (!mayMove && now?.[field] !== is[field]) return [`${key} ${field} moved`];
        return [];
      });
    }
    if (was === undefined && left !== undefined) {
      const isAsLeft = [...later, present].every((each) => isSame(each.get(key), left));
      if (now !== undefined && !isSame(now, is)) return [`${key} was changed`];
      if (isAsLeft && !touched.has(key)) return now === undefined ? [] : [`${key} wasn't deleted`];
      return is !== undefined && now === undefined && !isSame(is, left) ? [`${key} was deleted`] : [];
    }
    if (was !== undefined) {
      const isBack = [...found].some(
        ([other, fields]) => placeOf(other) === placeOf(key) && isSame(fields, was),
      );
      return isTaken(key, was.name) || isBack ? [] : [`${key} wasn't made again`];
    }
    return isSame(now, is) ? [] : [`${key} moved`];
  });
}

const placeOf = (key: string) => key.split("/")[0];

function isSame(one: Fields | undefined, other: Fields | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function sameButForIds(one: Snapshot, other: Snapshot): boolean {
  const values = (snapshot: Snapshot) =>
    [...snapshot].map(([key, fields]) => JSON.stringify([placeOf(key), fields])).toSorted();
  return JSON.stringify(values(one)) === JSON.stringify(values(other));
}

class History {
  readonly #dataDir = temporaryFolder();
  readonly #home = temporaryFolder();
  #deployments: string[] = [];

  private constructor(private readonly world: ManifestServer) {}

  static async start(): Promise<History> {
    const history = new History(await startManifestServer());
    const { world } = history;
    history.#deployments = [await world.deploy("Acme"), await world.deploy("Bolt")];
    for (const deployment of history.#deployments)
      for (const name of ["One", "Two", "Three"])
        await world.create({ name, schedule: "0 9 * * *", instructions: `Do ${name}` }, deployment);
    return history;
  }

  async look(): Promise<Snapshot> {
    const all = new Map<string, Fields>();
    for (const deployment of this.#deployments)
      for (const { automation_id, name, schedule, instructions, enabled } of await this.world.state(
        deployment,
      ))
        all.set(`${deployment}/${automation_id}`, { name, schedule, instructions, enabled });
    return all;
  }

  /**
   * The automations, and the id of the change; undefined if the change isn't in this data folder, or changed nothing.
   */
  async do(act: Act): Promise<{ key: string; id: string | undefined }> {
    const all = [...(await this.look()).keys()];
    const key = all[act.at % Math.max(all.length, 1)] ?? "";
    return { key, id: key === "" ? undefined : await this.#doTo(key, act) };
  }

  async #doTo(key: string, { what, to }: Act): Promise<string | undefined> {
    const [deployment = "", id = ""] = key.split("/");
    const path = `/v1/deployments/${deployment}/automations/${id}`;
    const { call } = this.world;
    switch (what) {
      case "retime elsewhere":
        await call("PATCH", path, { schedule: `0 ${to} * * *` });
        return undefined;
      case "pause elsewhere":
        await call("PATCH", path, { enabled: false });
        return undefined;
      case "delete elsewhere":
        await call("DELETE", path);
        return undefined;
      case "run elsewhere":
        await call("POST", `${path}/trigger`);
        return undefined;
      default:
        return this.#recorded(this.#words(what, { deployment, key, to }));
    }
  }

  #words(
    what: Act["what"],
    { deployment, key, to }: { deployment: string; key: string; to: number },
  ): string[] {
    switch (what) {
      case "retime":
        return ["update", key, "--schedule", `0 ${to} * * *`];
      case "reword":
        return ["update", key, "--instructions", `Do it ${to}`];
      case "rename":
        return ["update", key, "--name", `Name ${key.slice(-4)} ${to}`];
      case "pause":
        return ["pause", key];
      case "resume":
        return ["resume", key];
      case "retime many":
        return [
          "update",
          "--all-deployments",
          "--match",
          to % 2 === 0 ? "*" : "T*",
          "--schedule",
          `30 ${to} * * *`,
          "--yes",
        ];
      case "create":
        return [
          "create",
          "-d",
          deployment,
          "--name",
          `New ${to}`,
          "--schedule",
          "0 7 * * *",
          "--instructions",
          "Be new",
        ];
      case "delete":
        return ["delete", key, "--yes"];
      default:
        this.world.write({ "herm.yaml": manifest(to) });
        return ["apply", "-f", join(this.world.cwd, "herm.yaml"), "-d", deployment, "--yes"];
    }
  }

  /** Undoes a change; returns the undo's id. */
  async undo(id: string): Promise<string | undefined> {
    return this.#recorded(["undo", id, "--yes"], []);
  }

  async #recorded(
    words: readonly string[],
    noun: readonly string[] = ["automations"],
  ): Promise<string | undefined> {
    const known = new Set(this.#ids());
    await this.#herm([...noun, ...words]);
    return this.#ids().find((id) => !known.has(id));
  }

  #ids(): string[] {
    return listStored({ files: createPrivateFiles(self), dataDir: this.#dataDir }).map(({ id }) => id);
  }

  async #herm(words: readonly string[]): Promise<HermResult> {
    const { server, cwd } = this.world;
    const env = { HERM_DATA_DIR: this.#dataDir };
    const result = await herm(words, { server, cwd, home: this.#home, env });
    // 2, 6 and 8: refused, because an automation with that name already exists.
    const isOfNone = result.code === 4 && result.stderr.includes('--match "T*" matches no automation');
    if (![0, 2, 6, 8].includes(result.code) && !isOfNone)
      throw new Error(`${words.join(" ")}: ${result.code} ${result.stderr}`);
    return result;
  }
}

function manifest(to: number): string {
  return `automations:
  - { name: One, schedule: "15 ${to} * * *", instructions: "Applied ${to}" }
  - { name: Fresh ${to}, schedule: "0 6 * * *", instructions: "Be fresh" }
`;
}
