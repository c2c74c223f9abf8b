/**
 * Prints each figure as Markdown, as a ratio to a floor measured in the same run. `--pairs <n>` (default 15); `--only
 * <pattern>`: only figures whose name matches; `--of node` or `--of executable`: only the rows for that one; `--write`:
 * also writes the measured figures into test/bench/README.md.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, release, tmpdir, totalmem, type } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeParts } from "../support/written-part.js";
import { benchApply } from "./apply.js";
import { findExecutable, listExecutableFigures } from "./executable.js";
import { type Figure, listFigures, onNode, prepare, versionOf } from "./figures.js";
import { fleetFigures } from "./fleet-reads.js";
import { startFleetServer } from "./fleet-server.js";
import { benchKeys, slowestText } from "./keys.js";
import { comparePairs, type Program } from "./pairs.js";
import { benchPause, pausePeakMb } from "./pause.js";
import { peakMbOf } from "./peak.js";
import { benchReading } from "./reading.js";
import { benchRepository } from "./repository.js";
import { startServer } from "./server.js";
import { benchWatching, writtenText } from "./watching.js";

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const { values } = parseArgs({ options: { pairs: text, only: text, of: text, write: flag } });
if (values.write && values.only !== undefined)
  throw new Error("--write writes every figure: leave out --only");
const only = new RegExp(values.only ?? "");
const pairs = Number(values.pairs ?? 15);
/** Each takes 13 s. */
const watchingRuns = Math.max(1, Math.ceil(pairs / 5));
const isWanted = (what: string) => only.test(what);
const isOn = (runtime: "node" | "executable") => (values.of ?? runtime) === runtime;

async function rowOf({ what, floor, target, ours, against, isLong }: Figure): Promise<string> {
  const figure = await comparePairs(ours, against, isLong ? Math.ceil(pairs / 5) : pairs);
  const peaks = ours.isOnTerminal ? [] : [await peakMbOf(ours), await peakMbOf(against)];
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

/** The printed text, by the part of the README to which it belongs. */
const parts: Record<string, string> = {};

function print(part: string, text: string): void {
  console.log(text);
  parts[part] = `${parts[part] ?? ""}${text}\n`;
}

/** The figures for one command, as rows below their own header. */
async function printTable(part: string, { name, herm, figures, limits }: Table): Promise<void> {
  print(part, `\n| ${name}, \`herm …\` | against | ms | ratio | target | peak MB |`);
  print(part, "| --- | --- | --- | --- | --- | --- |");
  for (const figure of figures) if (isWanted(figure.what)) print(part, await rowOf(figure));
  if (isWanted("pause")) {
    for (const row of await benchPause({ herm, cacheFolder, limit: limits.pause, pairs })) {
      print(part, formatRow({ ...row, target: `≤ ${row.limit}`, peaks: [] }));
    }
  }
  if (isWanted("apply")) {
    const { figures: applied, peakMb } = await benchApply({ herm, cacheFolder, runs: pairs });
    const common = { floor: "a loop of the same requests", target: `≤ ${limits.apply}` };
    for (const [at, figure] of applied.entries()) {
      print(part, formatRow({ ...common, ...figure, peaks: at === 0 ? [peakMb] : [] }));
    }
  }
  if (isWanted("repository")) {
    const figure = await benchRepository({ herm, cacheFolder, runs: Math.ceil(pairs / 3) });
    const common = { floor: "a loop of the same requests", target: `≤ ${limits.repository}` };
    print(part, formatRow({ ...common, ...figure, peaks: [] }));
  }
  const pressing = isWanted("keys of top")
    ? await benchKeys({ herm, home: folder, runs: watchingRuns, limit: limits.keys })
    : undefined;
  if (pressing !== undefined) print(part, formatRow({ ...pressing, peaks: [] }));
  const watching = isWanted("top")
    ? await benchWatching({ herm, home: folder, runs: watchingRuns })
    : undefined;
  if (watching !== undefined) {
    print(part, formatRow({ ...watching, peaks: [] }));
    print(part, `\n${writtenText(watching)}`);
  }
  if (pressing !== undefined) print(part, `\n${slowestText(pressing)}`);
  if (isWanted("pause")) {
    print(
      part,
      `\nPausing 10,000 automations takes ${(await pausePeakMb({ herm, cacheFolder }))?.toFixed(0)} MB at most.`,
    );
  }
}

interface Table {
  name: string;
  herm: Program;
  figures: readonly Figure[];
  /** The ratios that these must not exceed. */
  limits: Record<"pause" | "apply" | "repository" | "keys", number>;
}

const folder = mkdtempSync(join(tmpdir(), "herm-bench-"));
const cacheFolder = join(folder, ".cache");
const server = await startServer();
const fleetServer = await startFleetServer();
// It adds 37 ms to every start of Node, both ours and the floor's.
delete process.env.NODE_EXTRA_CA_CERTS;
try {
  const others = ["gh", "curl"].flatMap((tool) => versionOf(tool)?.replace(/^/, `${tool} `) ?? []);
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}`;
  const measuredOn = `Node ${process.versions.node}, ${[...others, machine].join(", ")}; medians of ${pairs} pairs.`;
  const bench = prepare({ url: server.url, folder });
  const executable = findExecutable();
  if (isOn("node")) {
    print("node", measuredOn);
    const figures = [...(await listFigures(bench)), ...fleetFigures(bench, onNode, fleetServer.url)];
    await printTable("node", {
      name: "On Node",
      herm: onNode,
      figures,
      limits: { pause: 1.6, apply: 2.4, repository: 2.5, keys: 4.5 },
    });
    if (isWanted("reading")) print("node", `\n${benchReading()}`);
  }
  if (executable === undefined) console.log("\nFor the executable's rows, run `npm run build:binary` first.");
  else if (isOn("executable")) {
    const figures = [
      ...listExecutableFigures(bench, executable),
      ...fleetFigures(bench, executable, fleetServer.url),
    ];
    print("executable", measuredOn);
    await printTable("executable", {
      name: "The executable",
      herm: executable,
      figures,
      limits: { pause: 1.25, apply: 1.9, repository: 2, keys: 2 },
    });
  }
  if (values.write) writeParts("test/bench/README.md", parts);
} finally {
  server.close();
  fleetServer.close();
  rmSync(folder, { recursive: true, force: true });
}
