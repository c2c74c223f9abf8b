import { eightWriters, entriesUnderKills, killsDuringSaves } from "../settings/trials.js";
import type { Claim } from "./claim.js";

/** The claims of src/settings/README.md about the settings' and the keys' files, in the counts that it names. */
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
    {
      measure: "unreadable settings files, lost saves and stuck locks after kills during a save",
      ours: `${settingsKills.unreadable}, ${settingsKills.lost} and ${settingsKills.locks}`,
      cases: 100,
      ok: settingsKills.unreadable + settingsKills.lost + settingsKills.locks === 0,
    },
    { measure: "keys kept of eight writers' 800", ours: String(keys), cases: 800, ok: keys === 800 },
    {
      measure: "settings kept of eight writers' 800",
      ours: String(settings),
      cases: 800,
      ok: settings === 800,
    },
    {
      measure: "overlaps of four that waited for a killed holder's lock",
      ours: `${entered.overlaps} in ${entered.entries} entries`,
      cases: rounds,
      ok: entered.overlaps === 0 && entered.entries === rounds * 12,
    },
  ];
}
