import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "Nothing is said by colour alone, nothing needs a wide terminal, and every question has a flag that answers it. For a screen reader:",
    { commands: [["herm config set accessible true", "from now on; HERM_ACCESSIBLE=1 does it once"]] },
  ],
  sections: [
    {
      title: "In lines and words",
      blocks: [
        "With that, nothing is redrawn, the cursor stays, there are no escape sequences, and marks are words (`ok`, `failed`, `paused`). `HERM_ACCESSIBLE=0` switches it off once. Pipes and JSON stay as they are.",
        {
          rows: [
            [
              "questions",
              "type the answer: y or n, a number or a name, `1,3-5` where you may choose several",
            ],
            ["long lists", "ten choices at a time, then `more`; part of a name shows what matches"],
            ["texts", "line by line; a full stop alone on a line ends it, `.edit` opens your editor"],
            ["keys", "nothing is shown while you type one"],
            ["leaving", "Esc and Enter, or Ctrl-C; after three wrong answers the question is repeated"],
            ["tables", "a block of lines for each row: `name: Weekly report`"],
            ["progress", "a line every five seconds"],
            [
              "--watch",
              "the list once, then only what changes; use `herm status --watch` instead of herm top",
            ],
            ["runs", "whole lines as they come"],
            ["changes", "`was` and `now` instead of signs"],
          ],
        },
        "A typed line may have 4,095 bytes, which is what terminals pass on. For more, break the line or give a file.",
      ],
    },
    {
      title: "Without colour",
      blocks: [
        "Words are in your terminal's own text colour, some of them bold, so they are as readable as your theme makes its text: nothing is paler. Only a mark with words behind it has one of the theme's colours. `--no-color`, `NO_COLOR=1` or `TERM=dumb` turns colour off; a pipe has none unless `FORCE_COLOR` is set. Each state has a mark and a word of its own:",
        {
          rows: [
            ["◉ enabled", "it runs on schedule"],
            ["○ paused", "it doesn't"],
            ["▣ held", "an open incident keeps it paused"],
            ["✓ completed", "the last run ended well"],
            ["▲ unexpected", "it ran on schedule although paused"],
            ["✗ failing", "the last run failed"],
            ["? waiting", "a run waits for an answer"],
            ["● running", "a run is still going"],
            ["! late", "it should have run already, and didn't"],
          ],
        },
      ],
    },
    {
      title: "Without redrawing",
      blocks: [
        "With `TERM=dumb`, or in a pipe, nothing is redrawn or asked: a followed run is printed line by line, and lists are rows. `--quiet` leaves out progress, notes and hints.",
        {
          commands: [
            ["herm automations list | cat", "one row a line, separated by tabs, no header"],
            ["herm automations list -o json", "each value with its name"],
          ],
        },
      ],
    },
    {
      title: "Without questions",
      blocks: [
        "`--no-input` asks nothing: it ends with 2 and names the flags that are missing. `--yes` confirms beforehand.",
      ],
    },
    {
      title: "On a narrow terminal",
      blocks: [
        "Columns shrink before they disappear: at 40 columns a list still has name, status and next run. An id or a time is never cut. `--columns` chooses what is shown.",
      ],
    },
  ],
  see: ["output", "environment"],
};
