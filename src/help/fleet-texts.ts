import { type CommandHelp, requestCodes } from "../command/help.js";

const fileRows = "deployment, action, name, id, fields, reason, result, error";
const declined = "the question was answered with no";
const manifestRefused = "a manifest was refused; nothing was changed";

/** The help of the commands that work on many automations: an incident's, and those of files. */
export const fleetTexts: Readonly<Record<string, CommandHelp>> = {
  "automations apply": {
    about: "Make a deployment's automations what manifests say. Applying twice changes nothing.",
    use: "To provision from files, by hand or in CI. What the files don't name is never touched, and what is found paused stays paused. It shows the plan and asks; deletions need --yes where nobody can be asked.",
    inPipe: fileRows,
    exitCodes: requestCodes({
      0: "done, or nothing to do",
      1: declined,
      2: manifestRefused,
      4: "a selector fits no deployment",
      6: "a freeze, too many deletions, a name that fits several, another herm that applies there for longer than --max-wait, or the only change was overtaken by somebody's",
      8: "some failed, and the hint is the command for those alone; or another machine created the same meanwhile",
      12: "the outcome of some is unknown; the hint is the command for those alone",
    }),
    examples: [
      "herm automations apply --file herm.yaml --dry-run",
      "herm automations apply --file automations --all-deployments --yes",
      "herm automations apply --file defaults.yaml --var team=growth --deployment dep_7xK9s2",
    ],
  },
  "automations diff": {
    about: "Show how deployments differ from manifests. Changes nothing.",
    use: "Before apply, and every night in CI to learn what was changed by hand.",
    inPipe: fileRows,
    exitCodes: requestCodes({
      0: "no difference",
      2: "a manifest was refused",
      4: "a selector fits no deployment",
      8: "some deployments could not be read",
      9: "something differs",
    }),
    examples: [
      "herm automations diff --file herm.yaml",
      "herm automations diff --file automations --all-deployments --output json",
      "herm automations export | herm automations diff --file -",
    ],
  },
  "automations export": {
    about:
      "Write a deployment's automations as a manifest that apply and diff read. Several deployments go into a folder, a file each; long instructions into files of their own.",
    use: "To begin with files, to keep a copy, or to move automations to another deployment.",
    inPipe: "the manifest; with --to the paths of the files, one a line",
    exitCodes: requestCodes({ 8: "some deployments could not be read" }),
    examples: [
      "herm automations export > herm.yaml",
      "herm automations export --all-deployments --to automations",
    ],
  },
  "incidents list": {
    about: "List the incidents that this machine keeps, newest first. Nothing is sent.",
    use: "To find the name of an incident, and which are still open.",
    inPipe: "name, open or closed, how many it has paused by its ledger, when it began, the API, reason",
    examples: ["herm incidents list", "herm incidents list --output json"],
  },
  "incidents show": {
    about:
      "Ask the server whether an incident holds: over its whole scope, what is paused, enabled, new, brought back.",
    use: "After the pause to prove that everything stands still, and until the resume to see that it stays so.",
    inPipe:
      "name, state (paused, paused before, back, left, gone, enabled, failed, unknown), deployment, id, why",
    exitCodes: requestCodes({
      0: "it holds, or it is closed",
      4: "no such incident",
      6: "several are open: name one",
      8: "something is enabled or unreadable",
    }),
    examples: [
      "herm incidents show INC-42",
      "herm incidents show INC-42 --watch",
      "herm incidents show INC-42 --offline --output json",
    ],
  },
  "incidents close": {
    about: "Give up what an incident still has paused: it stays paused, and no resume brings it back.",
    use: "For what shall stay paused for good. It asks; incidents reopen takes it back. An incident whose automations are all back closes by itself. Nothing is sent.",
    exitCodes: { 1: declined, 4: "no such incident", 6: "another herm works on it" },
    examples: ["herm incidents close INC-42", "herm incidents close INC-42 --yes"],
  },
  "incidents reopen": {
    about: "Take back that an incident was closed: it can be resumed again, and pause more.",
    use: "When it was closed too early. What was changed since it paused it is left alone by a resume, as ever. Nothing is sent.",
    exitCodes: { 4: "no such incident", 6: "another herm works on it" },
    examples: ["herm incidents reopen INC-42"],
  },
  "incidents import": {
    about: "Take over an incident: copy its ledger, which somebody sent, into this machine's data folder.",
    use: "When somebody else goes on with the incident. Nothing is sent.",
    exitCodes: {
      2: "it is no ledger",
      4: "no such file",
      6: "the incident is here already, and went another way",
    },
    examples: ["herm incidents import inc-42.jsonl"],
  },
};
