import type { HelpRow } from "../layout.js";
import type { TopicText } from "../topic.js";

/** What `error.code` is in JSON; where the API itself gives a code, it is that. */
export const errorCodeRows: readonly HelpRow[] = [
  ["usage", "wrong usage, or input that was refused before anything was sent"],
  ["no_key", "no key where one is needed"],
  ["not_found", "a name, run, incident or filter that matches nothing"],
  ["conflict", "not possible as things are"],
  ["partial_failure", "several items, and some failed; the rows on stdout say which"],
  ["outcome_unknown", "a change went out, and it isn't known whether it took effect"],
  ["change_ignored", "the API said that it was done, and it isn't"],
  ["run_failed", "the followed run ended in error"],
  ["run_waits", "the followed run waits for an answer"],
  ["declined", "you answered no"],
  ["interrupted", "ended by Ctrl-C or another signal"],
  ["timeout", "no answer in time"],
  ["unreachable", "no connection"],
  ["redirect_refused", "the API redirected the request elsewhere"],
  ["unexpected_answer", "an answer that isn't the API's"],
  ["file", "a file can't be read or written"],
  ["unexpected", "anything else"],
];

/** What each command prints as JSON, where it isn't the API's own object. */
const jsonRows: readonly HelpRow[] = [
  ["create, get, update, pause and resume of one ref", "the automation"],
  ["delete of one ref", '{"deployment_id", "automation_id", "deleted":true}'],
  [
    "several refs, selections",
    '[{"deployment_id", "automation_id", "name", "result", "reason"?, "error"?, "changes"?, "run_id"?}]; `result` is `paused`, `resumed`, `deleted`, `updated`, `copied`, `started`, `unchanged`, `skipped`, `not started`, `failed`, `unexpected` (paused, and run by its schedule all the same; with "run_id"), `unknown` or `planned`; `changes` as in diff, for update and copy; `run_id` of what trigger started',
  ],
  ["create --dry-run", '{"deployment_id"}, the body that would be sent, and "result":"planned"'],
  [
    "trigger of one ref",
    '{"automation_id", "deployment_id", "run_id"}; followed, and for runs watch: + "status", "text", "tool_calls", "steering_requests", "error"?',
  ],
  [
    "events, and what follows a run, as jsonl",
    'each event as it comes: {"event", "id", "data"}, of several deployments + "deployment_id", "deployment_name"; `data` is the object if it is a JSON object, else the string as received',
  ],
  [
    "runs list, runs show",
    '{"run_id", "deployment_id", "automation_id", "name", "thread_id", "status", "trigger", "started_at", "completed_at", "error"?}; show: + "messages", "tool_calls" (null: the API can\'t give them); list with --search: + "matches": [{"field", "line"}], "unread"? (why its thread can\'t be read); `field` is `error`, `output` or `question`',
  ],
  [
    "runs answer",
    'the message\'s answer; followed as trigger; of several: [{"deployment_id", "automation_id", "name", "run_id", "result", "reason"?, "error"?}]; `result` is `answered`, `skipped`, `not started`, `failed`, `unknown` or `planned`',
  ],
  [
    "schedule explain",
    '{"input", "kind", "cron", "description", "timezone", "next", "offset_changes_at"?, "next_after_change"?}',
  ],
  ["upcoming", '[{"at", "deployment_id", "automation_id", "name", "estimated"}]'],
  [
    "audit",
    '[{"deployment_id", "automation_id", "name", "expected_at", "result", "run_id"?, "started_at"?, "late_s"?, "reason"?, "incident"?}]; `result` is `on_time`, `late`, `missed`, `overlapping`, `unknown` or `unexpected` (its schedule started a run although it is paused); of `missed` "reason" is `made_up`, `may_still_start` or absent; `expected_at` is null where nothing was due, or nothing could be told; --by automation: [{"deployment_id", "automation_id", "name", "due" (null: its schedule can\'t be read), "on_time", "late", "missed", "made_up", "may_still_start", "overlapping", "unknown", "unexpected", "failed", "p95_ms"}]',
  ],
  [
    "diff, apply, adopt",
    '[{"deployment_id", "action", "name", "automation_id"?, "changes"?, "reason"?, "result"?, "error"?, "values"? (with `--verbose`: [{"name", "value", "from"}])}]; `action` is `create`, `update`, `rename`, `delete`, `adopt`, `unchanged` or `skipped`; `result` is `done`, `unchanged` (already so), `failed` (also beside `skipped`, where nothing can be done in the deployment) or `unknown`; `changes` is {field: {"from", "to"}}',
  ],
  [
    "catch-up",
    'rows as of pause, `result` is `started`, `skipped`, `failed`, `unknown` or `not started`; with "run_id"? (the new run, or the one that it is skipped for) "missed"? (how many, as `audit` counts), "made_up"? and "may_still_start"? (how many of these)',
  ],
  [
    "status",
    '{"checked_at", "deployments", "automations" (counts), "at_least" (counts that may be more), "paused_by", "within_the_hour", "needs_attention": [{"trouble", "deployment_id", "automation_id", "name", "last_run_at", "last_run_status", "run_id"?, "question"?, "error"?, "due_at"?, "unexpected"?, "runs_since"?, "customer_id", "deployment_name"}]}; `trouble` is `waiting`, `unexpected`, `failing` or `late`',
  ],
  [
    "incidents show",
    '{"incident", "reason", "created_at", "until", "scope", "checked_at", "enabled_now", "unexpected" (runs), "new_since", "running", "items"}; of an item "unexpected"? and "runs_since"?, of what ran since it was paused; null: not known; list: the heads',
  ],
  [
    "history",
    '[{"id", "at", "by": {"user", "host"}, "command", "target", "reason", "undoes"?, "record"?, "incident"?, "is_over", "was_killed"?, "items": [{"act", "deployment_id", "automation_id", "name", "before"?, "after"?, "result", "sent_at"?, "updated_at"?, "run_id"?, "message"?, "error"?}]}]; show: one of them; `act` is `create`, `update`, `pause`, `resume`, `delete`, `trigger` or `answer`; `result` is `done`, `failed`, `unknown` or `skipped` (never sent); `is_over` is false while the command runs',
  ],
  ["auth status", '{"profile", "origin", "source", "last4", "state"}'],
];

