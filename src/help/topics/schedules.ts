import { knownForms } from "../../schedule/known-forms.js";
import type { HelpRow } from "../layout.js";
import type { TopicText } from "../topic.js";

const meanings: Readonly<Record<keyof typeof knownForms, string>> = {
  times: "Times of day",
  weekdays: "Days of the week",
  steps: "Every so often",
  dates: "Dates",
  cron: "A cron",
};

const forms: readonly HelpRow[] = Object.entries(knownForms).map(([kind, examples]) => [
  Object.entries(meanings).find(([known]) => known === kind)?.[1] ?? kind,
  examples.join("; "),
]);

export const topicText: TopicText = {
  about: [
    "Write a schedule in words or as a cron of five fields. herm shows what it means and when it runs next, and sends the cron. What it can't read it refuses, with examples; it never guesses.",
    {
      commands: [['herm schedule explain "every weekday at 18:30"', "try one: works offline, without a key"]],
    },
  ],
  sections: [
    {
      title: "What is understood",
      blocks: [
        { rows: forms },
        "And much more that people write: `everyday at 9am`, `mon/wed/fri 9am`, `m-f 9am`, `every 5m`, `@every 1h`, `every 2 hours from 9 to 17`, `every day except Sunday at 9am`, `every 31st at noon`, `start of the month`, `every 6 hours starting at 3am`. Two schedules in one text become one cron if a cron can have exactly their times.",
        "What could mean two things is refused with a question: `at 9` (am or pm?), `9-5`, `half past nine`. So is what no cron can say, with the nearest that one can: every other week, the first Monday of a month, every 90 minutes.",
      ],
    },
    {
      title: "Time zones",
      blocks: [
        "The API's cron is in UTC. `--tz Europe/Berlin`, or `--tz local`, converts the hours that you write:",
        {
          commands: [
            'herm schedule explain "every monday at 9am" --tz America/New_York',
            'herm automations update "Weekly video variations" --schedule "every weekday at 18:30" --tz Europe/Berlin',
          ],
        },
        "The API keeps no zone, so the local hour moves when the clocks change; `create` and `update` say when. A manifest's `tz` keeps the hour if you apply it again after the change.",
      ],
    },
    {
      title: "Good to know",
      blocks: [
        {
          list: [
            "The shortest step is a minute. Steps start again each hour or day, so they have to divide it.",
            "In a cron, a day of the month and a weekday together mean either: `0 9 1 * 1` runs on the 1st and on every Monday.",
            "`every 31st` skips the months that have none.",
            "Two schedules that mean the same count as equal: `every Monday at 9am` and `0 9 * * 1`.",
            "`--as-typed` lets the platform read the text: no preview, no `--tz`.",
            "The next run shown is the server's. If it differs from the preview after saving, herm warns you.",
          ],
        },
      ],
    },
  ],
  see: ["schedule explain", "automations create", "automations upcoming", "manifests"],
};
