import { declareCommand, type InputOf } from "../../command/declaration.js";
import { flag } from "../../command/flags.js";
import type { Context } from "../../context/context.js";
import { exitCodes, QuietExit, UsageError } from "../../errors/cli-errors.js";
import { groupBy } from "../../manifest/group-by.js";
import { type FilePosition, inFileOrder, mistakeText, positionText } from "../../manifest/mistake.js";
import type { ManifestSet } from "../../manifest/read/manifest-set.js";
import { type DesiredState, readOfflineStates } from "../../manifest/state/desired-state.js";
import { isNote, type Warning, warningsOf } from "../../manifest/warnings.js";
import { column, pipedFields } from "../../output/columns.js";
import { counted } from "../../output/count.js";
import { dayMs } from "../../output/duration.js";
import { printList } from "../../output/print-list.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { fold } from "../../output/text/fold.js";
import { formatUtc } from "../../output/time.js";
import { type Peak, peaksOf } from "../../runs/peaks.js";
import { readFileFlags, setFlags } from "../manifest/file-flags.js";
import { readManifestSet, skippedTexts } from "../manifest/planning/read-set.js";
import { reportFlag, runWithReports } from "../manifest/report/flag.js";
import type { SetReport } from "../manifest/report/with-reports.js";
import { annotateWarnings, annotatingMistakes } from "../manifest/view/annotations.js";

const columns = [
  ...(["file", "line", "column"] as const).map((key) =>
    column<Warning>(key, (row) => `${row.position[key]}`),
  ),
  ...(["kind", "text"] as const).map((key) => column<Warning>(key, (row) => row[key])),
];

export const command = declareCommand({
  effect: "reads",
  flags: { ...setFlags, strict: flag("exit with 9 if there are warnings"), report: reportFlag },
  help: {
    about: "Check manifests offline, and warn about likely mistakes.",
    use: "Run it before a commit, and in CI for pull requests; it needs no key.",
    notes:
      "It warns about runs less than five minutes apart, a cron with both a day of the month and a weekday, a tz in which no UTC cron fits after the clocks change, minutes in which more than 20 automations run, identical instructions under two names, and hidden characters and keys in text. It also notes hours that daylight saving skips or repeats. It covers the deployments that the files or --deployment name.",
    inPipe: `${pipedFields(columns)}; empty if there are no warnings`,
    exitCodes: {
      0: "nothing is wrong; there may be warnings",
      2: "a manifest would be refused",
      9: "with --strict, if there are warnings",
    },
    examples: [
      "herm lint --file herm.yaml",
      "herm lint --file automations --strict",
      "herm export | herm lint --file - --json",
    ],
  },
  run: (context, input): Promise<void> =>
    runWithReports(context, { given: input.report, command: "herm lint" }, (setReport) =>
      lintManifests(context, input, setReport),
    ),
});

/** Prints warnings about manifests. Throws ManifestError for mistakes, QuietExit (9) for warnings with `--strict`. */
async function lintManifests(
  context: Context,
  input: InputOf<typeof command>,
  setReport: SetReport,
): Promise<void> {
  const printer = await createPrinter(context);
  if (printer.format.isNamesOnly)
    throw new UsageError("warnings have no ids, so -o name can't print them", { hint: "-o json" });
  const sources = readFileFlags(input);
  const { deployments: flags } = context.settings.flags;
  const { set, warnings } = await annotatingMistakes(context, {
    printer,
    work: async () => {
      const set = await readManifestSet(context, { sources, printer, mayBeMany: true });
      const { named, supposed } = await readOfflineStates(set.manifests, { ...set, flags });
      const now = context.now();
      return {
        set,
        warnings: inFileOrder([
          ...warningsOf([...named, ...supposed], now),
          ...textWarnings([...named, ...supposed]),
          ...peakWarnings(named, now),
        ]),
      };
    },
  });
  const skipped = skippedTexts(set).map((text) => ({ kind: "no-part", text }));
  const all = [...skipped, ...warnings];
  const notes = all.filter(isNote).length;
  const summary = summaryText(set, { warnings: all.length - notes, notes });
  setReport({ title: "herm: lint", counts: summary, rows: [], warnings: all, isStrict: input.strict });
  await printWarnings(printer, { warnings, summary });
  annotateWarnings(context, { printer, warnings });
  if (input.strict && all.length > notes) throw new QuietExit(exitCodes.found);
}

async function printWarnings(
  printer: Printer,
  { warnings, summary }: { warnings: readonly Warning[]; summary: string },
): Promise<void> {
  if (printer.isForPerson) {
    for (const warning of warnings) {
      await printer.line(
        fold(safe(mistakeText({ ...warning, message: warning.text }), "cell"), printer.columns),
      );
    }
    return printer.note(summary);
  }
  await printList<Warning>(printer, {
    items: warnings,
    columns,
    json: ({ kind, text, position }) => ({ ...position, kind, text }),
    name: () => undefined,
    empty: summary,
  });
}

