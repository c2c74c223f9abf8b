import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "Nothing is said by colour alone, nothing needs a wide terminal, and every question has a flag that answers it.",
  ],
  sections: [
    {
      title: "In lines and words",
      blocks: [
        "For a screen reader: nothing is redrawn, no cursor is moved, there is no colour and no other escape sequence, and marks are words (`ok`, `failed`, `paused`). `HERM_ACCESSIBLE=0` switches it off once. Pipes, `json`, `jsonl` and `name` stay as they are.",
        {
          commands: [["herm config set accessible true", "from now on; HERM_ACCESSIBLE=1 does it once"]],
        },
        {
          rows: [
            [
              "questions",
              "you type the answer: y or n, a number or a name, `1,3-5` where several may be taken",
            ],
            ["long lists", "ten choices at a time, then `more`; a part of a name shows what fits"],
            ["texts", "line by line; a full stop alone on a line ends it, `.edit` opens your editor"],
            ["keys", "nothing is shown while you type one"],
            ["leaving", "Esc and Enter, or Ctrl-C; a wrong answer is asked again, and after three the question is repeated"],
            ["tables", "a block of lines for each row: `name: Weekly report`"],
            ["progress", "a line every five seconds"],
            [
              "--watch",
              "the list once, then only what has changed; `herm status --watch` stands for herm top",
            ],
            ["runs", "whole lines as they come"],
            ["changes", "`was` and `now` instead of signs"],
          ],
        },
        "The terminal hands over at most 4,095 bytes of a typed line. A longer one is refused: break it, or give a file.",
      ],
    },
    {
      title: "Without colour",
      blocks: [
        "Words are in your terminal's own text colour, some of them bold, so they are as readable as your theme makes its text: nothing is paler. Only a mark with words behind it has one of the theme's colours. `--no-color`, `NO_COLOR=1` or `TERM=dumb` turns colour off; a pipe has none unless `FORCE_COLOR` is set. Each state has a mark and a word of its own:",
        {
          rows: [
            ["◉ enabled", "it fires by its schedule"],
            ["○ paused", "it doesn't"],
            ["▣ held", "an open incident keeps it paused"],
            ["✓ completed", "the last run ended well"],
            ["▲ unexpected", "its schedule started a run although it is paused"],
            ["✗ failing", "the last run failed"],
            ["? waiting", "a run waits for a human"],
            ["● running", "a run is under way"],
            ["! late", "it should have run by now, and didn't"],
          ],
        },
      ],
    },
    {
      title: "Without redrawing",
      blocks: [
        "With `TERM=dumb`, or through a pipe, nothing is redrawn and nothing asked: a followed run is printed line by line, and lists are rows. `--quiet` leaves out progress, notes and hints.",
        {
          commands: [
            ["herm automations list | cat", "one row a line, tabs between, no header"],
            ["herm automations list -o json", "each value with its name"],
          ],
        },
      ],
    },
    {
      title: "Without questions",
      blocks: [
        "`--no-input` asks nothing: what is missing ends with 2 and names the flags that say it. `--yes` confirms beforehand.",
      ],
    },
    {
      title: "On a narrow terminal",
      blocks: [
        "Columns shrink before they disappear: at 40 columns a list still has name, status and next run. An id or a time is whole or not there. `--columns` chooses what is shown.",
      ],
    },
  ],
  see: ["output", "environment"],
};
