import { type CommandHelp, followCodes, requestCodes } from "../command/help.js";

const unknown = "the outcome is unknown; the message says how to check";

/** The help of `herm automations` but for what works on files and fleets. */
export const automationsTexts: Readonly<Record<string, CommandHelp>> = {
  "automations create": {
    about: "Create an automation: a name, a schedule, and what the agent is to do.",
    use: "On a terminal it asks for what is missing, and prints the command that would have done the same. Elsewhere name, schedule and instructions have to be given.",
    inPipe: "name, schedule, status, next run, id",
    exitCodes: requestCodes({
      4: "no such deployment",
      6: "the name is there already or a deployment's name fits several, nothing may be created now, or another herm creates or applies there for longer than --max-wait",
      8: "it was created, and another machine created one of the same name meanwhile",
      12: unknown,
    }),
    examples: [
      "herm automations create",
      'herm automations create --name "Weekly video variations" --schedule "every Monday at 9am" --instructions-file prompt.md',
      'herm automations create --name "Inbox triage" --schedule "every weekday at 8am" --tz Europe/Berlin --instructions "Sort the inbox." --paused',
    ],
  },
  "automations list": {
    about: "List the automations of one deployment or many: schedule, status, last run, next run.",
    use: "To see what is there and when it runs next; with --exit-code as a monitor of a fleet: --failing, --late and --waiting together list what any of them fits. --failing and --waiting look at the last run, as the list has it.",
    inPipe:
      "name, schedule, status, last run, next run, id (with several deployments the deployment's id first)",
    exitCodes: requestCodes({
      8: "some deployments could not be read",
      9: "--exit-code, and something is listed",
    }),
    examples: [
      "herm automations list",
      "herm automations list --paused --sort name",
      "herm automations list --all-deployments --late --failing --waiting --exit-code",
    ],
  },
  "automations get": {
    about: "Show everything about one automation: instructions, recent runs, next times.",
    use: "To look at one before changing or running it. On a terminal it can be left out, and is picked from a list.",
    inPipe: "a field and its value on each line",
    exitCodes: requestCodes(),
    examples: [
      'herm automations get "Weekly video variations"',
      "herm automations get auto_5cT2k9 --next 10 --output json",
    ],
  },
  "automations update": {
    about: "Change only what you name. What is equal already isn't sent.",
    use: "On a terminal without flags it asks what to change; --edit opens the whole automation in your editor. The old one is kept first, and the command that takes the change back is printed.",
    inPipe: "name, schedule, status, next run, id",
    exitCodes: requestCodes({
      6: "a name fits several, or somebody changed the same meanwhile",
      12: unknown,
    }),
    examples: [
      'herm automations update "Weekly video variations" --schedule "every weekday at 18:30"',
      "herm automations update auto_5cT2k9 --instructions-file prompt.md",
      'herm automations update "Weekly video variations" --edit',
    ],
  },
  "automations trigger": {
    about: "Run an automation now, paused or not, and follow the run. Its schedule stays as it is.",
    use: "To try what it does, or to make up for a run that was missed. Ctrl-C stops following, and leaves the run going.",
    inPipe: "run, automation and deployment id; followed: the run as plain lines",
    exitCodes: requestCodes({ 6: "a name fits several, or nothing may run now", ...followCodes }),
    examples: [
      'herm automations trigger "Weekly video variations"',
      "herm automations trigger auto_5cT2k9 --follow --output json",
      "herm automations trigger auto_5cT2k9 --no-follow --output name",
    ],
  },
  "automations delete": {
    about: "Delete automations. They stop at once; past runs and their outputs stay.",
    use: "For what isn't needed again; pause is for what is. It asks first, and where nobody can be asked it needs --yes. What is deleted is kept as a file, and the command that creates it again is printed.",
    inPipe: "name, result, id, why",
    exitCodes: requestCodes({
      1: "the question was answered with no",
      6: "a name fits several, or somebody changed it meanwhile",
      8: "some of several failed",
      12: unknown,
    }),
    examples: [
      'herm automations delete "Weekly video variations"',
      "herm automations delete auto_5cT2k9 auto_9mW3x1 --yes",
    ],
  },
};
