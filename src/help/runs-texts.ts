import { type CommandHelp, followCodes, requestCodes } from "../command/help.js";

const noRun = "no such deployment, automation or run";

/** The help of `herm runs` and `herm events`. */
export const runsTexts: Readonly<Record<string, CommandHelp>> = {
  "runs list": {
    about: "List recent runs, newest first: of an automation, a deployment, or many.",
    use: "To learn what ran and how it ended, such as why last night failed; then look at one with runs show. --failed, --running and --waiting together list what any of them fits. The API gives only an automation's last runs: where --since asks for more, a line says how far back they go.",
    inPipe:
      "name, status, trigger, started, completed, error, run id (with several deployments the deployment's id first)",
    exitCodes: requestCodes({
      8: "some deployments could not be read",
      9: "--exit-code, and something is listed",
    }),
    examples: [
      'herm runs list "Weekly video variations"',
      "herm runs list --failed --since 12h --all-deployments",
      "herm runs list --waiting --exit-code",
    ],
  },
  "runs watch": {
    about: "Follow a run that is under way, from what it said until now; or show how one ended.",
    use: "To come back to a run that was triggered, here or elsewhere. A question can be answered right there. Ctrl-C stops following, and leaves the run going.",
    inPipe: "the run as plain lines; with --output jsonl each event as it comes",
    exitCodes: requestCodes({ 4: noRun, ...followCodes, 12: "how the run ended is unknown" }),
    examples: [
      "herm runs watch run_8Qk2",
      'herm runs watch "Weekly video variations" --output jsonl --follow-timeout 10m',
    ],
  },
  "runs answer": {
    about: "Answer a run that waits for a human; without a run, one waiting run after the other.",
    use: "When a run asks before it acts. It shows the question first; y and n are short for yes and no. --steer sends a text also to a run that is running.",
    inPipe: "run id, thread id and status; followed: the run as plain lines",
    exitCodes: requestCodes({
      4: noRun,
      6: "the run doesn't wait, or a name fits several; nothing was sent",
      ...followCodes,
      12: "whether the answer arrived, or how the run ended, is unknown",
    }),
    examples: [
      "herm runs answer",
      "herm runs answer run_8Qk2 yes",
      'herm runs answer run_8Qk2 "go on, with ten of them" --steer',
    ],
  },
};
