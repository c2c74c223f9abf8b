import { eightWriters, entriesUnderKills, type KillOutcome, killsDuringSaves } from "../settings/trials.js";
import type { Claim } from "./claim.js";

/** The claims that its own commands can show, because a process of the tests saves with Node. */
export async function processes(): Promise<Claim[]> {
  const [kills, each] = [50, 25];
  return [
    settingsKilled(await killsDuringSaves("settings", kills), kills),
    settingsKept(await eightWriters("settings", each), 8 * each),
  ];
}

/** The claims in src/settings/README.md about the files with settings and keys, in the counts that it states. */
export async function soak(): Promise<Claim[]> {
  const kills = await killsDuringSaves("keys", 500);
  const settingsKills = await killsDuringSaves("settings", 100);
  const keys = await eightWriters("keys", 100);
  const settings = await eightWriters("settings", 100);
  const rounds = 100;
  const entered = await entriesUnderKills(rounds);
  return [
    {
      measure: "unreadable key files, lost saves and stuck locks after kills during a save",
      ours: `${kills.unreadable}, ${kills.lost} and ${kills.locks}`,
      cases: 500,
      ok: kills.unreadable + kills.lost + kills.locks === 0,
    },
    settingsKilled(settingsKills, 100),
    { measure: "of 800 keys from eight writers, saved", ours: String(keys), cases: 800, ok: keys === 800 },
    settingsKept(settings, 800),
    {
      measure: "overlaps between four that waited for a killed holder's lock",
      ours: `${entered.overlaps} in ${entered.entries} entries`,
      cases: rounds,
      ok: entered.overlaps === 0 && entered.entries === rounds * 12,
    },
  ];
}

function settingsKilled({ unreadable, lost, locks }: KillOutcome, cases: number): Claim {
  return {
    measure: "unreadable settings files, lost saves and stuck locks after kills during a save",
    ours: `${unreadable}, ${lost} and ${locks}`,
    cases,
    ok: unreadable + lost + locks === 0,
  };
}

function settingsKept(kept: number, cases: number): Claim {
  return {
    measure: `of ${cases} settings from eight writers, saved`,
    ours: String(kept),
    cases,
    ok: kept === cases,
  };
}
