/**
 * Prints, as Markdown, what each figure takes as a ratio to a floor measured in the same run. `--pairs <n>` (default 15);
 * `--only <pattern>`: the figures whose name fits.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, release, tmpdir, totalmem, type } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchApply } from "./apply.js";
import { type Figure, listFigures, versionOf } from "./figures.js";
import { comparePairs } from "./pairs.js";
import { benchPause, pausePeakMb } from "./pause.js";
import { peakMbOf } from "./peak.js";
import { benchReading } from "./reading.js";
import { startServer } from "./server.js";

const { values } = parseArgs({ options: { pairs: { type: "string" }, only: { type: "string" } } });
const only = new RegExp(values.only ?? "");
const pairs = Number(values.pairs ?? 15);
const isWanted = (what: string) => only.test(what);

async function rowOf({ what, floor, target, ours, against }: Figure): Promise<string> {
  const figure = await comparePairs(ours, against, pairs);
  const peaks = [await peakMbOf(ours)];
  if (against.file === process.execPath) peaks.push(await peakMbOf(against));
  return formatRow({ what, floor, target, peaks, ...figure });
}

interface Row {
  what: string;
  floor: string;
  target?: string;
  ratio: number;
  medianMs: number;
  floorMs: number;
  peaks: (number | undefined)[];
}

function formatRow({ what, floor, target = "", ratio, medianMs, floorMs, peaks }: Row): string {
  const cells = [
    what,
    floor,
    `${medianMs.toFixed(0)} / ${floorMs.toFixed(0)}`,
    `**${ratio.toFixed(2)}**`,
    target,
    peaks.map((peak) => peak?.toFixed(0) ?? "?").join(" / "),
  ];
  return `| ${cells.join(" | ")} |`;
}

async function printFleetRows(): Promise<void> {
  if (isWanted("pause")) {
    for (const row of await benchPause({ pairs })) {
      console.log(formatRow({ ...row, target: `≤ ${row.limit}`, peaks: [] }));
    }
  }
  if (isWanted("apply")) {
    const { figures, peakMb } = await benchApply({ runs: pairs });
    for (const [at, figure] of figures.entries()) {
      console.log(
        formatRow({ floor: "a loop of the same requests", ...figure, peaks: at === 0 ? [peakMb] : [] }),
      );
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), "herm-bench-"));
const server = await startServer();
// It adds 37 ms to every start of Node, ours and the floor's.
delete process.env.NODE_EXTRA_CA_CERTS;
try {
  const others = ["gh", "curl"].flatMap((tool) => versionOf(tool)?.replace(/^/, `${tool} `) ?? []);
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}`;
  console.log(
    `Node ${process.versions.node}, ${[...others, machine].join(", ")}; medians of ${pairs} pairs.\n`,
  );
  console.log(
    "| `herm …` | against | ms | ratio | target | peak MB |\n| --- | --- | --- | --- | --- | --- |",
  );
  for (const figure of await listFigures({ url: server.url, folder })) {
    if (isWanted(figure.what)) console.log(await rowOf(figure));
  }
  await printFleetRows();
  if (isWanted("pause"))
    console.log(`\nPausing 10,000 automations takes ${(await pausePeakMb())?.toFixed(0)} MB at most.`);
  if (isWanted("reading")) console.log(`\n${benchReading()}`);
} finally {
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
