import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { textOf } from "../faults/odd-answers.js";
import { fetchFrom, type HermOptions, temporaryFolder } from "../support/harness.js";
import { seeded } from "../support/seed.js";
import { thirdOfRuns } from "../support/third.js";
import { type ManifestServer, manifestServer, startAt } from "./manifest-server.js";

interface Flaws {
  seed: number;
  /** The chance that a request for one automation gets a 404. */
  missing: number;
  /** The chance that a list contains a row twice, the second time with other values. */
  doubled: number;
  /** The chance that somebody else deletes something after a request. */
  deleted: number;
}

const flaws: fc.Arbitrary<Flaws> = fc.record({
  seed: fc.nat(),
  missing: fc.constantFrom(0.05, 0.3, 0.8),
  doubled: fc.constantFrom(0, 0.3),
  deleted: fc.constantFrom(0, 0.02),
});

interface Listed {
  automation_id: string;
  enabled: boolean;
}

const names = ["A", "B", "C", "D", "E"];

async function start({ seed, missing, doubled, deleted }: Flaws) {
  const server = await embedDevServer({ now: () => startAt });
  onTestFinished(() => server.close());
  const world = manifestServer(server, { cwd: temporaryFolder(), home: temporaryFolder() });
  for (const name of names) await world.create({ name });
  const random = seeded(seed);
  const wrong: string[] = [];
  let seconds = 0;
  const fetch: FetchLike = async (url, init) => {
    const { pathname } = new URL(url);
    const isOne = /\/auto_\w+$/.test(pathname);
    if (isOne && random() < missing)
      return Response.json({ error: "not_found", message: "no such automation" }, { status: 404 });
    if (random() < deleted) {
      const all = await world.list();
      const path = `/v1/deployments/dep_local/automations/${all[0]?.automation_id}`;
      if (all.length > 3) await world.call("DELETE", path);
    }
    const answer = await fetchFrom(server)(url, init);
    if (init.method !== "GET" || !pathname.endsWith("/automations")) return answer;
    const page: { data: Listed[] } = JSON.parse(await textOf(answer));
    const twice = page.data.filter(() => random() < doubled);
    const data = [...page.data, ...twice.map((row) => ({ ...row, enabled: !row.enabled }))];
    return Response.json({ ...page, data: data.toSorted(() => random() - 0.5) });
  };
  /** Runs a command a minute after the last; automations that it reports as deleted have to be. */
  const run = async (words: string, options: HermOptions = {}) => {
    seconds += 60;
    const now = new Date(startAt + 1_000 * seconds);
    const env = { HERM_DEPLOYMENT: "dep_local" };
    const result = await world.runHerm(words.split(" "), { env, now, ...options });
    const left = await world.list();
    for (const { automation_id: id } of left) {
      const row = result.stdout.split("\n").find((line) => line.includes(id));
      if (/\tdeleted$|deleted since|gone/.test(row ?? "")) wrong.push(`${words}: calls ${id} deleted`);
    }
    return { ...result, left };
  };
  return { world, run, wrong, flawed: { fetch } };
}

it("an incident never closes because of 404s that other responses contradict", async () => {
  const property = fc.asyncProperty(flaws, async (each) => {
    const { run, wrong, flawed } = await start(each);
    const isAny = (left: readonly { enabled?: boolean | null }[], enabled: boolean) =>
      left.some((item) => item.enabled === enabled);
    const pause = "automations pause --all --incident INC-1 --yes";
    const paused = await run(pause, flawed);
    if (paused.code === 0 && isAny(paused.left, true)) wrong.push("pause: 0, and one is enabled");
    await run(pause);
    const shown = await run("incidents show INC-1", flawed);
    if (shown.code === 0 && isAny(shown.left, true)) wrong.push("show: 0, and one is enabled");
    for (const options of [flawed, flawed, {}]) {
      const { code, stderr, left } = await run("automations resume --incident INC-1 --yes", options);
      if (code === 0 && isAny(left, false)) wrong.push("resume: 0, and one is paused");
      if (/is closed/.test(stderr) && isAny(left, false))
        wrong.push("resume: closed over one that is paused");
      if (options !== flawed && code !== 0 && isAny(left, false)) wrong.push(`resume at last: ${code}`);
    }
    expect(wrong).toEqual([]);
  });
  await fc.assert(property, thirdOfRuns(36));
});

const manifest = (...kept: string[]) =>
  kept.length === 0
    ? "automations: []\n"
    : `automations:\n${kept.map((name) => `  - {name: ${name}, schedule: every day at 9am, instructions: x}\n`).join("")}`;

const recordedIn = ({ cwd }: ManifestServer) => readFileSync(join(cwd, "herm.lock.yaml"), "utf8");

it("apply --prune never forgets or recreates automations because of contradicted 404s", async () => {
  const property = fc.asyncProperty(flaws, async (each) => {
    const { world, run, wrong, flawed } = await start({ ...each, deleted: 0 });
    world.write({ "herm.yaml": manifest(...names) });
    expect(await run("adopt -f herm.yaml --different --yes")).toMatchObject({ code: 0 });
    world.write({ "herm.yaml": manifest("A", "B") });
    const prune = "apply -f herm.yaml --prune --yes --max-deletes 9";
    for (const options of [flawed, flawed, {}]) {
      const { code, left } = await run(prune, options);
      const recorded = recordedIn(world);
      for (const { automation_id: id, name } of left)
        if (!recorded.includes(id)) wrong.push(`prune: ${code}, and forgets ${name}`);
      if (code === 0 && left.length !== 2) wrong.push(`prune: 0, and ${left.length} are there`);
    }
    const left = (await world.state()).map(({ name }) => name);
    expect({ wrong, left }).toEqual({ wrong: [], left: ["A", "B"] });
  });
  await fc.assert(property, thirdOfRuns(36));
});
