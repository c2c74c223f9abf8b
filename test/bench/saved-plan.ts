/** What a saved plan of 10,000 items takes: saving it, showing it, and carrying it out. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { addDeployments, environmentOf } from "./apply.js";
import type { Program } from "./pairs.js";
import { runWithPeak } from "./peak.js";

const deployments = 100;
const eachHas = 100;

/** What the most memory of the three must not pass. */
const mostPlanMb = 250;

interface SavedPlanBench {
  items: number;
  /** Of the file. */
  sizeMb: number;
  /** The most memory in MB, by what was done; undefined where the system doesn't tell. */
  peaks: Record<"saved" | "shown" | "carried out", number | undefined>;
}

/** Plans 100 automations, each with a text of its own, for each of 100 deployments. */
export async function benchSavedPlan({
  herm,
  cacheFolder,
}: {
  herm: Program;
  /** What was compiled before is there, as it is for whoever runs it again. */
  cacheFolder: string;
}): Promise<SavedPlanBench> {
  const folder = mkdtempSync(join(tmpdir(), "herm-bench-plan-"));
  const server = await embedDevServer();
  try {
    await addDeployments(server, deployments);
    const { url } = await server.listen();
    const env = environmentOf({ server, url, folder, cacheFolder });
    const [manifest, plan] = [join(folder, "herm.json"), join(folder, "plan.json")];
    writeFileSync(manifest, JSON.stringify({ automations: wanted }));
    const peakOf = async (...words: string[]) => {
      const args = [...herm.args, "automations", ...words, "-o", "name", "-q"];
      const { peakMb, code } = await runWithPeak({ file: herm.file, args, env }, { mayFail: true });
      if (code !== 0 && code !== 9) throw new Error(`${words.join(" ")} ended with ${code}`);
      return peakMb;
    };
    const saved = await peakOf("apply", "--file", manifest, "--customer", "cus_fleet", "--plan-out", plan);
    const shown = await peakOf("apply", "--plan", plan, "--dry-run");
    const carriedOut = await peakOf("apply", "--plan", plan);
    const sizeMb = statSync(plan).size / 1024 / 1024;
    return { items: deployments * eachHas, sizeMb, peaks: { saved, shown, "carried out": carriedOut } };
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `A saved plan of 10,000 items (4.9 MB) takes 179 MB at most (target: 250): 136 saved, 126 shown, 179 carried out.` */
export function savedPlanText({ items, sizeMb, peaks }: SavedPlanBench): string {
  const most = Math.max(...Object.values(peaks).map((peak) => peak ?? 0));
  const each = Object.entries(peaks).map(([done, peak]) => `${peak?.toFixed(0) ?? "?"} ${done}`);
  const size = `${items.toLocaleString("en")} items (${sizeMb.toFixed(1)} MB)`;
  return `A saved plan of ${size} takes ${most.toFixed(0)} MB at most (target: ${mostPlanMb}): ${each.join(", ")}.`;
}

const text = "Look at what happened in ${deployment.name} since the last run. ".repeat(5);
const wanted = Array.from({ length: eachHas }, (_, count) => ({
  name: `Automation ${count}`,
  schedule: `0 9 1 ${1 + (count % 12)} *`,
  instructions: `${text}${count}\n`,
}));
