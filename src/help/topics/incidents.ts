import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "Three commands stop a fleet, prove that it stopped, and bring back exactly what ran before.",
    {
      commands: [
        [
          'herm automations pause --all-deployments --incident INC-42 --reason "bad model"',
          "shows the plan, asks, pauses everything, and checks it",
        ],
        ["herm incidents show INC-42", "asks the server: 0 if everything is still paused, 8 if not"],
        ["herm automations resume --incident INC-42", "resumes what the incident paused, and nothing else"],
      ],
    },
    "In a hurry: `--dry-run` shows the plan and changes nothing, `--yes` skips the question, and the same command again finishes what was cut off.",
  ],
  sections: [
    {
      title: "Pausing",
      blocks: [
        "The plan shows how many it pauses, what would run within the hour, and which runs are still going. Afterwards herm reads everything again, and says what is paused, what failed and why, and how to check, undo and hand over the incident. `--verbose` shows every row.",
        {
          list: [
            'Pausing stops schedules. Runs in progress go on, and so do agents that answer customers. `--tell "Stop after this step"` sends that text once to each run still going; a waiting run takes it as its answer.',
            '`--except "Report*"` (repeatable) skips names, ids, deployments or customers, as in every command. One that matches nothing may be a typo: 4, and nothing is changed.',
            "Without `--incident`, herm makes a name from date and time. A single ref is paused at once, without a question or an incident.",
            "The same `--incident` again adds what it newly pauses.",
            "While an incident is open, `list` and `get` mark what it holds. `trigger` skips that in a selection, and asks before it runs one by ref; where nobody can answer, it needs `--yes`.",
            "The incident's ledger is a file in the data folder, or where `--ledger <file>` says. It is written before the first change, and only you can read it.",
          ],
        },
      ],
    },
    {
      title: "Proving that it holds",
      blocks: [
        "`herm incidents show INC-42` asks the server about everything the incident covers. 0: it holds. 8: it lists what is enabled, can't be read, or ran on schedule although paused (`unexpected`).",
        {
          commands: [
            [
              "herm incidents show INC-42 --watch",
              "checks every five seconds until q or Ctrl-C; in a pipe, one line each time",
            ],
            ["herm incidents show INC-42 --offline", "what the ledger says, without a request"],
            ["herm incidents list", "every incident"],
          ],
        },
      ],
    },
    {
      title: "Bringing it back",
      blocks: [
        {
          commands: [
            "herm automations resume --incident INC-42 --dry-run",
            'herm automations resume --incident INC-42 --except "Report*"',
          ],
        },
        "It resumes what this incident paused and nobody has changed since. It skips, and lists with the reason, what somebody has enabled, deleted, renamed, rescheduled or edited since, and what another incident paused. What was paused before the incident stays paused.",
        {
          list: [
            "It ends with 8 if something that it should have resumed is still paused.",
            "The plan counts the runs that the pause prevented. `--catch-up` starts one for each automation that missed any, unless one has started since or is still going.",
            "`--include-changed` also resumes what was edited since: name, schedule or instructions. Resume anything else by ref.",
            "When two open incidents paused the same automation, only the later one brings it back.",
            "`herm undo` of a pause resumes what that command paused, by the same rules. `herm undo` of a resume pauses exactly that again, into the same incident; runs that it started stay.",
            "When nothing is still paused, the incident closes. `herm incidents close INC-42` leaves the rest paused, and `herm incidents reopen INC-42` undoes that.",
          ],
        },
      ],
    },
    {
      title: "At a set time",
      blocks: [
        "herm resumes nothing by itself: let your scheduler or a CI job run the resume, with `--yes`.",
        {
          rows: [
            ["echo 'herm automations resume --incident INC-42 --yes' | at 06:00", "once, at 06:00"],
            [
              "0 6 * * * herm automations resume --incident INC-42 --yes",
              "a line for cron; once everything is back it does nothing and ends with 0",
            ],
          ],
        },
        "A CI job runs on another machine: give `--ledger <file>` to both commands, and keep that file between the jobs.",
      ],
    },
    {
      title: "Handing over",
      blocks: [
        "Send the ledger; pause prints its path. The other person imports it:",
        { commands: ["herm incidents import <file>"] },
        "Or keep it on a shared folder from the start, with `--ledger`. Only one person at a time can work on an incident; the second sees who does.",
      ],
    },
    {
      title: "Keeping CI from starting things",
      blocks: [
        'Set HERM_FREEZE to a text, such as `HERM_FREEZE="INC-42: ask #ops"`, as a variable of the organisation. Then create, copy, apply, resume, trigger, catch-up and undo refuse to work (6) and print it. `diff` and `--dry-run` still work. After the incident, unset it and run the jobs again.',
      ],
    },
    {
      title: "When it half fails",
      blocks: [
        "Run the same command again: it looks first, and does only what is left. That holds for 8, 12 and 130, and after a crash or an outage. Where something else helps:",
        {
          rows: [
            ["no name was given", "a new one was printed: repeat with `--incident <that name>`"],
            ["show says 1 enabled · 1 new since, exit 8", "run the same pause again"],
            [
              "show says 4 unexpected runs, exit 8",
              "the platform ran what is paused: report it; the same pause again acknowledges those runs",
            ],
            ["exit 3", "the key may not change anything: use another"],
            ["deployment refused, exit 8", "fix the 402 or 403 there; the others are paused"],
            [
              "trying again, or no answer for 5 s; waiting",
              "the API is away: herm goes on until `--max-wait` has passed since the last success",
            ],
            [
              "incident INC-42 is locked by another herm (ada) since …",
              "somebody else is working on it: wait until they are done",
            ],
            [
              "3 still paused, incident INC-42 stays open",
              "`show` lists them: resume them by ref, or close the incident",
            ],
            [
              "incident INC-42 was closed by hand, exit 6",
              "`herm incidents reopen INC-42`, then the same command",
            ],
            [
              "incident INC-42 has diverged from the copy here, exit 6",
              "two people paused under one name: `--as` of `import` keeps both; resume both",
            ],
            [
              "the laptop with the ledger is gone",
              "import a copy elsewhere, or go on with the file of `--ledger`",
            ],
          ],
        },
      ],
    },
  ],
  see: ["automations pause", "automations resume", "incidents show", "gitops", "reliability", "exit-codes"],
};
