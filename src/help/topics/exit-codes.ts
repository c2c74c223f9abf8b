import { type ExitCode, exitCodes } from "../../errors.js";
import type { HelpRow } from "../layout.js";
import type { TopicText } from "../topic.js";

/** When a command ends with each code. */
const meanings: Readonly<Record<ExitCode, string>> = {
  [exitCodes.ok]: "done; also nothing to do, an empty list, a local server that was stopped",
  [exitCodes.unexpected]:
    "something unexpected; a question answered with no; an API that says done and didn't do it",
  [exitCodes.usage]:
    "wrong usage, or nobody to ask for what is missing; a schedule, manifest or ledger refused before anything was sent",
  [exitCodes.auth]: "no key, a wrong key, or a key without the scope (401, 403)",
  [exitCodes.notFound]: "not found: an id (404), or a name, run, incident or filter that matches nothing",
  [exitCodes.refused]: "the API rejected the request (400, 405, 413, 415, 422), or redirected it elsewhere",
  [exitCodes.conflict]:
    "not possible as things are (402, 409): a name that is taken or matches several, a run that doesn't wait, a freeze, a lock, too many deletions, something that somebody else changed meanwhile, a file that can't be written where you named it",
  [exitCodes.unreachable]: "not reachable after the retries: network, timeout, 429, 5xx",
  [exitCodes.partial]:
    "several items, and some failed; `incidents show`: the incident doesn't hold; `diff`: it could compare nothing",
  [exitCodes.found]: "`diff` found differences; `--exit-code` found something",
  [exitCodes.runFailed]: "the followed run ended in error",
  [exitCodes.runWaits]:
    "the followed run waits for a human and there is nobody to ask; the hint is the command that answers",
  [exitCodes.unknown]: "a change went out and its outcome is unknown; the message says how to check",
  [exitCodes.hungUp]: "the terminal went away (SIGHUP)",
  [exitCodes.interrupted]: "interrupted with Ctrl-C",
  [exitCodes.quit]: "interrupted with Ctrl-\\ (SIGQUIT)",
  [exitCodes.terminated]: "stopped by SIGTERM",
};

/** Every exit code and what it means. */
export const exitCodeRows: readonly HelpRow[] = Object.entries(meanings).map(([code, meaning]) => [
  code.padStart(3),
  meaning,
]);

export const topicText: TopicText = {
  about: [
    "Every command ends with one of these. `--help --verbose` on a command lists those that it can end with, in its own words.",
  ],
  sections: [
    { title: "The codes", blocks: [{ rows: exitCodeRows }] },
    {
      title: "In scripts",
      blocks: [
        "0 is success, so `set -e` and `&&` do what you expect. These are worth a branch of their own:",
        {
          list: [
            "8: run the same command again; it does only what is left.",
            "9: not a failure. `diff` and `--exit-code` use it to say that there is something to look at.",
            "12: check first, with the command that the message names. A create, a trigger and a message are never sent a second time by herm itself.",
            "Of several items, 12 beats 8, and 8 beats 9.",
          ],
        },
        {
          commands: [
            ["herm automations list --all-deployments --failing --exit-code", "9 if anything is failing"],
            [
              "herm automations audit --all-deployments --exit-code",
              "9 if a scheduled run was missed, or ran although it is paused",
            ],
          ],
        },
        "With `-o json` the error is an object on stderr, as `herm help output` shows.",
      ],
    },
    {
      title: "When it is interrupted",
      blocks: [
        "At the first Ctrl-C nothing new is started, and what is in flight is finished and recorded. A second one stops at once. A closed terminal and SIGTERM do the same as the first. A run that you follow goes on.",
        "A pipe that is closed early (`| head`) is no failure: a command that only reads ends with 0, one that changes things goes on to its end.",
      ],
    },
  ],
  see: ["output", "reliability"],
};
