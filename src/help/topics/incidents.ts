import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "Three commands stop a fleet, prove that it stopped, and bring back exactly what ran before.",
    {
      commands: [
        [
          'herm automations pause --all-deployments --incident INC-42 --reason "bad model"',
          "shows the plan, asks, pauses all of it, and reads it back",
        ],
        ["herm incidents show INC-42", "asks the server: 0 if all of it is paused, 8 if not"],
        [
          "herm automations resume --incident INC-42",
          "brings back what the incident paused, and nothing else",
        ],
      ],
    },
    "In a hurry: `--dry-run` shows the plan and only reads, `--yes` asks nothing, and the same command again does what is left.",
  ],
  sections: [
    {
      title: "Pausing",
      blocks: [
        "The plan names its target, the counts, and what fires within the hour, soonest first; the question has the number in it. A bar counts what is done and what failed; in a pipe there is a line for each. Then everything is read again. The summary says what was paused (equal names over deployments once, with their number), what is left to other incidents, what failed and why, and the runs under way, which are read last so that no pause waits for them. It ends with how to check it, undo it and hand it over; after failures, with the command that finishes it. `--verbose` shows every row.",
        {
          list: [
            "Pausing stops schedules. Runs under way go on, and so do agents that answer their customers. `--tell <text>` sends a text once to each run under way; one that waits for a human takes it as its answer.",
            "`--except` (repeatable) leaves out a deployment by id or name, a customer by id, an automation by id, or the names that match a glob, here as in every other command. One that matches nothing may be mistyped: 4, and nothing is changed.",
            "Without `--incident` a selection makes a name of date and time, and says it. A ref alone is paused at once, without a question or an incident.",
            "The ledger of an incident is written before the first change, a line for each outcome, in the data folder or where `--ledger <file>` says. Only you can read it, and it belongs to one API.",
            "An incident that is open takes in more with the same `--incident`: its scope grows.",
            "While an incident is open, `herm automations list` and `get` mark what it holds, and `trigger` of a selection skips it; of a ref it asks first, and off a terminal it needs `--yes`.",
          ],
        },
      ],
    },
    {
      title: "Proving that it holds",
      blocks: [
        "`herm incidents show INC-42` asks the server over the whole scope. 0: it holds. 8: something is enabled, was run by its schedule although it is paused (`unexpected`), or can't be read, and it says which. What isn't simply paused stands above the counts; once some automations are back it names those that aren't. Runs still going are counted over all recent runs of an automation, not only its newest.",
        {
          commands: [
            [
              "herm incidents show INC-42 --watch",
              "checks every five seconds until Ctrl-C, in a pipe one line each time",
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
        "It brings back what this incident paused and what is still as it left it. Left alone, and named with the reason, is what somebody has since enabled, deleted, renamed, rescheduled or changed, by herm or without it, and what another incident paused. What was paused on purpose before stays paused.",
        {
          list: [
            "It ends with 8 if something that it should bring back is still paused, for another reason than `--except`.",
            "Nothing that was due meanwhile is made up for by itself. The plan says how many runs the pause kept from happening; `--catch-up` starts one for each automation once it is back, unless one has started since, or an older one is still running or waits.",
            "`--include-changed` also resumes what differs in name, schedule or instructions (compared where they were read after the pause), or what this machine's `update` or `apply` changed. Anything else is resumed by ref.",
            "A change that was made without herm and taken back shows only where the API sends `updated_at`; the plan says so where it doesn't. What ran by its schedule since the pause is left alone then, unless `--include-changed` is given.",
            "Of two open incidents the one brings an automation back whose pause is the last that the server knows of (by its `updated_at`; by time only where the API sends none): always exactly one.",
            "`herm undo` of a pause brings back what that command paused, by the same rules. `herm undo` of a resume pauses again, into the same incident, exactly what that resume brought back, edited since or not; runs that were started stay.",
            "When nothing that it paused is still paused, the incident closes. `herm incidents close INC-42` leaves the rest paused for good, after a question, and `herm incidents reopen INC-42` undoes that.",
          ],
        },
      ],
    },
    {
      title: "At a set time",
      blocks: [
        "herm resumes nothing by itself: your system's scheduler or a CI job runs the resume, with `--yes`: there is nobody to ask.",
        {
          rows: [
            ["echo 'herm automations resume --incident INC-42 --yes' | at 06:00", "once, at 06:00"],
            [
              "0 6 * * * herm automations resume --incident INC-42 --yes",
              "a line for cron; once all is back it does nothing and ends with 0",
            ],
          ],
        },
        "A CI job runs on another machine: give `--ledger <file>` to both commands, and keep that file from one job to the next.",
      ],
    },
    {
      title: "Handing over",
      blocks: [
        "Send the ledger; pause prints its path. The other person takes it over with:",
        { commands: ["herm incidents import <file>"] },
        "Or keep it on a shared folder from the start, with `--ledger`. Two people who work on one incident take turns: the second is told who is at it.",
      ],
    },
    {
      title: "Keeping CI from starting things",
      blocks: [
        'Set HERM_FREEZE to a text, such as `HERM_FREEZE="INC-42: ask #ops"`, as a variable of the organisation. Then create, copy, apply, resume, trigger, catch-up and undo refuse with that text (6) wherever it reaches, so that no job resumes what somebody has just paused. `diff` and `--dry-run` go on working. Unset it when the incident is over, and run the job again.',
      ],
    },
    {
      title: "When it half fails",
      blocks: [
        {
          rows: [
            [
              "error: 3 of 371 failed; first: …, exit 8",
              "read the rows and run the same command again: it does only what is left",
            ],
            [
              "2 enabled when it was read back, exit 8",
              "somebody enabled or created them meanwhile; the rows name them: run the same command again",
            ],
            [
              "1 deployment can't be read, exit 8",
              "nothing in it was paused; run the same command again when it answers",
            ],
            [
              "the outcome of 2 is unknown, exit 12",
              "run the same command again: it looks first and learns what was so",
            ],
            [
              "interrupted: 105 of 200 paused, 95 not started, exit 130",
              "the ledger says what was done and what not; run the same command again, also if the machine died",
            ],
            ["no name was given", "a new one was made and shown: repeat with `--incident <that name>`"],
            [
              "incidents show says 1 enabled · 1 new since, exit 8",
              "something was created since: run the same pause again",
            ],
            [
              "incidents show says 4 unexpected runs, exit 8",
              "the platform ran what is paused: report it; running the same pause again acknowledges those runs, and whatever runs after it counts anew",
            ],
            ["exit 3", "the key may not change anything: use another, then the same command"],
            [
              "deployment refused, exit 8",
              "402 or 403 there; the others were paused: fix it, then the same command",
            ],
            [
              "…; trying again (or no answer for 5 s; waiting) for up to 55 s",
              "the API, or the deployment that it names, is away: it goes on by itself, until `--max-wait` has passed since the last success; the next line says how the others are paused sooner",
            ],
            [
              "no request succeeded for 1 min; nothing was paused",
              "no change took effect: run the same command again when the API is back",
            ],
            [
              "what was paused isn't known, exit 12",
              "changes went out and their answers were lost: run the same command again",
            ],
            [
              "incident INC-42 is locked by another herm (ada) since …",
              "somebody else works on this incident: run the same command again when they are done",
            ],
            [
              "3 still paused, incident INC-42 stays open",
              "`incidents show` names them; resume them by id, or close the incident",
            ],
            [
              "incident INC-42 was closed by hand, exit 6",
              "`herm incidents reopen INC-42`, then the same command",
            ],
            [
              "incident INC-42 is already here, and went another way, exit 6",
              "two have paused under one name: `incidents import` with `--as` keeps both; resume both",
            ],
            [
              "the laptop with the ledger is gone",
              "go on elsewhere by a copy (`incidents import`), or by the file that `--ledger` put on a shared folder",
            ],
          ],
        },
      ],
    },
  ],
  see: ["automations pause", "automations resume", "incidents show", "gitops", "reliability", "exit-codes"],
};
