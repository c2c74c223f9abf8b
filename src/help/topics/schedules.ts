import { knownForms } from "../../schedule/forms.js";
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
    "A schedule is a cron of five fields, or words. herm reads it, shows you what it means and when it fires next, and sends the cron: what you saw is what fires. What it can't read it refuses with examples, and never guesses.",
    {
      commands: [
        ['herm schedule explain "every weekday at 18:30"', "try one out: works offline, and needs no key"],
      ],
    },
  ],
  sections: [
    {
      title: "What is understood",
      blocks: [
        { rows: forms },
        "And much else that people write: `everyday at 9am`, `mon/wed/fri 9am`, `m-f 9am`, `every 5m`, `@every 1h`, `every 2 hours from 9 to 17`, `every day except Sunday at 9am`, `every 31st at noon`, `start of the month`, `every 6 hours starting at 3am`. Two schedules in one text become one cron if one cron fires at exactly their times.",
        "What could mean two things is refused, and the refusal asks which: `at 9` (am or pm?), `9-5`, `half past nine`. So is what no cron can say, with the nearest that one can: every other week, the first Monday of a month, every 90 minutes.",
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
        "The API keeps no zone, so the local hour moves when the clocks change; `create` and `update` say when. A manifest's `tz` keeps the hour: apply it again after the change. Without `--tz` on a terminal the preview says both times.",
      ],
    },
    {
      title: "Good to know",
      blocks: [
        {
          list: [
            "The shortest step is a minute. A step starts anew each hour or day, so it has to divide it.",
            "In a cron, a day of the month and a weekday together mean either of them: `0 9 1 * 1` fires on the 1st, and on every Monday.",
            "`every 31st` skips the months that have none.",
            "Two schedules that mean the same count as equal: `every Monday at 9am` and `0 9 * * 1`.",
            "`--as-typed` sends the text for the platform to read: no preview, and no `--tz`.",
            "Next runs that are shown are the server's. If after saving it says another time than the preview did, a warning tells you.",
          ],
        },
      ],
    },
  ],
  see: ["schedule explain", "automations create", "automations upcoming", "manifests"],
};
