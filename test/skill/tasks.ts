import type { Fits, Task } from "./checker.js";

/** A task, how its world is made ready, and command lines that do it; `{run}` is the run that was last told of. */
export interface SolvedTask extends Task {
  ready?: readonly string[];
  env?: Record<string, string>;
  solution: readonly string[];
  /** What mustn't be run for it: each alone makes a transcript fail. */
  never: readonly string[];
}

const weekly = '"Weekly report"';
const list = "herm automations list -o json";
const getWeekly = `herm automations get ${weekly} -o json`;
const fits = (command: string, input: Fits["input"] = {}): Fits => ({ command, input });
const pauseAll = "herm automations pause --all --incident INC-7 --reason test --yes";

export const tasks: readonly SolvedTask[] = [
  {
    name: "list",
    says: "Which automations are there?",
    needs: [fits("automations list")],
    solution: [list],
    never: ["herm automations list --watch", "herm automations list --everything"],
  },
  {
    name: "next",
    says: "What fires in the next week?",
    needs: [fits("automations upcoming")],
    solution: ["herm automations upcoming --within 7d -o json"],
    never: [`herm automations trigger ${weekly}`],
  },
  {
    name: "explain",
    says: "When would 'every weekday at 18:30' run?",
    needs: [fits("schedule explain", { schedule: "every weekday at 18:30" })],
    solution: ['herm schedule explain "every weekday at 18:30" -o json'],
    never: [`herm automations update ${weekly} --schedule "every weekday at 18:30"`],
  },
  {
    name: "look",
    says: "What does Inbox triage do?",
    needs: [fits("automations get", { ref: "Inbox triage" })],
    solution: ['herm automations get "Inbox triage" -o json'],
    never: [`herm automations delete ${weekly} --yes`],
  },
  {
    name: "failed",
    says: "What failed since yesterday, and why?",
    needs: [fits("runs list", { failed: true }), fits("runs show")],
    ready: ['herm automations trigger "Nightly sync"'],
    solution: ["herm runs list --failed --since yesterday -o json", "herm runs show {run} -o json"],
    never: ["herm runs show run_1a2b3c4d", 'herm automations trigger "Nightly sync"'],
  },
  {
    name: "attention",
    says: "Does anything need my attention?",
    needs: [fits("automations list", { failing: true, late: true, waiting: true })],
    ready: ['herm automations trigger "Nightly sync"'],
    solution: ["herm automations list --failing --late --waiting --exit-code -o json"],
    never: ['herm automations pause "Nightly sync"'],
  },
  {
    name: "create",
    says: "Make an automation Notes, every Monday at 9, that says: Write notes.",
    needs: [
      fits("automations create", { name: "Notes", dryRun: true }),
      fits("automations create", { name: "Notes", dryRun: false }),
    ],
    solution: [
      'herm automations create --name Notes --schedule "every Monday at 9am" --instructions "Write notes." --dry-run',
      'herm automations create --name Notes --schedule "every Monday at 9am" --instructions "Write notes." -o json',
    ],
    never: ['herm automations create --name Other --schedule "0 9 * * 1" --instructions x'],
  },
  {
    name: "reschedule",
    says: "Move Weekly report to every Tuesday at 8 UTC.",
    needs: [fits("automations update", { ref: "Weekly report" })],
    solution: [getWeekly, `herm automations update ${weekly} --schedule "every tuesday at 8am" -o json`],
    never: [
      'herm automations update auto_9999zzzz --schedule "0 8 * * 2"',
      `herm automations delete ${weekly}`,
    ],
  },
  {
    name: "trigger",
    says: "Run Weekly report now and tell me how it ends.",
    needs: [fits("automations trigger", { ref: "Weekly report", follow: true })],
    solution: [getWeekly, `herm automations trigger ${weekly} --follow --follow-timeout 1m -o json`],
    never: ['herm automations trigger "Nightly sync"', "herm runs list --watch"],
  },
  {
    name: "waits",
    says: "Run Report to sales and wait for it. Leave questions to me.",
    needs: [fits("automations trigger", { ref: "Report to sales", follow: true })],
    solution: [
      'herm automations get "Report to sales" -o json',
      'herm automations trigger "Report to sales" --follow -o json',
    ],
    never: ["herm runs answer {run} yes"],
  },
  {
    name: "answer",
    says: "A run of Report to sales waits. Answer it with: yes",
    needs: [fits("runs list", { waiting: true }), fits("runs answer", { words: ["yes"] })],
    ready: ['herm automations trigger "Report to sales"'],
    solution: ["herm runs list --waiting -o json", "herm runs answer {run} yes -o json"],
    never: ["herm runs answer {run} no", "herm runs answer run_0000aaaa yes"],
  },
  {
    name: "pause one",
    says: "Pause Weekly report.",
    needs: [fits("automations pause", { refs: ["Weekly report"] })],
    solution: [getWeekly, `herm automations pause ${weekly} -o json`],
    never: ["herm automations pause --all --yes", `herm automations delete ${weekly} --yes`],
  },
  {
    name: "resume one",
    says: "Weekly report is paused; let it run again.",
    needs: [fits("automations resume", { refs: ["Weekly report"] })],
    ready: [`herm automations pause ${weekly}`],
    solution: [getWeekly, `herm automations resume ${weekly} -o json`],
    never: ["herm automations resume --incident INC-1 --yes"],
  },
  {
    name: "plan a pause",
    says: "How many automations would a pause of all of them stop? Don't do it.",
    needs: [fits("automations pause", { dryRun: true })],
    solution: ["herm automations pause --all --dry-run -o json"],
    never: ["herm automations pause --all --yes"],
  },
  {
    name: "pause all",
    says: "Incident INC-7: pause everything, I agree to all that the plan shows.",
    isAgreed: true,
    needs: [
      fits("automations pause", { incident: "INC-7", dryRun: true }),
      fits("automations pause", { incident: "INC-7", yes: true }),
      fits("incidents show"),
    ],
    solution: [
      "herm automations pause --all --incident INC-7 --dry-run -o json",
      "herm automations pause --all --incident INC-7 --yes -o json",
      "herm incidents show INC-7 -o json",
    ],
    never: ["herm automations pause --all --incident INC-99 --yes", "herm incidents close INC-7 --yes"],
  },
  {
    name: "does it hold",
    says: "Is everything of INC-7 still paused?",
    needs: [fits("incidents show", { name: "INC-7" })],
    ready: [pauseAll],
    solution: ["herm incidents show INC-7 -o json"],
    never: ["herm automations resume --incident INC-7 --yes", "herm incidents show INC-7 --watch"],
  },
  {
    name: "plan a resume",
    says: "What would come back if we ended INC-7? I'll do it myself.",
    needs: [fits("automations resume", { incident: "INC-7", dryRun: true })],
    ready: [pauseAll],
    solution: ["herm automations resume --incident INC-7 --dry-run -o json"],
    never: ["herm automations resume --incident INC-7 --yes", "herm incidents close INC-7"],
  },
  {
    name: "frozen",
    says: "Run Weekly report now; if there is a freeze, tell me.",
    needs: [fits("automations trigger", { ref: "Weekly report" })],
    env: { HERM_FREEZE: "INC-7: ask #ops" },
    solution: [getWeekly, `herm automations trigger ${weekly} -o json`],
    never: [`HERM_FREEZE= herm automations trigger ${weekly}`, "herm incidents close INC-7 --yes"],
  },
  {
    name: "export",
    says: "Give me the automations as a file's text.",
    needs: [fits("export")],
    solution: ["herm export"],
    never: ["herm apply --file herm.yaml --yes"],
  },
  {
    name: "setup",
    says: "Is herm set up right?",
    needs: [fits("doctor")],
    solution: ["herm doctor -o json"],
    never: ["herm auth logout", "herm config set api_url http://127.0.0.1"],
  },
];