function summaryText(
  { manifests }: ManifestSet,
  { warnings, notes }: Record<"warnings" | "notes", number>,
): string {
  const automations = manifests.reduce((count, { items }) => count + items.length, 0);
  const some = warnings === 0 ? "no warnings" : counted(warnings, "warning");
  const text = notes === 0 ? some : `${some}, ${counted(notes, "note")}`;
  return `${counted(automations, "automation")} in ${counted(manifests.length, "file")}, ${text}`;
}

/** Enough for every day that a schedule can name, since a month contains them all. */
const daysAhead = 31;

type PositionedPeak = Peak<FilePosition>;

/**
 * `30 automations run at Mon 09:00 UTC`: finds the busiest minutes in the coming month, each reported at the first line
 * that contributes to it. Peaks at the same line share a warning.
 */
function peakWarnings(states: readonly DesiredState[], now: Date): Warning[] {
  const automations = states.flatMap(({ desired }) =>
    desired.items.flatMap(({ schedule, position, enabled }) =>
      schedule.ok && position !== undefined && enabled !== false
        ? [{ schedule: schedule.cron, position }]
        : [],
    ),
  );
  const window = { sinceMs: now.getTime(), untilMs: now.getTime() + daysAhead * dayMs };
  const groups = groupBy(peaksOf(automations, { window }), ({ position }) => positionText(position));
  return [...groups.values()].flatMap((group): Warning[] => {
    const [first] = group;
    return first === undefined ? [] : [{ kind: "peak", text: textOf(group), position: first.position }];
  });
}

/** Shows the busiest minute and counts the others; a minute that recurs daily or weekly counts once. */
function textOf(peaks: readonly PositionedPeak[]): string {
  const clockOf = ({ name, runs }: PositionedPeak) => `${name.slice(4)} ${runs}`;
  const byClock = groupBy(peaks, clockOf);
  const isDaily = (peak: PositionedPeak) => (byClock.get(clockOf(peak))?.length ?? 0) >= daysAhead;
  const groups = groupBy(peaks, (peak) => (isDaily(peak) ? clockOf(peak) : `${peak.name} ${peak.runs}`));
  const [first = [], ...others] = groups.values();
  const start = others.length === 1 ? "starts" : "start";
  const more = `; ${counted(others.length, "other minute")} ${start} more than 20 runs`;
  return `${peakText(first)}${others.length === 0 ? "" : more}`;
}

function peakText([peak, ...again]: readonly PositionedPeak[]): string {
  if (peak === undefined) return "";
  const { name, runs, minuteMs } = peak;
  const once = () => formatUtc(new Date(minuteMs)).replace(/ \d{4} /, " ");
  const isDaily = again.length + 1 >= daysAhead;
  const when = isDaily ? `${name.slice(4)} every day` : again.length === 0 ? once() : name;
  return `${counted(runs, "automation")} run at ${when}`;
}

const keyForms: readonly [RegExp, string][] = [
  [/\bsk-(?:ant-|proj-)?[\w-]{20,}/, "an API key (sk-…)"],
  [/\b(?:AKIA|ASIA)[A-Z\d]{16}\b/, "an AWS access key (AKIA…)"],
  [/\b(?:gh[pousr]_[A-Za-z\d]{30,}|github_pat_\w{30,})/, "a GitHub token (ghp_…)"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
];

/** Warns about characters that are shown escaped, and about likely keys without showing them. */
function textWarnings(states: readonly DesiredState[]): Warning[] {
  const items = states.flatMap(({ desired }) => desired.items);
  const found = items.flatMap(({ name, instructions, position }) =>
    [...findings(name, "cell"), ...findings(instructions, "block")].flatMap((finding): Warning[] =>
      position === undefined ? [] : [{ ...finding, position }],
    ),
  );
  return [...new Map(found.map((warning) => [JSON.stringify(warning), warning])).values()];
}

/** The first finding of each kind in a name (a cell) or in instructions. */
function findings(text: string, kind: "cell" | "block"): Pick<Warning, "kind" | "text">[] {
  const placeOf = (index: number) =>
    kind === "cell" ? "the name" : `line ${text.slice(0, index).split("\n").length} of the instructions`;
  const shown = safe(text, kind);
  const at = shown === text ? -1 : shown.split("").findIndex((character, index) => character !== text[index]);
  const [hidden] = /^(?:\\t|\^.|<U\+[\dA-F]+>|.)/u.exec(shown.slice(at)) ?? [];
  return [
    ...(at < 0 ? [] : [{ kind: "hidden-character" as const, text: `${placeOf(at)} has ${hidden}` }]),
    ...keyForms.flatMap(([pattern, what]) => {
      const index = text.search(pattern);
      return index < 0 ? [] : [{ kind: "key" as const, text: `${placeOf(index)} seems to contain ${what}` }];
    }),
  ];
}
