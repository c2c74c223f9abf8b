import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { listStored } from "../../src/history/folder.js";
import { self } from "../settings/self.js";
import { type ManifestServer, manifestServer } from "./manifest-server.js";

const here = ["-d", "dep_local"];

/** Changes to undo: the last command of each makes one change, to `A` and `B` or to others. */
export const undoneVerbs = {
  update: [["automations", "update", "A", "B", "--schedule=30 6 * * *", "--instructions=Do less", ...here]],
  create: [["automations", "create", "--name=New", "--schedule=0 7 * * *", "--instructions=Be new", ...here]],
  delete: [["automations", "delete", "A", "B", "--yes", ...here]],
  pause: [["automations", "pause", "A", "B", ...here]],
  resume: [["automations", "resume", "P", "Q", ...here]],
  apply: [
    ["adopt", "-f", "first.yaml", "--yes", ...here],
    ["apply", "-f", "first.yaml", "--yes", ...here],
    ["apply", "-f", "second.yaml", "--record=herm.lock.yaml", "--prune", "--yes", ...here],
  ],
  undo: [
    ["automations", "delete", "A", "B", "--yes", ...here],
    ["undo", "last", "--yes"],
  ],
} as const;

export type UndoneVerb = keyof typeof undoneVerbs;

const files = {
  "first.yaml": `automations:
  - { name: One, schedule: "0 9 * * *", instructions: "Do one" }
  - { name: Two, schedule: "0 9 * * *", instructions: "Do two" }
`,
  "second.yaml": `automations:
  - { name: Two, schedule: "15 9 * * *", instructions: "Do two, and well" }
  - { name: Three, schedule: "0 9 * * *", instructions: "Do three" }
`,
};

export interface UndoneWorld {
  world: ManifestServer;
  home: string;
  dataDir: string;
  /** The change. */
  id: string;
  /** The state before it. */
  before: Snapshot;
}

/** Runs `work` in a world in which such a change was made. */
export async function afterChange<T>(verb: UndoneVerb, work: (world: UndoneWorld) => Promise<T>): Promise<T> {
  const server = await embedDevServer();
  const home = mkdtempSync(join(tmpdir(), "herm-undone-"));
  try {
    const world = manifestServer(server, { cwd: home, home });
    for (const name of ["A", "B"]) await world.create({ name, instructions: `Do ${name}` });
    for (const name of ["P", "Q"]) await world.create({ name, enabled: false });
    world.write(files);
    let before: Snapshot = new Map();
    for (const words of undoneVerbs[verb]) {
      before = await look(world);
      const { code, stderr } = await world.runHerm(words);
      if (code !== 0) throw new Error(`${words.join(" ")}: ${code} ${stderr}`);
    }
    const dataDir = join(home, ".local", "share", "herm");
    const [change] = listStored({ files: createPrivateFiles(self), dataDir });
    return await work({ world, home, dataDir, id: change?.id ?? "", before });
  } finally {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

export interface Fields {
  name: unknown;
  schedule: unknown;
  instructions: unknown;
  enabled: unknown;
}

/** Every automation by its id. */
export type Snapshot = ReadonlyMap<string, Fields>;

export async function look(world: ManifestServer): Promise<Snapshot> {
  const all = await world.state();
  return new Map(
    all.map(({ automation_id, name, schedule, instructions, enabled }) => [
      automation_id,
      { name, schedule, instructions, enabled },
    ]),
  );
}

/** Everything that exists, without ids. */
export function withoutIds(snapshot: Snapshot): string[] {
  return [...snapshot.values()].map((fields) => JSON.stringify(fields)).toSorted();
}
