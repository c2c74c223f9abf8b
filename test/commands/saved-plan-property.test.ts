import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ManifestServer, startManifestServer } from "./manifest-server.js";

const fields = (name: string) => ({ name, schedule: "0 9 * * 1", instructions: `Do ${name}.` });

const tasks = ["update", "rename", "delete", "create"] as const;
type Task = (typeof tasks)[number];

/** What somebody does between plan and apply: to the automation itself, or beside it. */
const touches = [
  "none",
  "schedule",
  "instructions",
  "enabled",
  "thread",
  "gone",
  "as planned",
  "taken",
] as const;
type Touch = (typeof touches)[number];

/** What has to come of a task after a touch, by the rules of src/manifest/README.md. */
function expected(task: Task, touch: Touch): "done" | "failed" | "unchanged" | "skipped" {
  if (task === "create") return touch === "taken" ? "failed" : touch === "as planned" ? "unchanged" : "done";
  if (touch === "enabled" && task === "delete") return "skipped";
  if (touch === "gone") return task === "delete" ? "unchanged" : "failed";
  if (touch === "as planned") return "unchanged";
  if (touch === "taken") return task === "rename" ? "failed" : "done";
  return touch === "none" ? "done" : "failed";
}

function wantedOf(task: Task, name: string): object[] {
  if (task === "delete") return [];
  if (task === "update") return [{ ...fields(name), instructions: "New." }];
  if (task === "rename") return [{ ...fields(`${name} new`), instructions: `Do ${name}.`, formerly: name }];
  return [fields(name)];
}

interface Made {
  server: ManifestServer;
  task: Task;
  name: string;
  /** Absent of what is to be created. */
  id: string | undefined;
}

async function touchIt({ server, task, name, id }: Made, touch: Touch): Promise<void> {
  const path = `/v1/deployments/dep_local/automations/${id}`;
  const patch = (changes: object) => (id === undefined ? undefined : server.call("PATCH", path, changes));
  const gone = () => (id === undefined ? undefined : server.call("DELETE", path));
  const asPlanned = {
    update: () => patch({ instructions: "New." }),
    rename: () => patch({ name: `${name} new` }),
    delete: gone,
    create: () => server.create(fields(name)),
  };
  const taken = task === "rename" ? `${name} new` : name;
  await {
    none: () => undefined,
    schedule: () => patch({ schedule: "5 5 * * *" }),
    instructions: () => patch({ instructions: "Somebody's." }),
    enabled: () => patch({ enabled: false }),
    thread: async () => patch(await server.call("GET", "/v1/deployments/dep_local").then(threadOf)),
    gone,
    "as planned": asPlanned[task],
    taken: () => server.create({ ...fields(taken), instructions: "Somebody's." }),
  }[touch]();
}

/** The deployment's own. */
function threadOf(deployment: unknown): object {
  const { thread_id } = deployment as { thread_id: string };
  return { thread_id };
}

const pairs = fc.array(fc.tuple(fc.constantFrom(...tasks), fc.constantFrom(...touches)), {
  minLength: 2,
  maxLength: 7,
});

describe("a saved plan, changed underneath", () => {
  it("does the untouched ones and no other, whatever is done to which", async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async (each) => {
        const server = await startManifestServer();
        const made: Made[] = [];
        for (const [at, [task]] of each.entries()) {
          const name = `N${at}`;
          const id = task === "create" ? undefined : (await server.create(fields(name))).automation_id;
          made.push({ server, task, name, id });
        }
        const manifest = {
          automations: made.flatMap(({ task, name }) => wantedOf(task, name)),
          removed: made.flatMap(({ task, name }) => (task === "delete" ? [name] : [])),
        };
        server.write({ "herm.json": JSON.stringify(manifest) });
        const saving = ["apply", "-f", "herm.json", "-d", "dep_local", "--plan-out", "plan.json"];
        expect((await server.run(saving)).code).toBe(9);
        for (const [at, [, touch]] of each.entries()) {
          const one = made[at];
          if (one !== undefined) await touchIt(one, touch);
        }
        const words = ["apply", "--plan", "plan.json", "--yes", "--max-deletes", "9", "--json"];
        const { stdout } = await server.run(words);
        const rows: { name: string; action: string; result?: string; error?: string }[] = JSON.parse(stdout);
        const came = new Map(rows.map(({ name, result, action }) => [name.split(" ")[0], result ?? action]));
        expect(each.map((_, at) => came.get(`N${at}`))).toEqual(each.map((pair) => expected(...pair)));
        for (const { error } of rows)
          if (error !== undefined) expect(error).toMatch(/^changed since the plan: /);
        // The same again does no more.
        await server.writes();
        await server.run(words);
        expect(await server.writes()).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });
});