/** What this topic says. */
export const topicText: TopicText = {
  about: [
    "The result goes to stdout, everything else to stderr: progress, questions, warnings, errors, hints, and the command that undoes a change. So you can pipe a result and still see what happens.",
    {
      commands: [
        ["herm automations list -o json", "for programs: the API's own objects, with nothing dropped"],
        ["herm automations list --paused -o name", "for loops: one id a line"],
        ["herm events -o jsonl", "one object a line, as it happens"],
        ["herm automations list", "for people; in a pipe, rows separated by tabs"],
      ],
    },
  ],
  sections: [
    {
      title: "On a terminal",
      blocks: [
        "Where a table is too wide, columns get shorter before they disappear; an id or a time is never cut. `--columns` chooses columns, `--sort` sorts, and `--watch` redraws in place until `q`, marks what it couldn't update with `~`, and leaves its last look on the screen.",
        "Each state has a mark and a word: `◉ enabled`, `○ paused`, `▲ unexpected` (it ran on schedule although paused), `✗ failing`, `? waiting`, `! late`, `▣ held` by an incident, `✓ completed`, `● running`.",
        "Equal rows of several deployments are one line with their number; `--verbose` shows every row. What failed comes last, above the counts.",
      ],
    },
    {
      title: "In a pipe",
      blocks: [
        "Rows are separated by tabs, in a fixed order: no header, no colour, nothing cut, times as RFC 3339. With several deployments the deployment's id comes first. `--help --verbose` of a command lists its columns. `head` and the like may close the pipe early.",
        "`-o name` prints the run's id for `trigger` and `runs`, the incident's name for `incidents`, and otherwise the automation's or deployment's id; with several deployments `dep_…/auto_…`.",
      ],
    },
    {
      title: "JSON",
      blocks: [
        "One ref gives an object, everything else an array, `[]` if nothing matches. `deployment_id` is always there; with several deployments also `deployment_name` and `customer_id`. Where it isn't the API's own object (? marks what may be missing):",
        { rows: jsonRows },
      ],
    },
    {
      title: "Errors",
      blocks: [
        "An error says what failed and on what; a hint says what to do. With JSON it is one object, the last line on stderr:",
        { lines: '{"error": {"code", "message", "status"?, "request_id"?, "hint"?}}' },
        "`status`, `request_id` and `code` are the API's, if it gave any. Otherwise `code` is one of these:",
        { rows: errorCodeRows },
      ],
    },
    {
      title: "Under GitHub Actions",
      blocks: [
        "An error shows up at its step, a mistake in a manifest at its line, and a plan in the step's summary. Nothing in a text can give the runner a command.",
      ],
    },
  ],
  see: ["exit-codes", "accessibility", "agents", "security"],
};
