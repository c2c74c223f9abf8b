import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listAll } from "../incident/fleet.js";
import { interrupted } from "../incident/interruption.js";
import { fetchFrom, herm, startServer, temporaryFolder } from "../support/harness.js";
import { drawOf } from "../support/seed.js";
import { third } from "../support/third.js";
import {
  allNames,
  automations,
  endingAt,
  manifest,
  namesOf,
  randomFaults,
  randomKill,
  sendFaults,
} from "./kill-trial.js";

const trials = Array.from({ length: 15 }, (_, at) => at + 1);
/** Higher than any pid that a system assigns. */
const killedPid = 2 ** 30;
const words = ["apply", "--file", "-", "-d", "dep_local", "--timeout", "1s", "--json"];

async function startTrial(faults: readonly object[]) {
  const server = await startServer();
  const home = temporaryFolder();
  await sendFaults(server, faults);
  /** Runs it until it ends with 0, at most ten times; returns the last code and the automations at the end. */
  const finish = async () => {
    let code = -1;
    for (let runs = 0; runs < 10 && code !== 0; runs += 1) {
      code = (await herm(words, { server, home, stdin: manifest })).code;
    }
    return { code, names: await namesOf(server) };
  };
  return { server, home, finish };
}

describe("an interrupted apply", () => {
  it("creates each automation once when rerun, wherever it was killed", async () => {
    for (const trial of third(trials)) {
      const draw = drawOf(`apply killed ${trial}`);
      const plan = randomKill(draw);
      const { server, home, finish } = await startTrial(plan.faults);
      const { fetch, sleep, ended } = endingAt(fetchFrom(server), plan);
      const killed = { server, home, stdin: manifest, fetch, sleep, pid: killedPid };
      await Promise.race([ended, herm(words, killed)]);
      expect({ plan, ...(await finish()) }).toEqual({ plan, code: 0, names: allNames });
    }
  });

  it.each(["a kill", "Ctrl-C"])("records exactly its own automations, whenever %s came", async (end) => {
    for (const trial of third(trials)) {
      const draw = drawOf(`a record's apply ended by ${end} ${trial}`);
      const plan = randomKill(draw);
      const { server, home } = await startTrial(plan.faults);
      const path = join(home, "r.lock.yaml");
      const recorded = [...words, "--record", path];
      const begin = ["adopt", ...words.slice(1), "--record", path, "--yes"];
      expect((await herm(begin, { server, home, stdin: manifest })).code).toBe(0);
      if (end === "a kill") {
        const { fetch, sleep, ended } = endingAt(fetchFrom(server), plan);
        const killed = { server, home, stdin: manifest, fetch, sleep, pid: killedPid };
        await Promise.race([ended, herm(recorded, killed)]);
      } else {
        const { atRequest, arrives: isAfter } = plan;
        await interrupted({ server, home, words: recorded, stdin: manifest, atRequest, isAfter });
      }
      let code = -1;
      for (let runs = 0; runs < 10 && code !== 0; runs += 1) {
        code = (await herm(recorded, { server, home, stdin: manifest })).code;
      }
      const lines = readFileSync(path, "utf8").split("made:\n")[1]?.trim().split("\n") ?? [];
      const there = (await listAll(server)).map((each) => `dep_local/${each.automation_id}: "${each.name}"`);
      const made = lines.map((line) => line.trim()).toSorted();
      expect({ plan, code, made }).toEqual({ plan, code: 0, made: there.toSorted() });
    }
  });

  it("reports creates before Ctrl-C correctly, and finishes when rerun", async () => {
    for (const trial of third(trials)) {
      const draw = drawOf(`apply interrupted ${trial}`);
      const atRequest = 1 + draw(automations + 1);
      const plan = { atRequest, isAfter: draw(2) === 0, faults: randomFaults(draw) };
      const { server, home, finish } = await startTrial(plan.faults);
      const { code, stdout } = await interrupted({ server, home, words, stdin: manifest, ...plan });
      const rows: { name: string; result?: string }[] = stdout === "" ? [] : JSON.parse(stdout);
      const told = (result: string) => rows.filter((row) => row.result === result).map(({ name }) => name);
      const names = await namesOf(server);
      const hidden = names.filter((name) => ![...told("done"), ...told("unknown")].includes(name));
      const invented = told("done").filter((name) => !names.includes(name));
      expect({ plan, code, hidden, invented }).toEqual({ plan, code: 130, hidden: [], invented: [] });
      expect({ plan, ...(await finish()) }).toEqual({ plan, code: 0, names: allNames });
    }
  });
});
