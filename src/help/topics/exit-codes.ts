import { type ExitCode, exitCodes } from "../../errors.js";
import type { HelpRow } from "../layout.js";
import type { TopicText } from "../topic.js";

/** When a command ends with each code. */
const meanings: Readonly<Record<ExitCode, string>> = {
  [exitCodes.ok]:
    "done; also nothing to do, an empty list, a local server that was stopped, a screen left with q",
  [exitCodes.unexpected]: "an unexpected error; you answered no; the API said done and didn't do it",
  [exitCodes.usage]:
    "wrong usage, or something is missing and there is nobody to ask; a schedule, manifest or ledger is refused before anything is sent",
  [exitCodes.auth]: "no key, a wrong key, or a key without the scope (401, 403)",
  [exitCodes.notFound]: "not found: an id (404), or a name, run, incident or filter that matches nothing",
  [exitCodes.refused]: "the API rejected the request (400, 405, 413, 415, 422), or redirected it elsewhere",
  [exitCodes.conflict]:
    "not possible as things are (402, 409): a name that is taken or matches several, a run that doesn't wait, a freeze, a lock, too many deletions, a change by somebody else, a file that can't be written",
  [exitCodes.unreachable]: "the API is unreachable after retries: network, timeout, 429, 5xx",
  [exitCodes.partial]:
    "some of several failed; `incidents show`: the incident doesn't hold; `diff`: nothing could be compared",
  [exitCodes.found]: "`diff` found differences; `--exit-code` found something",
  [exitCodes.runFailed]: "the followed run ended in error",
  [exitCodes.runWaits]:
    "the followed run waits for an answer and there is nobody to ask; the hint shows how to answer",
  [exitCodes.unknown]: "a change was sent and its outcome is unknown; the message says how to check",
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
    "0 is success. 8: run the same command again. 9: there is something to look at. 12: check before you repeat anything.",
    "`--help --verbose` of a command says what its codes mean for it.",
  ],
  sections: [
    { title: "The codes", blocks: [{ rows: exitCodeRows }] },
    {
      title: "In scripts",
      blocks: [
        "`set -e` and `&&` do what you expect. These deserve a branch of their own:",
        {
          list: [
            "8: run the same command again; it does only what is left.",
            "9: no failure. `diff` found differences, or `--exit-code` found something.",
            "12: check first, with the command that the message names. herm itself never sends a create, a trigger or a message twice.",
            "With several items, 12 beats 8, and 8 beats 9.",
          ],
        },
        {
          commands: [
            ["herm automations list --all-deployments --failing --exit-code", "9 if anything is failing"],
            [
              "herm automations audit --all-deployments --exit-code",
              "9 if a scheduled run was missed, or a paused automation ran",
            ],
          ],
        },
        "With `-o json` the error is an object on stderr, as `herm help output` shows.",
      ],
    },
    {
      title: "When it is interrupted",
      blocks: [
        "After the first Ctrl-C nothing new is started; what is being sent is finished and recorded. A second one stops at once. A closed terminal and SIGTERM act like the first. A run that you follow goes on.",
        "A pipe that is closed early (`| head`) is no failure: a command that reads ends with 0, one that changes things finishes.",
      ],
    },
  ],
  see: ["output", "reliability"],
};
