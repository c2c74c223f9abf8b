/** One step in the story, and the reason for it. `lines`: its output in 80 columns. */
export type Step = { why: string } & (
  | { words: readonly string[]; lines: number; code?: number; isFilmed?: true }
  | { words: readonly string[]; into: string; code?: number; isFilmed?: never }
  | { edit: string; from: string; to: string }
);

/** How long a person takes to read this many lines. */
export const readingMs = (lines: number): number => Math.max(2500, lines * 250);

const isFilmed = true;
const incident = ["--incident", "INC-42"];
const pause = ["automations", "pause", "--all-deployments", ...incident, "--reason", "bad model"];
const show = ["incidents", "show", "INC-42"];
const mossford = ["--deployment", "Mossford Tools"];

/**
 * An incident on the example fleet, and events on other days. The demo tells it; the film in the README shows parts.
 */
export const story: readonly Step[] = [
  { why: "Twelve customers, sixty automations. What is going on?", words: ["status"], lines: 19, isFilmed },
  {
    why: "A model turned bad. What would stop if everything did?",
    words: [...pause, "--dry-run"],
    lines: 13,
    isFilmed,
  },
  { why: "Stop it, under the incident's name.", words: [...pause, "--yes"], lines: 19, isFilmed },
  {
    why: "A colleague hasn't heard of it, and switches one on.",
    words: ["automations", "resume", "Aldermoor Foods/Inbox triage", "--yes"],
    lines: 5,
    isFilmed,
  },
  {
    why: "Is all of it still paused? No: exit code 8, and what isn't.",
    words: show,
    lines: 10,
    code: 8,
    isFilmed,
  },
  { why: "The same pause again does the rest.", words: [...pause, "--yes"], lines: 13 },
  {
    why: "Now the worst: a scheduler that runs what is paused.",
    words: ["dev", "fault", "run-paused", "Larkmead Bank EU/Spam sweep", "--example"],
    lines: 1,
  },
  { why: "A run of what is paused. The incident shows it too.", words: show, lines: 12, code: 8 },
  {
    why: "The model is good again. Bring back exactly what ran before.",
    words: ["automations", "resume", ...incident, "--yes"],
    lines: 13,
    isFilmed,
  },
  {
    why: "Another day, somebody moves every weekly report.",
    words: [
      ...["automations", "update", "--all-deployments", "--match", "Weekly*"],
      ...["--schedule", "every Sunday at 9am", "--yes"],
    ],
    lines: 8,
  },
  { why: "The customers want Mondays. Undo it.", words: ["undo", "last", "--yes"], lines: 9 },
  {
    why: "Automations as files: export a customer's,",
    words: ["export", ...mossford],
    into: "mossford.yaml",
  },
  {
    why: 'change "every Monday at 9am" to "every Tuesday at 9am" in it,',
    edit: "mossford.yaml",
    from: "every Monday at 9am",
    to: "every Tuesday at 9am",
  },
  {
    why: "and see what applying it would change; exit code 9 means a difference.",
    words: ["diff", "--file", "mossford.yaml", ...mossford],
    lines: 6,
    code: 9,
  },
];
