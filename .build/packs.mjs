import { basename } from "node:path";

/**
 * The code that every call runs, the code for lists, and the code that often runs beside them. Each group is one file
 * with everything that it imports at once, except what is in an earlier file. A list in a pipe reads only the first
 * two.
 */
const groups = {
  base: [
    "main",
    "invocation/system-context",
    "command/parse",
    ...["print-help", "render-command", "topics"].map((name) => `help/${name}`),
  ],
  core: [
    "settings/load",
    ...["table", "json", "jsonl", "name"].map((name) => `output/formats/${name}`),
    "api/client",
    "api/transport/http",
    "api/retry/retry",
    "fleet/guard",
    "fleet/lists",
    ...["automations/list/list", "automations/shared/overdue", "runs/list/list", "deployments/list"].map(
      (name) => `commands/${name}`,
    ),
  ],
  more: [
    "invocation/report-error",
    "api/events/stream",
    ...[
      "automations/shared/read-badges",
      "automations/pause/pause-incident",
      "automations/resume/resume-incident",
    ].map((name) => `commands/${name}`),
    ...["send-many", "plan-view"].map((name) => `operations/${name}`),
    "operations/rows/wait-notes",
    "incident/linked-ledgers",
    ...["get", "pause", "resume"].map((name) => `commands/automations/${name}/${name}`),
    ...["automations/trigger", "runs/show/show", "runs/watch"].map((name) => `commands/${name}`),
    ...["schedule/explain", "status/status"].map((name) => `commands/${name}`),
  ],
};

/**
 * Large and rarely needed code keeps its own files: the local server, and the libraries that write or ask. Their
 * compiled code isn't cached.
 */
const seldom =
  /^src\/dev-server\/|node_modules\/(?!(yaml|commander|get-east-asian-width|cronstrue|eventsource|eventsource-parser)\/)/;

/** The file for each piece: a group's, `rest`, or its own (`own`). Keyed by esbuild's outputs, without maps. */
export function filesOfPieces(outputs) {
  const fixed = (path) =>
    outputs[path].imports
      .filter(({ kind, external }) => kind === "import-statement" && !external)
      .map((each) => each.path);
  const files = new Map();
  for (const [group, names] of Object.entries(groups)) {
    const queue = names.map((name) =>
      Object.keys(outputs).find((path) => outputs[path].entryPoint === `src/${name}.ts`),
    );
    for (const path of queue) {
      if (files.has(path)) continue;
      files.set(path, group);
      queue.push(...fixed(path));
    }
  }
  const isSmall = (path) => outputs[path].bytes < 1_000 && fixed(path).every((each) => files.has(each));
  const isSeldom = (path) => Object.keys(outputs[path].inputs).some((source) => seldom.test(source));
  const others = Object.keys(outputs).filter((path) => !files.has(path));
  const small = new Set(others.filter(isSmall));
  for (const path of others) files.set(path, small.has(path) ? "more" : isSeldom(path) ? "own" : "rest");
  return Object.fromEntries([...files].map(([path, file]) => [basename(path), file]));
}
