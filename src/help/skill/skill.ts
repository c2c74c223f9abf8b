import type { TopicSection } from "../topic.js";
import { askingPeople, changing, otherPeoplesText, reading } from "./rules.js";

/** When an agent should read it: always in its sight. */
export const skillDescription =
  "Work with Herm's scheduled AI automations through the herm command: list, create, change, run, watch, pause and restore them, follow their runs, check incidents, apply automations as files. Use it when somebody asks about automations, their runs or schedules on Herm, or wants them changed.";

/** What herm works with, for who knows nothing of it. */
export const whatThereIs =
  "An automation is instructions that an agent carries out on a schedule; each time is a run. Automations belong to a deployment, and deployments to a customer.";

const beforeRules: readonly TopicSection[] = [
  {
    title: "Rules",
    blocks: [
      {
        list: [
          "Add `--no-input` to every command: it asks nothing, and ends with 2 if something is missing.",
          "Read with `-o json`, and decide by the exit code, not by the text.",
          "Never invent an id. Deployments: `herm deployments list -o json`. Automations: `herm automations list -o json`. Runs: `herm runs list -o json`, or what `trigger` printed. Incidents: `herm incidents list -o json`.",
          "Look before you change, and change only what you were asked to.",
          "Don't poll. To wait for a run's end, follow it; `--watch` never ends.",
        ],
      },
    ],
  },
  {
    title: "Which command for what",
    blocks: [
      {
        commands: [
          ["herm automations list --all-deployments -o json", "all automations, and when each runs next"],
          ["herm automations get <ref> -o json", "everything about one, its instructions and recent runs"],
          ["herm automations upcoming --within 24h -o json", "what runs next"],
          [
            "herm status --all-deployments -o json",
            "how the fleet is now: counts, and what waits, fails or is late, with its question or error",
          ],
          [
            "herm automations list --all-deployments --failing --late --waiting --exit-code -o json",
            "what needs attention: 9 if anything does",
          ],
          [
            "herm runs list --failed --since 12h --all-deployments -o json",
            "what failed, and with which error",
          ],
          [
            "herm automations audit --all-deployments --since 7d -o json",
            "which scheduled runs were late or missed",
          ],
          [
            "herm automations audit --all-deployments --by automation -o json",
            "the same counted for each automation, with failed runs and p95",
          ],
          ["herm runs show <run> -o json", "what one run did and said"],
          [
            "herm runs watch <run> --follow-timeout 10m -o json",
            "wait until a run ends, then print one object",
          ],
          [
            "herm automations trigger <ref> --follow --follow-timeout 10m -o json",
            "run one now and wait for its end",
          ],
          [
            'herm schedule explain "every weekday at 18:30" -o json',
            "check a schedule, offline, before you use it",
          ],
          [
            'herm automations create --name "Weekly notes" --schedule "every Monday at 9am" --instructions-file prompt.md --dry-run',
            "show what would be created; without `--dry-run`, create it",
          ],
          ['herm automations update <ref> --schedule "every weekday at 18:30"', "change only what you name"],
          [
            "herm automations update --all-deployments --replace five --with six --dry-run",
            "what a change of many would do; do it, with `--yes`, only if a person agrees",
          ],
          ["herm automations pause <ref>", "stop its schedule; runs in progress go on"],
          ["herm automations resume <ref>", "start its schedule again"],
          [
            "herm automations lint --file herm.yaml --json",
            "mistakes and likely mistakes in files, without the API",
          ],
          ["herm automations diff --file herm.yaml", "how files and a deployment differ: 9 if they do"],
          ["herm automations apply --file herm.yaml --dry-run", "what apply would change"],
          ["herm automations apply --plan plan.json --dry-run", "what a saved plan would change"],
          [
            "herm automations adopt --file herm.yaml --record herm.lock.yaml --dry-run",
            "which existing automations it would record",
          ],
          ["herm automations export", "a deployment's automations as a file"],
          [
            "herm automations copy <ref> --to dep_9mW3x1 --dry-run",
            "what a copy to another deployment would create",
          ],
          [
            "herm automations catch-up --all-deployments --since 24h --dry-run",
            "what it would start, one run for each automation that missed any",
          ],
          ["herm undo last --dry-run", "what undoing the last change would do"],
          ["herm doctor", "what is wrong with the setup"],
        ],
      },
      "Anything else: the reference page on commands, or `herm commands -o json`. Never guess a flag.",
    ],
  },
  {
    title: "Many at once",
    blocks: [
      "A selection is `--deployment <id>` (repeatable), `--customer <id>` or `--all-deployments`, narrowed by `--match <glob>` on names and `--except`. Without these a command works on the one deployment that is set up. Run the selection with `--dry-run` or `list` first, and report the count before you change anything. A change whose `--except` matches nothing is refused (4).",
    ],
  },
];

const afterRules: readonly TopicSection[] = [
  {
    title: "Undo",
    blocks: [
      "Each change prints an `undo:` line with a whole command on stderr. Run it when somebody asks for it, not of your own accord. A deleted automation comes back under a new id. Give what you were asked for as `--reason`, for the history.",
      {
        commands: [
          ["herm history -o json", "who changed what from here, and why"],
          ["herm history c_7f3kq9 -o json", "what one change did, before and after"],
        ],
      },
    ],
  },
  {
    title: "Incidents",
    blocks: [
      {
        commands: [
          ["herm incidents list -o json", "which are open"],
          ["herm incidents show INC-42 -o json", "whether everything is still paused: 0, or 8 if not"],
          [
            "herm automations pause --all-deployments --incident INC-42 --dry-run",
            "the plan; do it, with `--yes`, only if a person agrees",
          ],
          ["herm automations resume --incident INC-42 --dry-run", "what would be resumed"],
        ],
      },
      "While HERM_FREEZE is set, create, copy, apply, resume, trigger, catch-up and undo are refused (6). That is on purpose: report its text, and look for no way around it. Don't resume by ref what `list` marks as held by an incident.",
    ],
  },
  {
    title: "Time and cost",
    blocks: [
      "A run costs money and may act on the world. Trigger only what you were asked to, once. herm retries by itself, so don't loop around it. `--follow-timeout` ends with 12 while the run goes on: watch it, don't trigger again. Exit code 7: the API is away; report it.",
    ],
  },
  {
    title: "Trying things out",
    blocks: [
      "`--local` on any command uses a server on this machine, with its own data. Try there what you aren't sure of:",
      { commands: ["herm --local automations list -o json"] },
    ],
  },
];

/** What the skill says, the rules among it that `herm help agents` says too. */
export const skillSections: readonly TopicSection[] = [
  ...beforeRules,
  reading,
  changing,
  otherPeoplesText,
  askingPeople,
  ...afterRules,
];
